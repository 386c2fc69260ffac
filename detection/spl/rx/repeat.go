package rx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

const (
	// maxRepeat is the most that one counted repetition of Go's expressions has.
	maxRepeat = 1000
	// maxCounted bounds the sum of the counts of all counted repetitions.
	maxCounted = 30_000
)

// repeat reads {n,m}; a brace that is no repetition stands for itself.
func (t *pcre) repeat() error {
	end := strings.IndexByte(t.s[t.i:], '}')
	lo, hi, ok := 0, -1, false
	if end > 0 {
		lo, hi, ok = bounds(t.s[t.i+1 : t.i+end])
	}
	if !ok || !t.fresh {
		t.start()
		return t.put(1, `\{`)
	}
	if hi >= 0 && hi < lo {
		return errors.New("repeats at least more often than at most")
	}
	if t.left -= max(lo, hi); t.left < 0 || lo > maxCounted || hi > 1<<30 {
		return errors.New("repeats too often")
	}
	if lo <= maxRepeat && hi <= maxRepeat {
		t.copy(end + 1)
		return t.suffix()
	}
	t.i += end + 1
	return t.long(lo, hi)
}

// long writes a repetition that is longer than Go allows as several in a row.
func (t *pcre) long(lo, hi int) error {
	all := t.out.String()
	atom := all[t.atom:]
	if strings.Contains(atom, "(") || strings.Contains(atom, "{") || len(atom) > 100 {
		return fmt.Errorf("repeats a group more than %d times", maxRepeat)
	}
	lazy := ""
	if t.i < len(t.s) && t.s[t.i] == '?' {
		lazy = "?"
		t.i++
	}
	t.out.Reset()
	t.out.WriteString(all[:t.atom] + "(?:")
	more := hi - lo
	for ; lo > maxRepeat; lo -= maxRepeat {
		fmt.Fprintf(&t.out, "%s{%d}", atom, maxRepeat)
	}
	if hi < 0 {
		fmt.Fprintf(&t.out, "%s{%d,}%s)", atom, lo, lazy)
	} else {
		fmt.Fprintf(&t.out, "%s{%d}", atom, lo)
		for ; more > maxRepeat; more -= maxRepeat {
			fmt.Fprintf(&t.out, "%s{0,%d}%s", atom, maxRepeat, lazy)
		}
		fmt.Fprintf(&t.out, "%s{0,%d}%s)", atom, more, lazy)
	}
	return t.suffix()
}

// bounds reads n, n, or n,m; hi is -1 when there is none.
func bounds(s string) (lo, hi int, ok bool) {
	a, b, comma := strings.Cut(s, ",")
	lo, err := strconv.Atoi(a)
	if err != nil || value.Digits(a) != len(a) {
		return 0, 0, false
	}
	switch {
	case !comma:
		return lo, lo, true
	case b == "":
		return lo, -1, true
	}
	hi, err = strconv.Atoi(b)
	return lo, hi, err == nil && value.Digits(b) == len(b)
}
