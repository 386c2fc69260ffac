package rx

// The budget of a search that goes back. Whatever the pattern and the text are,
// a search ends, and nothing of it is kept: where the budget is spent, nothing
// matches, also where (?!…) asks that nothing does.
const (
	// maxText is how much of a text is looked at, in bytes: what stands beyond
	// is as if it were not there.
	maxText = 64 << 10
	// maxSteps is how many steps all looks for one match may take together.
	maxSteps = 2_000_000
	// lookSteps is what a look around or an atomic group costs beside the steps
	// in it, and perStep how many bytes Go's engine may look at for one.
	lookSteps = 50
	perStep   = 16
)

// spend takes steps from the budget and says whether there were as many.
func (r *run) spend(n int) bool {
	r.left -= n
	return r.left >= 0
}
