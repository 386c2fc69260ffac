package spl

import (
	"strings"
	"time"
)

// settleTimes is a condition whose bounds of time count. With cut those that all
// events must meet are left out; in is what they come to, where there are any.
func settleTimes(x Expr, now time.Time, cut bool) (out Expr, in *timeRange) {
	s := settling{now: now, format: timeFormat(x), cut: cut}
	out = s.expr(x, true)
	if s.top == nil {
		return out, rangeOf(out)
	}
	if r := rangeOf(out); r != nil {
		*s.top = s.top.and(*r)
	}
	if !s.ended {
		s.top.to = s.until(s.top.to)
	}
	return out, s.top
}

// settling replaces bounds of time by what they come to.
type settling struct {
	now    time.Time
	format string
	cut    bool
	top    *timeRange // of those that all events must meet
	ended  bool       // one of them is the later one
	past   bool       // one of them counts back, and includes now
}

// until is the later bound where only the earlier one is given: now.
func (s *settling) until(t time.Time) time.Time {
	switch {
	case !t.IsZero():
		return t
	case s.past:
		return s.now.Truncate(time.Second).Add(time.Second)
	}
	return s.now
}

func (s *settling) expr(x Expr, top bool) Expr {
	switch x := x.(type) {
	case And:
		out := make(And, 0, len(x))
		for _, y := range x {
			if z := s.expr(y, top); z != nil {
				out = append(out, z)
			}
		}
		return out
	case Or:
		out := make(Or, 0, len(x))
		for _, y := range x {
			out = append(out, s.expr(y, false))
		}
		return out
	case Not:
		return Not{s.expr(x.X, false)}
	case *When:
		return s.bound(x, top)
	}
	return x
}

func (s *settling) bound(w *When, top bool) Expr {
	start, is := w.isStart()
	r, ok := w.at(s.now, s.format)
	if !is || !ok {
		return And{}
	}
	if top && s.cut {
		if s.top == nil {
			s.top = &timeRange{}
		}
		*s.top = s.top.and(r)
		s.ended, s.past = s.ended || !start, s.past || start && strings.HasSuffix(w.Name, "ago")
		return And{}
	}
	return &When{Name: w.Name, Value: w.Value, Pos: w.Pos, set: true, in: r}
}

// rangeOf bounds the times of the events that meet a condition; nil where it says
// nothing of them.
func rangeOf(x Expr) (out *timeRange) {
	switch x := x.(type) {
	case *When:
		if x.set {
			return &x.in
		}
	case And:
		for _, y := range x {
			if r := rangeOf(y); r != nil && out != nil {
				both := out.and(*r)
				out = &both
			} else if r != nil {
				out = r
			}
		}
	case Or:
		for i, y := range x {
			r := rangeOf(y)
			if r == nil {
				return nil
			}
			if i > 0 {
				any := out.or(*r)
				r = &any
			}
			out = r
		}
	}
	return out
}
