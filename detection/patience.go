package detection

import (
	"maps"
	"sync"
	"sync/atomic"

	"escutcheon/event"
)

// mostPatience is as many steps as 64 events take that take all they may
// (spl.EventBounds): somewhat more than a second.
const mostPatience = 64 * 2_000_000

// quickSteps are how many an event takes that do not count: a millisecond.
const quickSteps = 100_000

// patience says which rules have taken so much that they are set aside.
type patience struct {
	mu    sync.Mutex
	took  map[*Rule]int
	aside atomic.Pointer[map[*Rule]bool] // nil: none; never changed
}

// note notes what a rule took for an event that was not quick.
func (p *patience) note(r *Rule, steps, most int) {
	if steps <= quickSteps {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.took == nil {
		p.took = map[*Rule]int{}
	}
	if p.took[r] += steps; p.took[r] >= most && !p.has(r) {
		p.setAside(r)
	}
}

func (p *patience) setAside(r *Rule) {
	aside := map[*Rule]bool{r: true}
	if was := p.aside.Load(); was != nil {
		maps.Copy(aside, *was)
	}
	p.aside.Store(&aside)
}

func (p *patience) has(r *Rule) bool {
	aside := p.aside.Load()
	return aside != nil && (*aside)[r]
}

// MatchBriefly is Match for those whom others wait for, without the rules that skip
// says yes to; nil skips none. A rule that takes very much for all events together
// (Patience) is set aside: for each event that it may match there is a Match that says
// Aside, and the rule is to be run over it another time.
func (r *Rules) MatchBriefly(dst []Match, at int, e *event.Event, skip func(*Rule) bool) []Match {
	dst, _ = r.match(dst, at, e, skip, true)
	return dst
}

// SetAside sets a rule aside as if it had taken too much.
func (r *Rules) SetAside(rule *Rule) {
	r.patience.mu.Lock()
	defer r.patience.mu.Unlock()
	r.patience.setAside(rule)
}

// Forgive has no rule be set aside any more, until it takes as much again.
func (r *Rules) Forgive() {
	r.patience.mu.Lock()
	defer r.patience.mu.Unlock()
	clear(r.patience.took)
	r.patience.aside.Store(nil)
}
