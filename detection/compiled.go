package detection

import (
	"cmp"
	"sync"
	"sync/atomic"

	"escutcheon/detection/spl"
)

// compiled is what a rule's search comes to: what must be known of it to keep the
// rule, and its plan, which may be made when somebody first asks for it.
type compiled struct {
	fingerprint string
	unfiltered  string // see Unfiltered; "" is the same
	whole       bool

	once sync.Once
	make func() *spl.Plan // nil: plan is there
	plan *spl.Plan
	done atomic.Pointer[spl.Plan] // plan, once it is made
}

func planned(p *spl.Plan) *compiled {
	return &compiled{fingerprint: p.Fingerprint(), whole: p.Whole(), plan: p}
}

// Plan is the compiled search.
func (r *Rule) Plan() *spl.Plan {
	c := r.compiled
	c.once.Do(func() {
		if c.make != nil {
			c.plan, c.make = made(c.make), nil
		}
		c.done.Store(c.plan)
	})
	return c.plan
}

// made is a plan; where making it panics, one that matches nothing and says so.
func made(plan func() *spl.Plan) (p *spl.Plan) {
	defer func() {
		if v := recover(); v != nil {
			p = matchesNothing()
			p.Failed(v, "compiling its search")
		}
	}()
	return plan()
}

// Panic is the first panic of the rule's plan in this process; nil where there was none.
func (r *Rule) Panic() *spl.Panic {
	if p := r.compiled.done.Load(); p != nil {
		return p.Panic()
	}
	return nil
}

// Fingerprint is the plan's: what it finds is the same where this is.
func (r *Rule) Fingerprint() string { return r.compiled.fingerprint }

// Whole says whether the rule is run over whole windows (spl.Plan.Whole).
func (r *Rule) Whole() bool { return r.compiled.whole }

// Unfiltered names the search without its filter: the states of rules for
// which it is the same are the same, and only their rows differ.
func (r *Rule) Unfiltered() string { return cmp.Or(r.compiled.unfiltered, r.compiled.fingerprint) }

// compileLater has a rule compiled when its plan is first asked for. That it can be
// is known.
func (r *Rule) compileLater(with compiling) {
	r.compiled.make = func() *spl.Plan {
		one := *r
		one.Warnings = nil
		if _, err := with.compile(&one); err != nil {
			return never() // what is known is not so: somebody has changed it
		}
		return one.compiled.plan
	}
}

// never is a plan that matches no event.
var never = sync.OnceValue(matchesNothing)

func matchesNothing() *spl.Plan {
	p, err := Compile("index=_none | stats count by dest", nil)
	if err != nil {
		panic(err)
	}
	return p
}
