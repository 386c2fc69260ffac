package agg

import (
	"cmp"

	"escutcheon/detection/spl/value"
)

// end is the value at one end of an order: of time, or of the input.
type end struct {
	n    int64
	text string
	at   int64
}

// take keeps what stands further out: before what is kept when sign is -1,
// after it when it is 1. Of two values in one place it is the one that comes
// first in the order of bytes.
func (e *end) take(o end, sign int) {
	c := sign * cmp.Compare(o.at, e.at)
	if e.n == 0 || c > 0 || c == 0 && o.text < e.text {
		e.text, e.at = o.text, o.at
	}
	e.n += o.n
}

func (e *end) join(o *end, sign int) {
	if o.n > 0 {
		e.take(*o, sign)
	}
}

// byTime is a value in the order of time.
func byTime(in Input) end { return end{in.N, in.Text, in.Time} }

// byPlace is a value in the order of input.
func byPlace(in Input) end { return end{in.N, in.Text, in.Pos} }

func (e *end) Value() value.Value {
	if e.n == 0 {
		return value.Null
	}
	return value.Whole(e.text)
}

// time is the end's place in the order of time, in epoch seconds.
func (e *end) time() value.Value {
	if e.n == 0 {
		return value.Null
	}
	return value.Text(value.FormatEpoch(e.at))
}

func (e *end) Encode(s *Stored) { s.N, s.T, s.A = e.n, Bytes(e.text), e.at }

func (e *end) Decode(s *Stored) error {
	*e = end{s.N, string(s.T), s.A}
	return nil
}
