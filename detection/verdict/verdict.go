// Package verdict says what the changes to modules and logging of a host come to:
// the gravest first, in a sentence. It is pure; it knows no store and no clock.
package verdict

import (
	"slices"
	"sort"
	"time"

	"escutcheon/detection"
)

// Gravity ranks what was found.
type Gravity int

// The gravities. Critical is what is publicly known bad, poses as IIS's own, or
// is unknown with logging switched off within the Before before it; High an
// unknown module; Medium one of which nothing says when it came, one removed, one of which the log does not say whether
// it was added or removed, logging switched off, an ISAPI filter; Low one of
// IIS's own or a known product's.
const (
	None Gravity = iota
	Low
	Medium
	High
	Critical
)

var gravities = [...]string{"none", "low", "medium", "high", "critical"}

func (g Gravity) String() string { return gravities[g] }

// Before is how long before an unknown module logging going off makes it
// critical.
const Before = 24 * time.Hour

// Change is a change to modules, filters or logging, as one event says it.
type Change struct {
	detection.ChangeEvent
	Event   int64     // its number
	At      time.Time // zero when it has none
	Finding string    // key of a finding that it is in; "" none
	Closed  bool      // all findings that it is in are closed, or suppressed by a filter

	// Of what a file of the server says and no event (detection.FromFile): which file, what
	// it is called, and what it may come from that no event says it. At is when the file was
	// written then.
	Artifact  int64
	File, Why string
}

// Action is what was done to a module.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
	Unsure  Action = "unsure" // added or removed: the log does not say which
)

// Module is a module, or an ISAPI filter, that was changed.
type Module struct {
	Name   string // as the log spells it
	Image  string // file or type; "" not seen
	Filter bool   // an ISAPI filter
	List   bool   // the list of modules as a whole: the log names none
	detection.Judged
	Action  Action
	Gravity Gravity
	At      time.Time // of what Action is
	By      string    // the account, else its SID; "" when the log names neither
	Scope   string
	Event   int64
	Finding string
	Events  int       // that say it
	Removed time.Time // when it was removed after that, and did not come back with this image; zero: not in these logs
	Gone    time.Time // when it was removed last, whether or not it came back
	Again   *Change   // that added it again after that, with this image or another
	Said    bool      // by a command alone: no change of the log of the configuration follows it
	File    *Change   // that says its image's hash, where that is publicly known bad
	Closed  bool      // all of its findings are closed or suppressed: it does not rank the host
	Found   *Change   // a file of the server says it, and no event; nil: an event or a command does
}

// Standing says that nothing tells when a module came: the oldest version of the
// configuration has it.
func (m *Module) Standing() bool { return m.Found != nil && m.Found.Kind&detection.Standing != 0 }

// Off is a time during which HTTP logging was switched off.
type Off struct {
	From    time.Time
	To      time.Time // zero: it is not on again in these logs
	Scope   string
	By      string
	Event   int64
	Finding string
	Closed  bool
	Said    bool    // by a command alone
	Found   *Change // a file of the server says it, and no event
}

// Log is what is known of the log of the configuration of a host: when its first and
// last events were, zero where that is not known.
type Log struct {
	There    bool
	From, To time.Time
}

// Verdict is what the changes of a host come to.
type Verdict struct {
	Gravity  Gravity // of what is neither closed nor suppressed
	Modules  []Module
	Off      []Off
	ETW      []Change // the removals of the ETW log target
	Maybe    []Change // changes to HTTP logging, the log does not say which way
	Sentence string
	log      Log
}

// Make makes the verdict of the changes of a host, in any order. Of what commands say
// only that counts which no change of the log follows.
func Make(changes []Change) Verdict { return Log{}.Make(changes) }

// Make makes a verdict that also says whether the log covers what commands alone say.
func (l Log) Make(changes []Change) Verdict {
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, byTime)
	changes = l.unfollowed(changes)
	v := Verdict{Off: offs(changes), log: l}
	for _, c := range changes {
		switch {
		case c.Kind&detection.ETWTargetRemoved != 0:
			v.ETW = append(v.ETW, c)
		case c.Kind&(detection.LoggingChanged|detection.Unsure) == detection.LoggingChanged|detection.Unsure:
			v.Maybe = append(v.Maybe, c)
		}
	}
	v.Modules = modules(changes)
	byHash(v.Modules, changes)
	history(v.Modules)
	for i := range v.Modules {
		m := &v.Modules[i]
		m.Gravity = gravityOf(m, v.Off)
		if !m.Closed {
			v.Gravity = max(v.Gravity, m.Gravity)
		}
	}
	slices.SortStableFunc(v.Modules, graver)
	if v.loggingOpen() {
		v.Gravity = max(v.Gravity, Medium)
	}
	v.Sentence = v.sentence()
	return v
}

// loggingOpen says whether there is anything about logging that is not closed.
func (v *Verdict) loggingOpen() bool {
	open := func(c Change) bool { return !c.Closed }
	return slices.ContainsFunc(v.Off, func(o Off) bool { return !o.Closed }) ||
		slices.ContainsFunc(v.ETW, open) || slices.ContainsFunc(v.Maybe, open)
}

// Key is what modules that are the same on several hosts have alike.
func (m *Module) Key() (name, image string) {
	return lower(m.Name), detection.ImageKey(m.Image)
}

func gravityOf(m *Module, off []Off) Gravity {
	switch {
	case m.Judgement == detection.Bad, m.Judgement == detection.Masquerade:
		return Critical
	case m.Filter, m.Action == Removed, m.Action == Unsure:
		return Medium
	case m.Judgement != detection.Unknown:
		return Low
	case m.Standing():
		return Medium
	case offBefore(off, m.At) != nil:
		return Critical
	}
	return High
}

// offBefore is the last time that logging went off in the Before before at; nil
// when there is none.
func offBefore(off []Off, at time.Time) *Off {
	n := sort.Search(len(off), func(i int) bool { return off[i].From.After(at) })
	if n == 0 || at.IsZero() || off[n-1].From.IsZero() || at.Sub(off[n-1].From) > Before {
		return nil
	}
	return &off[n-1]
}

// judged are the judgements, the gravest first.
var judged = []detection.Judgement{detection.Bad, detection.Masquerade, detection.Unknown, detection.Known,
	detection.Own}

// graver orders modules: what is open, then by gravity, judgement, whether the log says
// it, whether it is there yet, and time.
func graver(a, b Module) int {
	if a.Closed != b.Closed {
		return map[bool]int{false: -1, true: 1}[a.Closed]
	}
	if a.Gravity != b.Gravity {
		return int(b.Gravity - a.Gravity)
	}
	if d := slices.Index(judged, a.Judgement) - slices.Index(judged, b.Judgement); d != 0 {
		return d
	}
	if a.Said != b.Said { // what the log says is surer
		return map[bool]int{false: -1, true: 1}[a.Said]
	}
	if gone := !a.Removed.IsZero(); gone != !b.Removed.IsZero() {
		return map[bool]int{false: -1, true: 1}[gone]
	}
	return a.At.Compare(b.At)
}

func byTime(a, b Change) int {
	if d := a.At.Compare(b.At); d != 0 {
		return d
	}
	return int(min(max(a.Event-b.Event, -1), 1))
}
