package rx_test

import (
	"strings"
	"testing"

	"escutcheon/detection/spl/rx"
)

// A text is looked at to 64 KiB: what stands beyond is as if it were not there.
// Go's engine looks at all of it.
func TestBudgetOfText(t *testing.T) {
	for n, want := range map[int]string{64<<10 - 1: "b", 64 << 10: "no"} {
		text := strings.Repeat("a", n) + "b"
		found{`b(?!c)`, text, want}.check(t)
		found{`b`, text, "b"}.check(t)
	}
	found{`a(?!b)`, strings.Repeat("-", 64<<10-1) + "ab", "a"}.check(t)
}

// Where the steps are spent nothing matches, also where nothing should: what is
// not known is not taken for true. It takes no more than the budget.
func TestBudgetOfSteps(t *testing.T) {
	as := strings.Repeat("a", 40)
	for _, f := range []found{
		{`^(a|aa)+\1b`, as, "no"},      // with a reference nothing is remembered
		{`^(a|aa)+\1b|a`, as, "no"},    // the other half is not come to
		{`(?!(a|aa)+\2*b)a`, as, "no"}, // there is none, but who knows
		{`(?<=(?!(a|aa)+\2*b)^)a`, as, "no"},
		{`(?>(?!(a|aa)+\2*b))a`, as, "no"},
	} {
		f.pattern = strings.ReplaceAll(f.pattern, `\2`, `\1`)
		f.check(t)
		withinBudget(t, f.pattern, f.text)
	}
	// The same within the budget.
	found{`^(a|aa)+\1b`, "aaab", "aaab|a"}.check(t)
	found{`(?!(a|aa)+\1*b)a`, "aaac", "a|-"}.check(t)
}

// withinBudget: a search that spends the budget takes hardly a step beyond it,
// the last one of each look that is under way.
func withinBudget(t *testing.T, pattern, text string) {
	t.Helper()
	spent, budget, err := rx.Spent(pattern, text)
	if err != nil || spent < budget || spent > budget+budget/200 {
		t.Errorf("%s on %.80q took %d steps of %d, %v", pattern, text, spent, budget, err)
	}
}

// What refers to no group tries nothing twice, so nothing of this is near the
// budget.
func TestBudgetRemembers(t *testing.T) {
	as := strings.Repeat("a", 2000)
	checkAll(t, []found{
		{`^(a|aa|a+)+b(?!c)`, as, "no"},
		{`^(a|aa|a+)+b(?!c)|a(?!a)`, as, "a|-"},
		{`(?=(?:\ba|aa|a+)+b)a|a\b(?!b)`, as, "a"},
		{`(?!(?:\ba|aa|a+)+b)a\b`, as[:200], "a"},
		{`(?:a*)*(?=c)c`, as[:200] + "c", as[:200] + "c"},
		{`^(?:(?>\w*)a|\w)+b`, as[:200], "no"},
	})
}

// All that is looked around for in one match has one budget together.
func TestBudgetIsShared(t *testing.T) {
	const pattern = `(?=(?=(?=(a|aa)+\1b)|a)|a).*z`
	text := strings.Repeat("a", 3000)
	found{pattern, text, "no"}.check(t)
	withinBudget(t, pattern, text)
}

// A look around costs steps of its own, more of a longer text, so that many of
// them over a long text end, too.
func TestBudgetOfLooking(t *testing.T) {
	for n, want := range map[int]string{1000: "b", 10_000: "no"} {
		if n > 1000 && testing.Short() {
			continue
		}
		found{`(?=a*b)(?!a).`, strings.Repeat("a", n) + "b", want}.check(t)
	}
}

// A pattern that would need too many bits to remember goes without.
func TestBudgetOfMemory(t *testing.T) {
	found{`(?:a{9000}b|a)*(?!a)c`, strings.Repeat("a", 20_000) + "c", "no"}.check(t)
	found{`(?:a{9000}b|a)*(?!a)c`, "aac", "aac"}.check(t)
	// A loop that matches nothing ends then, too.
	found{`(?:(?:a{9000})?|a)*(?>c)`, strings.Repeat("-", 8000) + "aac", "aac"}.check(t)
}
