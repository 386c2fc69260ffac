package agg

import (
	"errors"

	"escutcheon/detection/spl/value"
)

// extreme is the least or the greatest value. As long as all values are
// numbers they are compared as such, else all as texts. Which it is, is known
// only at the end, so both are kept.
type extreme struct {
	n     int64
	text  string // first or last in the order of bytes
	num   string // the least or greatest number; "" when there is none
	texts bool   // some value is no number
}

// take counts a value in; sign is -1 for the least and 1 for the greatest.
func (x *extreme) take(in Input, sign int) {
	one := extreme{n: in.N, text: in.Text}
	if _, ok := value.ParseDecimal(in.Text); ok {
		one.num = in.Text
	} else {
		one.texts = true
	}
	x.join(&one, sign)
}

func (x *extreme) join(o *extreme, sign int) {
	switch {
	case o.n == 0:
		return
	case x.n == 0:
		*x = *o
		return
	}
	x.n += o.n
	x.texts = x.texts || o.texts
	if sign < 0 && o.text < x.text || sign > 0 && o.text > x.text {
		x.text = o.text
	}
	if o.num != "" && (x.num == "" || beyond(o.num, x.num, sign)) {
		x.num = o.num
	}
}

// beyond says whether a is further out than b. Numbers that are equal but
// written differently are told apart by their text, so that the order of values
// does not matter.
func beyond(a, b string, sign int) bool {
	x, _ := value.ParseDecimal(a)
	y, _ := value.ParseDecimal(b)
	c := x.Compare(y)
	return c*sign > 0 || c == 0 && a < b
}

func (x *extreme) Value() value.Value {
	switch {
	case x.n == 0:
		return value.Null
	case x.texts:
		return value.Whole(x.text)
	}
	return value.Whole(x.num)
}

func (x *extreme) Encode(s *Stored) {
	s.N, s.T, s.D, s.X = x.n, Bytes(x.text), Bytes(x.num), x.texts
}

// Decode passes over a place: older versions stored one, which says nothing.
func (x *extreme) Decode(s *Stored) error {
	if s.D == "" && !s.X {
		return errors.New("there is neither a number nor a text")
	}
	if _, ok := value.ParseDecimal(string(s.D)); s.D != "" && !ok {
		return errors.New("what should be a number is none")
	}
	*x = extreme{n: s.N, text: string(s.T), num: string(s.D), texts: s.X}
	return nil
}
