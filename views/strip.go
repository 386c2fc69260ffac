package views

import (
	"fmt"
	"strconv"
	"time"
)

// hourCells shades the 7-day strip, 0 to 4: any score, over 50, over 100 and
// from 250, the same in every row, so that rows compare.
func hourCells(strip [StripCells]int64) (steps [StripCells]int) {
	for i, v := range strip {
		switch {
		case v >= 250:
			steps[i] = 4
		case v > 100:
			steps[i] = 3
		case v > 50:
			steps[i] = 2
		case v > 0:
			steps[i] = 1
		}
	}
	return steps
}

// stripPaths are the cells of each step from 1 on, as SVG path data; neighbours of
// one step are one stretch.
func stripPaths(strip [StripCells]int64) (out [5]string) {
	steps := hourCells(strip)
	for i := 0; i < StripCells; {
		n := 1
		for i+n < StripCells && steps[i+n] == steps[i] {
			n++
		}
		if steps[i] > 0 {
			out[steps[i]] += fmt.Sprintf("M%d 0h%dv16h-%dZ", i*StripHours, n*StripHours, n*StripHours)
		}
		i += n
	}
	return out
}

// cellWords names one cell of the strip: of the first, which begins with the 168
// hours, all that it holds.
func (r HostRow) cellWords(i int) string {
	const cell = StripHours * time.Hour
	end := r.AsOf.UTC().Truncate(cell)
	if end.Before(r.AsOf) {
		end = end.Add(cell)
	}
	from, to := end.Add(-time.Duration(StripCells-i)*cell), end.Add(-time.Duration(StripCells-i-1)*cell)
	if i == 0 {
		from = r.AsOf.UTC().Add(-StripCells * cell)
	}
	return from.Format("Mon 2006-01-02 15:04") + " to " + to.Format("15:04") + " UTC"
}

// stripWords say the strip in a sentence.
func (r HostRow) stripWords() string {
	busy, most := 0, 0
	for i, v := range r.Strip {
		if v > 0 {
			busy++
		}
		if v > r.Strip[most] {
			most = i
		}
	}
	out := "score " + strconv.FormatInt(r.Score, 10) + " in " + Plural(int64(busy), "cell") + " of 3 hours out of 56"
	if busy > 0 {
		out += ", the most, " + Num(r.Strip[most]) + ", " + r.cellWords(most)
	}
	return out
}

// stripMost is the greatest cell of the strip, for a mouse over it.
func (r HostRow) stripMost() string {
	most := 0
	for i, v := range r.Strip {
		if v > r.Strip[most] {
			most = i
		}
	}
	if r.Strip[most] == 0 {
		return "no score"
	}
	return "most " + Num(r.Strip[most]) + ", " + r.cellWords(most)
}
