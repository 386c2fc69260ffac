package agg

import "escutcheon/detection/spl/value"

var _ = Register("values", func() values { return values{} })

// values are the distinct values, in the order of bytes.
type values struct{ bag }

func (v *values) Merge(o *values) { v.join(&o.bag) }

func (v *values) Value() value.Value { return value.ListOf(v.values()) }
