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

// CellsEnd is where the cells end that hold a second if they stand on full hours of
// the day, 00, 03, … 21 UTC: View.At(CellsEnd(v.AsOf)) has such cells.
func CellsEnd(second int64) int64 {
	const length = CellHours * hour
	if r := second % length; r > 0 {
		return second - r + length
	} else if r < 0 {
		return second - r
	}
	return second
}

// Cells cut the period into cells of three hours, oldest first. An hour of risk
// events that lies in two of them counts where its last event is; one from before
// the first, in a view that was moved on by At, counts in the first.
func (v View) Cells() [CellCount]Cell {
	const length = CellHours * hour
	var out [CellCount]Cell
	var within [CellCount][]Hour
	for _, h := range v.Hours {
		i := max(0, h.Last-(v.AsOf-Period)-1) / length
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
