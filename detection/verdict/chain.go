package verdict

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"escutcheon/detection"
)

// Beside is an event of another rule's finding, near a change.
type Beside struct {
	At      time.Time
	Text    string                    // what it says, for a person
	Names   []detection.CommandModule // the modules that its command changes
	Says    []string                  // its other words that may name a module or image
	By      string
	Event   int64
	Finding string
}

// Link is one step of what led to the gravest change.
type Link struct {
	At      time.Time
	Text    string
	By      string
	Event   int64
	Finding string
	Shared  string // what joins it to the change: "module name", "image", "within 5 s"; "" it is the change
	Logging bool   // it joins logging that was switched off, not the module
	Beside  bool   // it is no change and joins none: a module failed to load, and nothing was changed
	Events  int    // that say it; 0 and 1: one

	Artifact int64 // the file of the server that says it, where no event does
}

const (
	seconds   = 5 * time.Second // facts of different logs within these are of one moment
	mostLink  = 30              // links of a chain
	leastWord = 4               // a shorter name joins nothing
)

// Around is from when to when events may belong to the gravest change; ok is
// false when there is none with a time.
func (v *Verdict) Around() (from, to time.Time, ok bool) {
	at := v.When()
	if at.IsZero() {
		return at, at, false
	}
	return at.Add(-Before), at.Add(time.Hour), true
}

// When is when the gravest change was; zero when there is none with a time.
func (v *Verdict) When() (at time.Time) {
	switch {
	case len(v.Modules) > 0:
		return v.Modules[0].At
	case len(v.Off) > 0:
		return v.Off[0].From
	case len(v.ETW) > 0:
		return v.ETW[0].At
	case len(v.Maybe) > 0:
		return v.Maybe[0].At
	}
	return at
}

// off is the time of logging off that belongs to the gravest change.
func (v *Verdict) off() *Off {
	switch {
	case len(v.Modules) > 0:
		return offBefore(v.Off, v.Modules[0].At)
	case len(v.Off) > 0:
		return &v.Off[0]
	}
	return nil
}

// Chain is what led to the gravest change, by time: the change, logging going off
// before it, and the events of other logs that share the host and a moment, or the
// host and a name.
func (v *Verdict) Chain(beside []Beside) (out []Link) {
	var m *Module
	if len(v.Modules) > 0 {
		m = &v.Modules[0]
		step := Link{At: m.At, Text: m.step(), By: m.By, Event: m.Event, Finding: m.Finding, Events: m.Events}
		if m.Found != nil { // no event says it
			step.Events, step.Artifact = 0, m.Found.Artifact
		}
		out = append(out, step)
	}
	if m != nil && m.File != nil {
		out = append(out, Link{At: m.File.At, Text: m.File.Image + " has the " + m.Report.Hash + " " + m.File.Hash,
			Event: m.File.Event, Shared: "image", Artifact: m.File.Artifact})
	}
	off := v.off()
	if off != nil {
		link := Link{At: off.From, Text: "HTTP logging switched off for " + off.Scope, By: off.By, Event: off.Event,
			Finding: off.Finding, Logging: true, Artifact: off.Found.artifact()}
		if off.Found != nil {
			link.Text = "HTTP logging is off for " + off.Scope + " in " + off.Found.File
		}
		out = append(out, link)
	}
	for _, b := range beside {
		if shared, logging := joins(b, m, off); shared != "" {
			out = append(out, Link{At: b.At, Text: b.Text, By: b.By, Event: b.Event, Finding: b.Finding, Shared: shared,
				Logging: logging})
		}
	}
	slices.SortStableFunc(out, func(a, b Link) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event))
	})
	out = slices.CompactFunc(out, func(a, b Link) bool { return a.Event == b.Event && a.Event != 0 })
	if len(out) > mostLink { // what is nearest to the change stays
		at := slices.IndexFunc(out, func(l Link) bool { return l.Shared == "" && !l.Logging })
		from := min(max(at-mostLink*2/3, 0), len(out)-mostLink)
		out = out[from : from+mostLink]
	}
	return out
}

// joins says what an event of another log shares with the change or with logging
// going off; "" nothing but the host.
func joins(b Beside, m *Module, off *Off) (shared string, logging bool) {
	if m != nil {
		switch shared, others := b.shares(m); {
		case shared != "":
			return shared, false
		case others:
			return "", false
		case near(b.At, m.At):
			return "within 5 s", false
		}
	}
	if off != nil && near(b.At, off.From) {
		return "within 5 s", true
	}
	return "", false
}

// shares says which name an event shares with a module; others: it names other modules
// only, and has nothing to do with this one however near it is.
func (b *Beside) shares(m *Module) (shared string, others bool) {
	file := detection.ImageName(m.Image)
	for _, n := range b.Names {
		if m.Name != "" && strings.EqualFold(n.Name, m.Name) {
			return "module name", false
		}
	}
	for _, n := range b.Names {
		if file != "" && detection.ImageName(n.Image) == file {
			return "image", false
		}
	}
	if len(b.Names) == 0 && slices.ContainsFunc(b.Says, func(s string) bool { return names(s, m.Name, word) }) {
		return "module name", false
	}
	if file != "" && slices.ContainsFunc(b.Says, func(s string) bool { return names(s, file, word+`\/`) }) {
		return "image", false
	}
	return "", len(b.Names) > 0
}

func near(a, b time.Time) bool {
	d := a.Sub(b)
	return !a.IsZero() && !b.IsZero() && d >= -seconds && d <= seconds
}

// word is what parts the words of a command line, beside blanks.
const word = `"'=:;,|&()[]{}<>`

// names says whether a text has a name as a whole word, without case, where some
// characters part words: zeta is no word of zeta.dll or zeta-plus.
func names(text, name, parting string) bool {
	parts := func(c byte) bool { return c <= ' ' || strings.IndexByte(parting, c) >= 0 }
	text, name = lower(text), lower(name)
	if len(name) < leastWord {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || parts(text[i-1])) && (end == len(text) || parts(text[end])) {
			return true
		}
		from = i + 1
	}
}

// artifact is the number of the file that a change was found in; 0: an event says it.
func (c *Change) artifact() int64 {
	if c == nil {
		return 0
	}
	return c.Artifact
}

// step says what was done to a module, in few words.
func (m *Module) step() string {
	if m.List {
		return "List of modules changed as a whole"
	}
	what := "Module"
	if m.Filter {
		what = "ISAPI filter"
	}
	s := what + " " + m.Name + " " + m.verb()
	if m.Found != nil {
		s = what + " " + m.Name + " " + m.foundVerb() + " in " + m.Found.File
	}
	if m.Image != "" {
		s += ", " + m.imageWord() + " " + m.Image
	}
	return s
}
