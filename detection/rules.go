package detection

import (
	"cmp"
	"sync"

	"escutcheon/detection/index"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Rules are the rules in force: compiled, indexed by what their searches ask
// of an event, and run over every event that is stored. They are read-only and
// may be used by many goroutines at once. What was read and is not in force is
// Content's.
type Rules struct {
	// Patience is how many steps (spl.Bounds) a rule may take in MatchBriefly for
	// events that are not quick, before it is set aside; 0 is somewhat more than a
	// second's. It is set before the first call.
	Patience int

	all   []*Rule
	byID  map[string]*Rule
	whole bool // any is
	made  func() *matching

	patience patience
}

// matching is what events are matched with.
type matching struct {
	plans []*spl.Plan
	index *index.Index
	whole []whole
}

// whole is a rule that is run over whole windows, and the kinds of events that it
// starts from.
type whole struct {
	rule  *Rule
	kinds index.Kinds
}

// NewRules puts rules into force, in their order. Those that are not compiled yet are
// when the first event is matched.
func NewRules(all []*Rule) *Rules {
	out := &Rules{all: all, byID: make(map[string]*Rule, len(all)),
		made: sync.OnceValue(func() *matching { return newMatching(all) })}
	for _, r := range all {
		out.byID[r.ID], out.whole = r, out.whole || r.Whole()
	}
	return out
}

func newMatching(all []*Rule) *matching {
	plans := make([]*spl.Plan, len(all))
	everywhere(len(all), func(i int) { plans[i] = all[i].Plan() })
	m := &matching{plans: plans, index: index.NewIndex(plans)}
	for i, r := range all {
		if r.Whole() {
			m.whole = append(m.whole, whole{r, index.OfPlan(plans[i])})
		}
	}
	return m
}

// AnyWhole says whether any rule is run over whole windows (spl.Plan.Whole).
func (r *Rules) AnyWhole() bool { return r.whole }

// Concerned are the rules that are run over whole windows (spl.Plan.Whole) and may
// start from an event of a channel and a code; with any, from whatever event.
func (r *Rules) Concerned(channel string, code int64, any bool) (out []*Rule) {
	for _, w := range r.made().whole {
		if any || w.kinds.Has(channel, code) {
			out = append(out, w.rule)
		}
	}
	return out
}

// Find is the rule with an id, nil when none has it.
func (r *Rules) Find(id string) *Rule { return r.byID[id] }

// All are all of them. The slice is not to be changed.
func (r *Rules) All() []*Rule { return r.all }

// Candidates appends the numbers, in All, of those that may match an event, in
// order. A rule whose number is not among them does not match it.
func (r *Rules) Candidates(e spl.Event, dst []int) []int { return r.made().index.Candidates(e, dst) }

// Odd says that an event answers in its own way when a search asks for its
// channel or code: any rule may match it.
func Odd(e *event.Event) bool { return e.Odd || index.Odd(e) }

// Kinds says which channels and codes the events have that any of the rules may
// match, those apart that are Odd.
func (r *Rules) Kinds() index.Kinds { return r.made().index.Kinds() }

// Match is what one rule makes of one event for one of its rows.
type Match struct {
	Event int // index in the batch
	Rule  *Rule
	// Part has the BY values, and the fields for lack of which the event is in
	// no row. Of a rule that is run over whole windows it has nothing: the rule is
	// to be run over the window that the event falls into.
	Part   spl.Part
	Change Kind // what the configuration change means; 0 when it is none
	// Aside says that the rule was set aside, and that it may match the event
	// (MatchBriefly).
	Aside bool
}

// Match appends what the rules make of e, in their order; Match.Event is at.
func (r *Rules) Match(dst []Match, at int, e *event.Event) []Match {
	dst, _ = r.MatchSteps(dst, at, e)
	return dst
}

// MatchSteps is Match, and says how many steps of work it took (spl.Bounds).
func (r *Rules) MatchSteps(dst []Match, at int, e *event.Event) (_ []Match, steps int) {
	return r.match(dst, at, e, nil, false)
}

// memos are for events that several rules look at.
var memos = sync.Pool{New: func() any { return new(spl.Memo) }}

func (r *Rules) match(dst []Match, at int, e *event.Event, skip func(*Rule) bool, brief bool) (_ []Match, steps int) {
	var room [16]int
	var parts []spl.Part
	var change Kind
	known := false // what the event changes, which is the same for all rules
	m := r.made()
	candidates := m.index.Candidates(e, room[:0])
	asked := spl.Event(e)
	if len(candidates) > 1 {
		memo := memos.Get().(*spl.Memo)
		memo.Set(e)
		defer func() { memo.Set(nil); memos.Put(memo) }()
		asked = memo
	}
	for _, i := range candidates {
		if skip != nil && skip(r.all[i]) {
			continue
		}
		if m.plans[i].Whole() {
			if e.HasTime && m.plans[i].Matches(e) {
				dst = append(dst, Match{Event: at, Rule: r.all[i]})
			}
			continue
		}
		if brief && r.patience.has(r.all[i]) {
			dst = append(dst, Match{Event: at, Rule: r.all[i], Aside: true})
			continue
		}
		var took int
		parts, took = m.plans[i].FeedSteps(asked, parts[:0])
		if steps += took; brief {
			r.patience.note(r.all[i], took, cmp.Or(r.Patience, mostPatience))
		}
		for _, p := range parts {
			if p.Idle {
				continue
			}
			if !known {
				change, known = kindOfChange(e), true
			}
			dst = append(dst, Match{Event: at, Rule: r.all[i], Part: p, Change: change})
		}
	}
	return dst, steps
}

// kindOfChange is what a change to the IIS configuration is about; 0 for any
// other event.
func kindOfChange(e *event.Event) Kind {
	c, ok := ChangeOf(e)
	if !ok {
		return 0
	}
	return c.Kind
}
