package rx

import "fmt"

// Spent is how many steps the search for a first match takes, and how many it
// may take. The pattern has to be one that Go's engine cannot run.
func Spent(pattern, s string) (steps, budget int, err error) {
	re, err := Compile(pattern)
	if err != nil || re.slow == nil {
		return 0, 0, fmt.Errorf("no program of ours: %w", err)
	}
	r := newRun(s, len(re.names))
	r.find(re.slow, 0)
	return maxSteps - r.left, maxSteps, nil
}
