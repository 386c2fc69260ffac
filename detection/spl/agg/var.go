package agg

import "escutcheon/detection/spl/value"

var _ = Register("var", func() sampleVariance { return sampleVariance{} })

// sampleVariance is the variance of what the numbers are a sample of.
type sampleVariance struct{ moments }

func (m *sampleVariance) Merge(o *sampleVariance) { m.join(&o.moments) }

func (m *sampleVariance) Value() value.Value { return m.varianceValue(true) }
