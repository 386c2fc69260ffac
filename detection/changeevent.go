package detection

import (
	"cmp"
	"strings"
	"sync"

	"escutcheon/event"
)

// ChangeEvent is a change to modules, ISAPI filters or logging as one event says
// it.
type ChangeEvent struct {
	Kind   Kind
	Module string
	Image  string // the new image or type
	Scope  string // where: MACHINE/WEBROOT/APPHOST, a site below it, or the site that the path names
	By     string // the account, else its SID; "" when the log names neither
}

// HTTPLoggingOn is a kind that only a ChangeEvent has: HTTP logging switched on
// again. A Change is LoggingChanged then.
const HTTPLoggingOn Kind = 1 << 23

// noted are the kinds of change that a verdict is about.
const noted = ModuleKinds | HTTPLoggingOff | HTTPLoggingOn | ETWTargetRemoved | ISAPIFilter

// ChangeEventOf is what an event changes, where that is of note.
func ChangeEventOf(e *event.Event) (c ChangeEvent, ok bool) {
	if e.EventCode != 29 || !strings.EqualFold(e.Channel, event.IISConfiguration) && !e.FromIISAlone() {
		return c, false
	}
	change, ok := ChangeOf(e)
	if !ok {
		return c, false
	}
	toggled := loggingSwitch(&change)
	if change.Kind&LoggingChanged != 0 {
		change.Kind = LoggingChanged | toggled
	}
	if change.Kind&noted == 0 && toggled == 0 {
		return c, false
	}
	c = ChangeEvent{Kind: change.Kind, Module: change.Module, Image: change.Image, Scope: change.ConfigPath,
		By: accountOf(e)}
	if site := siteOf(change.Configuration); site != "" {
		c.Scope = site
	}
	if change.Kind&ISAPIFilter != 0 {
		c.Module = filterOf(change.Configuration)
	}
	return c, true
}

// ChangeRules match the events of which ChangeEventOf may say something.
var ChangeRules = sync.OnceValues(func() (*Rules, error) {
	all, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	return NewRules(all[:1]), nil // the seed
})

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

// accountOf is the account that an event names, else its SID.
func accountOf(e *event.Event) string {
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
