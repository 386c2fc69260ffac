package onfile

import (
	"strings"
	"time"

	"escutcheon/detection/verdict"
)

// Committed is a change that the log of the configuration says, whatever it is about: a
// finding of the seed's, which holds all events that say the same.
type Committed struct {
	ConfigPath, Configuration string
	First, Last               time.Time
	Finding                   string
	Event                     int64 // one of them
}

// Match finds, for what differs and is neither a module nor logging, the events that say
// so: of the same path, and between the two versions.
func (h *History) Match(all []Committed) {
	at := map[string][]*Committed{}
	for i := range all {
		key := committedKey(all[i].ConfigPath, all[i].Configuration)
		at[key] = append(at[key], &all[i])
	}
	before := map[string]time.Time{} // of each file, when the version before was written
	for i := range h.Versions {
		v := &h.Versions[i]
		chain := "server"
		if v.Config.Level != "" {
			chain = v.Config.Level
		}
		after := before[chain]
		before[chain] = v.Modified
		for k := range v.Differences {
			if d := &v.Differences[k]; d.Said == nil && d.Why == notMatched {
				d.match(at, after, v.Modified)
			}
		}
	}
}

func committedKey(configPath, configuration string) string {
	return strings.ToLower(strings.Trim(configPath, "/") + "\x00" + strings.Trim(configuration, "/"))
}

func (d *Difference) match(at map[string][]*Committed, after, until time.Time) {
	paths := []string{d.Configuration}
	for _, a := range d.Attributes {
		paths = append(paths, d.Configuration+"/@"+a.Name)
	}
	if i := strings.LastIndex(d.Configuration, "/@"); i > 0 { // an event may name the element alone
		paths = append(paths, d.Configuration[:i])
	}
	for _, p := range paths {
		for _, c := range at[committedKey(d.ConfigPath, p)] {
			if between(c.First, c.Last, after, until) {
				d.Said, d.Why = &verdict.Change{At: c.First, Event: c.Event, Finding: c.Finding}, ""
				return
			}
		}
	}
	d.Why = "No event of that path lies between the two versions: edited by hand, or the channel was off then."
}
