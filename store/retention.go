package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Keep says for how long events are kept, and up to which size of the database; 0 is no
// bound.
type Keep struct {
	Age  time.Duration
	Size int64 // bytes
}

// Bounded says whether there is any bound.
func (k Keep) Bounded() bool { return k.Age > 0 || k.Size > 0 }

// Retention is how events are kept, and what went.
type Retention struct {
	Keep
	// Line: what is older is not stored when it comes. Gone is the latest line there ever
	// was: of what is older, only that is there on which something rests. Zero: none.
	Line, Gone time.Time
	Used       int64 // bytes that hold something, wherever
	// Where events are kept elsewhere: the address, and about their bytes there, which are
	// unknown where it does not answer.
	Elsewhere     string
	UsedElsewhere int64
	Unknown       bool
	Runs          []RetentionRun // the newest first
}

// RetentionRun is what one run of retention did.
type RetentionRun struct {
	Started, Ended time.Time // Ended is zero where it is to go on
	Line           time.Time
	Events         int64 // that went
	Kept           int64 // that are older than the line, and something rests on them
	Freed          int64 // bytes
	Damaged        int64 // blocks that cannot be read, and stay
}

// RetentionStep is what became of a step.
type RetentionStep struct {
	Done                bool
	Waiting             string // why nothing goes now, as a sentence; "" where it does
	Line                time.Time
	Events, Kept, Freed int64 // as of a run, of this step
}

// Expiry is what would go.
type Expiry struct {
	Line   time.Time // zero: nothing is too old or too much
	Events int64
	Kept   int64
	All    int64 // events that are stored
	Bytes  int64 // that would be free, about
	Used   int64 // now
}

// mostAge is the greatest age, in hours: a hundred years.
const mostAge = 100 * 366 * 24

// ParseAge reads an age as in 90d or 24h: whole hours, at least one. "" and 0 are none.
func ParseAge(s string) (time.Duration, error) {
	s = strings.TrimSpace(strings.ToLower(s))
	if s == "" || s == "0" {
		return 0, nil
	}
	number, unit := s[:len(s)-1], map[byte]int64{'h': 1, 'd': 24}[s[len(s)-1]]
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || unit == 0 || n < 1 || n > mostAge/unit {
		return 0, fmt.Errorf("%q is no age; write it as in 90d or 24h", s)
	}
	return time.Duration(n*unit) * time.Hour, nil
}

// AgeText is an age as ParseAge reads it.
func AgeText(d time.Duration) string {
	switch h := int64(d / time.Hour); {
	case h == 0:
		return ""
	case h%24 == 0:
		return strconv.FormatInt(h/24, 10) + "d"
	default:
		return strconv.FormatInt(h, 10) + "h"
	}
}

// ParseSize reads a number of bytes, with an optional unit.
func ParseSize(s string) (int64, error) {
	number := strings.TrimRight(strings.ToUpper(strings.TrimSpace(s)), "KMGTIB ")
	unit := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s))[len(number):], "B"), "I")
	shift, ok := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[strings.TrimSpace(unit)]
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || !ok || n < 0 || n > (1<<62)>>shift {
		return 0, fmt.Errorf("%q is no size; write it as in 8GiB, 500MiB or 1048576", s)
	}
	return n << shift, nil
}

// SizeText is a size as ParseSize reads it.
func SizeText(n int64) string {
	if n == 0 {
		return ""
	}
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if shift := 40 - 10*i; n%(1<<shift) == 0 {
			return strconv.FormatInt(n>>shift, 10) + unit
		}
	}
	return strconv.FormatInt(n, 10)
}
