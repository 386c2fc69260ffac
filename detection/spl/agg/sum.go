package agg

import "escutcheon/detection/spl/value"

var _ = Register("sum", func() sum { return sum{} })

// sum is the sum of the values that are numbers, exact to the billionth.
type sum struct{ total }

func (t *sum) Merge(o *sum) { t.join(&o.total) }

func (t *sum) Value() value.Value {
	if t.n == 0 {
		return value.Null
	}
	return value.Text(decimal(&t.sum))
}
