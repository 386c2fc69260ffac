package rx

// What a search that goes back may take. Whatever the pattern and the text are,
// a search ends, and nothing of it is kept: where the budget is spent, nothing
// matches, also where (?!…) asks that nothing does, and the budget is Over: what
// was asked is not decided.
const (
	// maxText is how much of a text is looked at, in bytes: of a longer one
	// nothing is decided but what is found in there.
	maxText = 64 << 10
	// maxSteps is how many steps all looks for one match may take together where
	// nobody gives a budget.
	maxSteps = 2_000_000
	// lookSteps is what a look around or an atomic group costs beside the steps
	// in it, and perStep how many bytes Go's engine may look at for one.
	lookSteps = 50
	perStep   = 16
	// perState is how often Go's engine may come to a state of a pattern at a
	// byte for one step: it mostly comes to few of them.
	perState = 32
	// foreignSteps is what reading a pattern costs that an event holds, and
	// perWord how many words of memory are made ready for one step.
	foreignSteps = 2000
	perWord      = 16
)

// Budget is how many steps matches may take together: all those of one event,
// say. A step is about ten nanoseconds. The zero Budget is spent. One goroutine
// uses it at a time.
type Budget struct {
	left int
	over bool
}

// NewBudget is one of so many steps.
func NewBudget(steps int) Budget { return Budget{left: steps} }

// Spend takes steps and says whether there were as many. From the first time that
// there were not, there are none.
func (b *Budget) Spend(steps int) bool {
	b.left -= steps
	b.over = b.over || b.left < 0
	return !b.over
}

// Over says whether more was asked for than there was: then what matches said is
// not to be believed.
func (b *Budget) Over() bool { return b.over }

// Left is how many steps there are yet.
func (b *Budget) Left() int { return max(b.left, 0) }

// spend takes steps from the budget and says whether there were as many.
func (r *run) spend(n int) bool { return r.budget.Spend(n) }
