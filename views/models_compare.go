package views

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// ComparePage is two events side by side.
type ComparePage struct {
	Frame
	A, B   ComparedEvent
	Differ []ComparedField // fields that say different things, or that one lacks
	Same   []ComparedField
	Cut    bool       // values are not whole
	Search *SearchRun // that found them; nil: none is known
}

// ComparedEvent is one of the two.
type ComparedEvent struct {
	ID   int64
	Time time.Time
	Dest string // in the log's spelling
	Code int64
}

// ComparedField is a field of two events.
type ComparedField struct {
	Name       string
	A, B       string
	HasA, HasB bool
}

// what says how the two differ.
func (f ComparedField) what() string {
	switch {
	case !f.HasB:
		return "only the first"
	case !f.HasA:
		return "only the second"
	}
	return "differs"
}

// differing cuts a value in three: what it begins with as the other does, what is its
// own, and what it ends with as the other does.
func differing(s, other string) (head, own, tail string) {
	n := 0
	for n < len(s) && n < len(other) && s[n] == other[n] {
		n++
	}
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	m := 0
	for m < len(s)-n && m < len(other)-n && s[len(s)-1-m] == other[len(other)-1-m] {
		m++
	}
	for m > 0 && !utf8.RuneStart(s[len(s)-m]) {
		m--
	}
	return s[:n], s[n : len(s)-m], s[len(s)-m:]
}

// comparedText is a value whose own part, beside another's, is marked. No space stands
// where it is cut.
func comparedText(v, other string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		head, own, tail := differing(v, other)
		var b strings.Builder
		b.WriteString(`<span class="log">`)
		var seen marks
		seen.write(&b, head, true)
		if own != "" {
			b.WriteString(`<mark>`)
			seen.write(&b, own, true)
			b.WriteString(`</mark>`)
		}
		seen.write(&b, tail, true)
		b.WriteString(`</span>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}
