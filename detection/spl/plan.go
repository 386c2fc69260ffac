package spl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"time"
)

// Plan is a compiled search. It is read-only (but for Panic) and may be used by many
// goroutines at once.
//
// A plan has three parts. The streaming part works on events one by one and
// makes any number of Parts of each. The aggregation keeps a State for each
// key. The tail makes the finished rows of keys and states: row by row (Local)
// or, where a command such as sort, dedup or a second stats needs them, of all
// rows at once.
type Plan struct {
	search      string
	expanded    string
	fingerprint string

	model  Model  // tstats: whose fields the events show
	prefix string // of the model
	first  []Expr // what the search commands that come first ask for
	filter every  // the same, compiled
	before []step // the rest of the streaming part

	by     []string
	span   time.Duration // of _time among the by fields
	aggs   []aggPlan
	slots  []aggPlan // those of aggs that a State has a slot for
	stored int
	plain  bool // no aggregating command: equal rows are one

	after        []step
	early        []func(*rec) bool // those of after that say whether a key has a row
	idles        *idles            // of keys that were asked for
	local        bool
	asideKeeps   bool // no command of the tail that sets rows aside changes any
	asideStreams bool
	timed        bool // _time may not be the event's where it is aggregated
	columns      []string
	empty        []string // lookup tables without a row that it needs

	whole *Query // for what the three parts cannot say

	panicked atomic.Pointer[Panic] // the first one
}

// Whole says that the search cannot be run event by event: it joins, appends, has
// a subsearch, or makes rows in another way that needs more than the events as
// they come in. Such a plan has no states and makes no Parts. It is run over all
// events of a window at once, by its Query, and again when the window gains or
// loses an event that it Matches.
func (p *Plan) Whole() bool { return p.whole != nil }

// Query runs a plan that is Whole; nil of any other.
func (p *Plan) Query() *Query { return p.whole }

// Scans are what the search starts from, and its subsearches: of a plan that is
// not Whole one, its First and Model.
func (p *Plan) Scans() []Scan {
	if p.whole != nil {
		return p.whole.scans
	}
	return []Scan{{First: p.first, Model: p.model}}
}

// sign makes the fingerprint: of the text, and of the tables it looks up in.
func (p *Plan) sign(c *compiler) {
	h := sha256.New()
	h.Write([]byte(p.expanded))
	for _, t := range c.used {
		fmt.Fprintf(h, "\n%s", c.env.shared.fingerprint(t))
	}
	for _, name := range c.revised(p) {
		fmt.Fprintf(h, "\nrevised %s", name)
	}
	if c.terms && c.env.Revised != nil {
		fmt.Fprint(h, "\nrevised terms")
	}
	if c.indexes && c.env.Revised != nil {
		fmt.Fprint(h, "\nrevised index")
	}
	if c.index && c.env.Revised != nil {
		fmt.Fprint(h, "\nrevised index field")
	}
	p.fingerprint = hex.EncodeToString(h.Sum(nil)[:8])
}

// namesIn are where names begin and end in a text.
func namesIn(text string) iter.Seq2[int, int] {
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
	return func(yield func(int, int) bool) {
		for i := 0; i < len(text); i++ {
			if !letter(text[i]) {
				continue
			}
			from := i
			for i < len(text) && (letter(text[i]) || '0' <= text[i] && text[i] <= '9') {
				i++
			}
			if !yield(from, i) {
				return
			}
		}
	}
}

// revised are the names in the search that mean something else than they did.
func (c *compiler) revised(p *Plan) (out []string) {
	if c.env.Revised == nil {
		return nil
	}
	for from, to := range namesIn(p.expanded) {
		name := p.expanded[from:to]
		if from > 0 && to < len(p.expanded) && p.expanded[from-1] == '<' && p.expanded[to] == '>' {
			continue // a tag that is looked for in the text of events
		}
		if c.env.Revised(p.model, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func refuse(c Command, subject, reason string) *Error {
	o := c.From()
	if subject == "" {
		subject = fmt.Sprintf("command %q", o.Name)
	}
	e := &Error{Command: o.Name, Pos: o.Pos, Subject: subject, Reason: reason}
	if n := len(o.Macros); n > 0 {
		e.Macro = o.Macros[n-1]
	}
	return e
}

// Search is the search as it was given.
func (p *Plan) Search() string { return p.search }

// Expanded is the search with its macros put in.
func (p *Plan) Expanded() string { return p.expanded }

// Fingerprint is the same for searches that are the same text once their
// macros are put in, that look up in equal tables and whose fields mean the same. Rows and states of
// another fingerprint are stale.
func (p *Plan) Fingerprint() string { return p.fingerprint }

// Columns are the names of a row's columns, in order.
func (p *Plan) Columns() []string { return slices.Clone(p.columns) }

// By are the names of the fields whose values are a key: the BY fields of the
// first stats or tstats, and without one all columns.
func (p *Plan) By() []string { return slices.Clone(p.by) }

// Local says that each row is made of one key and its state alone (Row). If
// not, the rows of a window, or of all time, are made together (Rows).
func (p *Plan) Local() bool { return p.local }

// Rekeys says that rows may have keys that are no group's: those of a second
// aggregation.
func (p *Plan) Rekeys() bool {
	return slices.ContainsFunc(p.after, func(s step) bool { return s.rekeys })
}

// Model is the dataset that the search is over; nil for events as they are.
func (p *Plan) Model() Model { return p.model }

// First are the conditions that an event must fit before anything else looks at
// it: those of the search commands that the search starts with, or of tstats.
// All of them must hold.
func (p *Plan) First() []Expr { return p.first }

// AsideStreams says whether commands of a macro that is Aside run on events,
// before the aggregation: then states depend on them.
func (p *Plan) AsideStreams() bool { return p.asideStreams }
