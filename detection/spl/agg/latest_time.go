package agg

import "escutcheon/detection/spl/value"

var _ = Register("latest_time", func() latestTime { return latestTime{} })

// latestTime is the time of the last event that has a value.
type latestTime struct{ end }

func (e *latestTime) Add(in Input) { e.take(byTime(in), 1) }

func (e *latestTime) Merge(o *latestTime) { e.join(&o.end, 1) }

func (e *latestTime) Value() value.Value { return e.time() }
