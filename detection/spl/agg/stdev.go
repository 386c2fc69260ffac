package agg

import "escutcheon/detection/spl/value"

var _ = Register("stdev", func() sampleDeviation { return sampleDeviation{} })

// sampleDeviation is the standard deviation of what the numbers are a sample of.
type sampleDeviation struct{ moments }

func (m *sampleDeviation) Merge(o *sampleDeviation) { m.join(&o.moments) }

func (m *sampleDeviation) Value() value.Value { return m.deviation(true) }
