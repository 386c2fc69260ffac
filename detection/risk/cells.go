package risk

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

// Cells cut the period into cells of three hours, oldest first. An hour of risk
// events that lies in two of them counts where its last event is.
func (v View) Cells() [CellCount]Cell {
	const length = CellHours * hour
	var out [CellCount]Cell
	var within [CellCount][]Hour
	for _, h := range v.Hours {
		i := (h.Last - (v.AsOf - Period) - 1) / length
		within[i] = append(within[i], h)
	}
	for i, hours := range within {
		from := v.AsOf - Period + int64(i)*length
		out[i] = Cell{From: from, To: from + length}
		if len(hours) == 0 {
			continue
		}
		out[i].Score = v.scorer.ScoreOver(hours)
		for _, h := range hours {
			out[i].Count += h.Count
		}
	}
	return out
}
