package agg

import "escutcheon/detection/spl/value"

var _ = Register("earliest_time", func() earliestTime { return earliestTime{} })

// earliestTime is the time of the first event that has a value.
type earliestTime struct{ end }

func (e *earliestTime) Add(in Input) { e.take(byTime(in), -1) }

func (e *earliestTime) Merge(o *earliestTime) { e.join(&o.end, -1) }

func (e *earliestTime) Value() value.Value { return e.time() }
