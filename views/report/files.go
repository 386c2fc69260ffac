package report

import (
	"strconv"
	"strings"
	"time"
)

// LedgerRow is a module of a host's ledger.
type LedgerRow struct {
	Name      string     `json:"name"`
	Image     string     `json:"image"`
	Type      string     `json:"type"`
	Present   string     `json:"present"`
	First     *time.Time `json:"first"`
	Last      *time.Time `json:"last"`
	AddedBy   string     `json:"added_by"`
	RemovedBy string     `json:"removed_by"` // "" it is not known to be gone
	Judgement string     `json:"judgement"`
	Reason    string     `json:"reason"`
	Hosts     int64      `json:"hosts"`
	SHA256    string     `json:"sha256,omitempty"`
}

// ConfigChange is a difference between versions of a configuration that no event says.
type ConfigChange struct {
	At      *time.Time `json:"written"` // when the version that has it was written
	Text    string     `json:"text"`
	Where   string     `json:"config_path"`
	Detail  string     `json:"detail"` // what it was set to
	Version string     `json:"version"`
	Line    int        `json:"line,omitempty"`
	Why     string     `json:"why"` // what that may come from
}

// MachineKey is a literal machine key of a file; its values stand nowhere.
type MachineKey struct {
	Path    string     `json:"path"`
	Line    int        `json:"line"`
	Which   string     `json:"which"`
	Scope   string     `json:"scope"` // a location of the file; "" the whole of it
	Written *time.Time `json:"written"`
}

// says is a key in words.
func (k *MachineKey) says() string {
	of := ""
	if k.Scope != "" {
		of = " for " + k.Scope
	}
	return "a literal " + k.Which + of + ", line " + strconv.Itoa(k.Line) + ": rotate these"
}

// keyWords say what a literal key means.
const keyWords = "Who has read these files can forge view states, and come back without a module. The values are " +
	"masked everywhere here."

func (m mdWriter) ledger(h Host) {
	if len(h.Ledger) > 0 {
		m.head(3, "Module ledger")
		m.table("Judged", "Module", "Image", "There", "First", "Last", "Added by", "Removed by", "Hosts", "Why")
	}
	for _, x := range h.Ledger {
		m.row(plain(x.Judgement), code(x.Name), strings.TrimSpace(code(x.Image)+" "+code(x.SHA256)), plain(x.Present),
			stampOf(x.First), stampOf(x.Last), code(x.AddedBy), code(x.RemovedBy),
			strconv.FormatInt(x.Hosts, 10), plain(x.Reason))
	}
	if h.MoreLedger > 0 {
		m.line("\n%s not listed here: modules.csv has all.", plural(h.MoreLedger, "module is", "modules are"))
	}
	if len(h.Config) > 0 {
		m.head(3, "Configuration: changes that no event says")
		m.table("Version written", "What", "Set to", "Where", "Version", "Why")
	}
	for _, x := range h.Config {
		m.row(stampOf(x.At), code(x.Text), code(x.Detail), code(x.Where), code(x.Version), plain(x.Why))
	}
	if h.MoreConfig > 0 {
		m.line("\n%s not listed here: the page of its configuration has all.", plural(h.MoreConfig, "change is",
			"changes are"))
	}
	if len(h.MachineKeys) > 0 {
		m.head(3, "Machine keys to rotate")
	}
	for _, k := range h.MachineKeys {
		m.line("- %s: %s", code(k.Path), plain(k.says()))
	}
	if h.MoreKeys > 0 {
		m.line("\n%s not listed here: the page of its configuration has them.", plural(h.MoreKeys, "more key is",
			"more keys are"))
	}
	if len(h.MachineKeys) > 0 {
		m.line("\n%s", keyWords)
	}
}
