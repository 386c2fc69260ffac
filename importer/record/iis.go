package record

import (
	"strconv"
	"strings"

	"escutcheon/event"
)

// The provider whose messages are rendered here.
const (
	iisProvider = "Microsoft-Windows-IIS-Configuration"
	iisGUID     = "dc0b8e51-4863-407a-bc3c-1b479b2978ac"
)

// part is a stretch of a message and the field that follows it: the n-th of
// the event's data, whose name is known for some. The last part has no field.
type part struct {
	text, name string
	n          int
}

// iisMessages are the provider's own, by event id; see the manifest.
var iisMessages = map[int64][]part{
	29: {{"Changes to '", "Configuration", 4}, {"' at '", "ConfigPath", 2}, {text: "' have successfully been committed."}},
	30: {{"Failed to commit changes to '", "Configuration", 4}, {"' at '", "ConfigPath", 2}, {text: "'."}},
	50: {{"Changes have successfully been committed to '", "ConfigPath", 1}, {text: "'."}},
	51: {{"Failed to commit changes to '", "ConfigPath", 2}, {text: "' because file on the disk has been changed."}},
	52: {{"Checking whether file '", "ConfigPath", 2}, {"' has changed on the disk returned '", "", 9}, {text: "'."}},
	54: {{text: "A commit operation has been initiated."}},
	55: {{"A commit operation has completed. The status code is: '", "", 1}, {text: "'."}},
}

// IsIIS says whether a provider, by name or GUID, is the one of IIS
// configuration changes.
func IsIIS(provider, guid string) bool {
	return strings.EqualFold(provider, iisProvider) || strings.EqualFold(strings.Trim(guid, "{}"), iisGUID)
}

// RenderIIS gives e what its log leaves to the provider's templates, when it
// is of the IIS configuration provider: the Message made from data, and Info
// for the opcode 0. data is all of EventData, the empty fields too; ordered
// says that it stands in the order of the log, so that its n-th field is the
// template's. A message that needs an absent field is not made.
func RenderIIS(e *event.Event, guid, opcode string, data []event.Field, ordered bool) {
	if !IsIIS(e.Provider, guid) {
		return
	}
	if e.OpCode == "" && opcode == "0" {
		SetOpCode(e, "Info")
	}
	if e.Message != "" {
		return
	}
	parts := iisMessages[e.EventCode]
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
		if p.n == 0 {
			SetMessage(e, b.String())
			e.Rendered = true
			return
		}
		v, ok := p.value(data, ordered)
		if !ok {
			return
		}
		b.WriteString(v)
	}
}

func (p part) value(data []event.Field, ordered bool) (string, bool) {
	if p.name != "" {
		for i := range data {
			if data[i].Name == p.name {
				return data[i].Value, true
			}
		}
	}
	if !ordered || p.n > len(data) || (p.name != "" && data[p.n-1].Name != "Data") {
		return "", false
	}
	return data[p.n-1].Value, true
}

// LevelText is a level's name as classic text has it in Type, or "".
func LevelText(level string) string {
	n, err := strconv.Atoi(level)
	if err != nil {
		return ""
	}
	switch n {
	case 1:
		return "Critical"
	case 2:
		return "Error"
	case 3:
		return "Warning"
	case 0, 4:
		return "Information"
	case 5:
		return "Verbose"
	}
	return ""
}
