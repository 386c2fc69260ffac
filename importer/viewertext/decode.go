package viewertext

import (
	"strings"

	"escutcheon/event"
	"escutcheon/importer/inner"
	"escutcheon/importer/record"
	"escutcheon/importer/viewerlabel"
)

// parts is what the text says of an event, as it says it.
type parts struct {
	at       [viewerlabel.Correlation + 1]string
	userName string
	message  string
	xml      string
	ends     bool // the description was reached
}

// absent are the values that stand for none.
var absent = map[string]bool{"N/A": true, "Nicht zutreffend": true, "N/D": true, "n.v.t.": true, "Non disponible": true,
	"No disponible": true, "Não disponível": true}

// decode fills e from its Raw. followed says that nothing is missing at its
// end. The result is why it is no event, or "".
func decode(e *event.Event, opt record.Options, followed bool) string {
	p := readParts(record.Text(e, opt))
	raw, offset, is1252 := e.Raw, e.Offset, e.Windows1252
	defer func() { e.Raw, e.Offset, e.Windows1252 = raw, offset, is1252 }()
	opt.Encoding = record.UTF16LE // the text is decoded already
	if p.xml != "" && readXML(e, p.xml, opt) {
		p.complete(e)
		return ""
	}
	e.Reset()
	if reason := p.check(followed); reason != "" {
		return reason
	}
	if !record.SetEventCode(e, p.at[viewerlabel.EventID]) {
		return reasonCode
	}
	p.event(e, opt)
	return ""
}

// check is why the parts are too few for an event.
func (p *parts) check(followed bool) string {
	switch {
	case p.ends:
		return ""
	case !followed:
		return reasonCut
	case p.at[viewerlabel.EventID] == "" || p.at[viewerlabel.Computer] == "" || p.at[viewerlabel.Log] == "":
		return reasonTorn
	}
	return ""
}

// readParts takes the text of one event apart.
func readParts(text string) parts {
	var p parts
	for first := true; text != ""; first = false {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if first && strings.HasPrefix(line, "Event[") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(name) > mostLine {
			continue
		}
		name, value = strings.TrimLeft(name, " \t"), strings.Trim(value, " \t\r\u00a0")
		part := viewerlabel.Lookup(name)
		switch {
		case part == viewerlabel.Description:
			p.ends = true
			p.message, p.xml = cutXML(text)
			if value != "" {
				p.message = value + "\n" + p.message
			}
			return p
		case part == viewerlabel.XML:
			p.ends, p.xml = true, text
			return p
		case absent[value]:
		case part != viewerlabel.None:
			if p.at[part] == "" {
				p.at[part] = value
			}
		case strings.EqualFold(name, "User Name"):
			p.userName = value
		}
	}
	return p
}

// cutXML parts a description from the XML of the event below it.
func cutXML(text string) (description, xml string) {
	for from := 0; ; {
		i := strings.Index(text[from:], "<Event")
		if i < 0 {
			return text, ""
		}
		i += from
		before := strings.TrimRight(text[:i], "- \t\r\n")
		line := before[strings.LastIndexByte(before, '\n')+1:]
		if name, ok := strings.CutSuffix(line, ":"); ok && viewerlabel.Lookup(name) == viewerlabel.XML {
			return before[:len(before)-len(line)], text[i:]
		}
		from = i + len("<Event")
	}
}

// readXML makes e of the XML and says whether it could. Of XML that is cut
// short, System may still be whole: it has the exact time and the record
// number, and the text has the rest.
func readXML(e *event.Event, xml string, opt record.Options) bool {
	const last, system = "</Event>", "</System>"
	if i := strings.LastIndex(xml, last); i >= 0 {
		xml = xml[:i+len(last)]
	} else if i := strings.Index(xml, system); i >= 0 {
		xml = xml[:i] + system + last
	} else {
		return false
	}
	return inner.One(xml, opt, e) == ""
}

// complete adds what the XML does not say.
func (p *parts) complete(e *event.Event) {
	if m := event.NormalizeMessage(p.message); m != "" && m != "N/A" && (e.Message == "" || e.Rendered) {
		if e.Rendered {
			for i := range e.Fields {
				if e.Fields[i].Name == "Message" {
					e.Fields = append(e.Fields[:i], e.Fields[i+1:]...)
					break
				}
			}
		}
		e.Message, e.Rendered = "", false
		record.SetMessage(e, m)
	}
	have := map[string]bool{}
	for _, f := range e.Fields {
		have[f.Name] = true
	}
	if k := p.at[viewerlabel.Keywords]; k != "" && !have["KeywordsValue"] {
		for i := range e.Fields {
			if e.Fields[i].Name == "Keywords" {
				e.Fields[i].Name = "KeywordsValue"
			}
		}
		e.Add("Keywords", k)
	}
	if !have["TaskCategory"] {
		e.Add("TaskCategory", p.at[viewerlabel.Task])
	}
	if !have["User"] {
		e.Add("User", p.user())
	}
	record.SetComputer(e, p.at[viewerlabel.Computer])
}

// event makes e of the text alone.
func (p *parts) event(e *event.Event, opt record.Options) {
	record.SetChannel(e, p.at[viewerlabel.Log])
	record.SetProvider(e, p.at[viewerlabel.Source])
	if t := p.at[viewerlabel.Time]; t != "" {
		record.SetLocalTime(e, t, opt)
	}
	record.SetComputer(e, p.at[viewerlabel.Computer])
	record.SetComputer(e, opt.Computer)
	e.Add("Type", p.at[viewerlabel.Level])
	record.SetOpCode(e, p.at[viewerlabel.OpCode])
	e.Add("TaskCategory", p.at[viewerlabel.Task])
	e.Add("Keywords", p.at[viewerlabel.Keywords])
	if u := p.at[viewerlabel.User]; strings.HasPrefix(u, "S-1-") {
		e.Add("Sid", u)
	}
	e.Add("User", p.user())
	if m := record.Trim(p.message); m != "N/A" {
		record.SetMessage(e, p.message)
	}
}

// user is the account, which wevtutil gives beside its SID.
func (p *parts) user() string {
	if p.userName != "" || strings.HasPrefix(p.at[viewerlabel.User], "S-1-") {
		return p.userName
	}
	return p.at[viewerlabel.User]
}
