package detection

import (
	"cmp"
	"strconv"
	"strings"
	"sync"

	"escutcheon/event"
)

// ChangeEvent is a change to modules, ISAPI filters or logging as one event says
// it, or a file that is known to be bad.
type ChangeEvent struct {
	Kind   Kind
	Module string
	Image  string // the new image or type; of a BadFile the file
	Hash   string // of a BadFile: its SHA-256 or SHA-1 in hex
	Scope  string // where: MACHINE/WEBROOT/APPHOST, a site below it, or the site that the path names
	By     string // the account, else its SID; "" when the log names neither
}

// Kinds that only a ChangeEvent has; they are stored. A Change is LoggingChanged
// where HTTP logging was switched on again.
const (
	BadFile       Kind = 1 << (21 + iota) // a file whose hash is publicly known bad
	FromCommand                           // a command says it, not the log of the configuration
	HTTPLoggingOn                         // HTTP logging switched on again
)

// Kinds that only a ChangeEvent has, too: what was done to an ISAPI filter, where the
// log says so; and a change to a list of modules as a whole.
const (
	FilterAdded Kind = 1 << (11 + iota)
	FilterRemoved
	ModuleList
)

// ofNote are the kinds of change that a verdict is about.
const ofNote = ModuleKinds | HTTPLoggingOff | HTTPLoggingOn | ETWTargetRemoved | ISAPIFilter

// ChangeEventOf is what an event changes, where that is of note.
func ChangeEventOf(e *event.Event) (c ChangeEvent, ok bool) {
	if e.EventCode == 29 && (strings.EqualFold(e.Channel, event.IISConfiguration) || e.FromIISAlone()) {
		return configured(e)
	}
	if c, ok = commandOf(e); !ok {
		c, ok = badFileOf(e)
	}
	if !ok {
		c, ok = blindingOf(e)
	}
	if !ok {
		c, ok = loadOf(e)
	}
	return c, ok
}

// configured is what the log of the configuration says was changed.
func configured(e *event.Event) (c ChangeEvent, ok bool) {
	change, ok := ChangeOf(e)
	if !ok {
		return c, false
	}
	if c, ok = handlerOf(&change, e); ok {
		return c, true
	}
	toggled := loggingSwitch(&change)
	if change.Kind&LoggingChanged != 0 {
		change.Kind = LoggingChanged | toggled
	}
	if change.Kind&ofNote == 0 && toggled == 0 {
		return c, false
	}
	c = ChangeEvent{Kind: change.Kind, Module: change.Module, Image: change.Image, Scope: change.ConfigPath,
		By: AccountOf(e)}
	if site := siteOf(change.Configuration); site != "" {
		c.Scope = site
	}
	if change.Kind&ISAPIFilter != 0 {
		c.Module = filterOf(change.Configuration)
	}
	op, _ := e.Get("EditOperationType")
	c.Kind |= wholly(&change, strings.TrimSpace(op))
	return c, true
}

// wholly is what was done to a whole ISAPI filter, or to a list of modules; else 0.
func wholly(c *Change, op string) Kind {
	steps := parsePath(c.Configuration)
	n := len(steps)
	if n == 0 || strings.HasPrefix(steps[n-1].name, "@") {
		return 0
	}
	switch {
	case c.Kind&ModuleKinds != 0 && c.Module == "":
		return ModuleList
	case c.Kind&ISAPIFilter == 0 || n < 3:
	case op == opAdd:
		return FilterAdded
	case op == opDelete:
		return FilterRemoved
	}
	return 0
}

// ChangeRules match the events of which ChangeEventOf may say something.
var ChangeRules = sync.OnceValues(func() (*Rules, error) {
	all, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	out := all[:1:1] // the seed
	for i, search := range noted {
		plan, err := Compile(search, BuiltInMacros())
		if err != nil {
			return nil, err
		}
		out = append(out, &Rule{ID: strconv.Itoa(i), Search: search, compiled: planned(plan)})
	}
	return NewRules(out), nil
})

// noted ask for the events that commandOf and badFileOf look at.
var noted = []string{
	"EventCode=4104 (*module* OR *dontLog* OR *httpLogging* OR *logFile*) | stats count BY EventCode",
	`LogName="Security" EventCode=4688 CommandLine IN ("*module*", "*dontLog*", "*httpLogging*", "*logFile*") ` +
		`| stats count BY EventCode`,
	`LogName="Microsoft-Windows-Sysmon/Operational" (EventCode=1 OR Hashes=* OR Hash=*) | stats count BY EventCode`,
	`EventCode=104 OR EventCode>=9000 EventCode<=9012 | stats count BY EventCode`,
	`LogName="Security" (EventCode=1102 OR EventCode=4657 OR EventCode=4688 CommandLine="*wevtutil*") ` +
		`| stats count BY EventCode`,
	`LogName="Microsoft-Windows-Sysmon/Operational" EventCode=13 TargetObject="*WINEVT*" | stats count BY EventCode`,
	`LogName="Microsoft-Windows-Sysmon/Operational" EventCode=7 Image="*w3wp.exe" | stats count BY EventCode`,
	`EventCode=2280 OR EventCode=2282 | stats count BY EventCode`,
	`EventCode=4104 (*wevtutil* OR *Clear-EventLog*) | stats count BY EventCode`,
}

// loggingSwitch is HTTPLoggingOn where a change that is none of HTTPLoggingOff
// switched logging on, Unsure where the log does not say which way, else 0.
func loggingSwitch(c *Change) Kind {
	if c.Kind&LoggingChanged == 0 {
		return 0
	}
	steps := parsePath(c.Configuration)
	n := len(steps)
	if n < 2 {
		return 0
	}
	what, attr := strings.ToLower(steps[n-2].name), strings.ToLower(steps[n-1].name)
	off := ""
	switch {
	case what == "httplogging" && attr == "@dontlog":
		off = "true"
	case what == "logfile" && attr == "@enabled":
		off = "false"
	default:
		return 0
	}
	was, is := strings.TrimSpace(c.Old), strings.TrimSpace(c.New)
	switch {
	case is == "" && was == "":
		return Unsure
	case is != "" || strings.EqualFold(was, off) || was == map[string]string{"true": "1", "false": "0"}[off]:
		return HTTPLoggingOn
	}
	return 0
}

// AccountOf is the account that an event names, else its SID; empty when it has neither.
func AccountOf(e *event.Event) string {
	get := func(name string) string {
		v, _ := e.Get(name)
		if v == "-" || v == "NOT_TRANSLATED" {
			return ""
		}
		return v
	}
	user := get("User")
	if user == "" { // as NXLog names it
		if user = get("AccountName"); user != "" && get("Domain") != "" {
			user = get("Domain") + `\` + user
		}
	}
	return cmp.Or(user, get("Sid"))
}

// siteOf is the site that a path below system.applicationHost/sites names;
// "all sites" for their defaults.
func siteOf(configuration string) string {
	for _, s := range parsePath(configuration) {
		switch strings.ToLower(s.name) {
		case "sitedefaults":
			return "all sites"
		case "site":
			return s.attrs["name"]
		}
	}
	return ""
}

// filterOf is the name of the ISAPI filter that a path names.
func filterOf(configuration string) string {
	for _, s := range parsePath(configuration) {
		if name := s.attrs["name"]; name != "" {
			return name
		}
	}
	return ""
}
