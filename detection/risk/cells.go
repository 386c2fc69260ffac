package risk

import "escutcheon/detection"

// CellHours is how long a cell of the 7-day strip is, CellCount how many cells
// the strip has.
const (
	CellHours = 3
	CellCount = Period / (CellHours * hour)
)

// Cell is a stretch of the strip: From < second ≤ To.
type Cell struct {
	From, To int64
	Count    int // of risk events
	Score    int
}

// Cells cut the period into cells of three hours, oldest first.
func (v View) Cells() [CellCount]Cell {
	const length = CellHours * hour
	var out [CellCount]Cell
	var within [CellCount][]detection.RiskEvent
	for _, e := range v.Events {
		i := (e.Time - (v.AsOf - Period) - 1) / length
		within[i] = append(within[i], e)
	}
	for i, events := range within {
		from := v.AsOf - Period + int64(i)*length
		out[i] = Cell{From: from, To: from + length, Count: len(events), Score: v.scorer.Score(events)}
	}
	return out
}
