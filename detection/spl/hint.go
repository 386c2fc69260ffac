package spl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"escutcheon/detection/spl/agg"
)

// near hints at the command that is meant.
func (e *Error) near(name string) *Error {
	switch _, function := functions[name]; {
	case function && parsers[name] == nil:
		e.Hint = fmt.Sprintf("it is a function of eval and where: eval x=%s(…)", name)
	case slices.Contains(agg.Names(), name):
		e.Hint, e.Meant = fmt.Sprintf("it is an aggregate: stats %s", name), "stats "+name
	default:
		e.meant(name, slices.Collect(maps.Keys(parsers)))
	}
	return e
}

// ofFunction hints at the function that is meant.
func (e *Error) ofFunction(name string) *Error {
	if _, _, ok := agg.Find(name); ok {
		e.Hint = fmt.Sprintf("it is an aggregate of stats and its kin: stats %s(…)", name)
		return e
	}
	return e.meant(name, slices.Collect(maps.Keys(functions)))
}

// ofAggregate hints at the aggregate that is meant.
func (e *Error) ofAggregate(name string) *Error {
	if _, ok := functions[name]; ok {
		e.Hint = fmt.Sprintf("it is a function of eval: count(eval(%s(…)))", name)
		return e
	}
	return e.meant(name, agg.Names())
}

func (e *Error) meant(name string, names []string) *Error {
	if near := Near(name, names); near != "" {
		e.Hint, e.Meant = fmt.Sprintf("did you mean %q?", near), near
	}
	return e
}

// Names of other lengths are compared with none.
const leastNear, maxNear = 4, 64

// Near is the name that is meant by one that is not known: the nearest of some, in
// letters that are missing, too many, wrong or exchanged; "" where none is near.
// Case makes no difference.
func Near(name string, names []string) string {
	if len(name) < leastNear || len(name) > maxNear {
		return ""
	}
	low := strings.ToLower(name)
	best, most := "", 1+len(low)/5
	for _, n := range slices.Sorted(slices.Values(names)) {
		if len(n) > maxNear {
			continue
		}
		d := distance(low, strings.ToLower(n))
		if d < len(low) && (d < most || d == most && best == "") {
			best, most = n, d
		}
	}
	return best
}

// distance is how many bytes are to be put in, left out, changed or exchanged with
// their neighbour to make b of a.
func distance(a, b string) int {
	var before, last, row [maxNear + 1]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
