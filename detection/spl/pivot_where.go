package spl

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// PivotWhere chooses the columns of chart and timechart: those of which an aggregate
// of their values is more or less than a number, or among the greatest or least. The
// others are put together.
type PivotWhere struct {
	Func   string  // sum, avg, count, max or min, of a column's values
	Op     string  // >, <, in or notin
	Number float64 // of > and <
	N      int     // of in and notin: so many
	Bottom bool    // the least
}

var pivotFuncs = []string{"sum", "avg", "count", "max", "min"}

// pivotWhere reads sum in top5, or count > 10; where is eaten.
func (p *parser) pivotWhere() (*PivotWhere, *Error) {
	p.space()
	at := p.i
	x := &PivotWhere{Func: strings.ToLower(p.peekWord())}
	if p.i += len(x.Func); !slices.Contains(pivotFuncs, x.Func) {
		return nil, p.fault(at, p.nextAt(at), "stands where "+strings.Join(pivotFuncs, ", ")+" is needed")
	}
	x.Op = p.comparison()
	if x.Op == "" {
		x.Op = strings.ToLower(p.word1("IN", "NOTIN"))
	}
	p.space()
	at = p.i
	word := strings.ToLower(p.until(",()=[]"))
	ok := false
	switch x.Op {
	case ">", "<":
		x.Number, ok = value.ParseFloat(word)
	case "in", "notin":
		rest, top := strings.CutPrefix(word, "top")
		if !top {
			rest, x.Bottom = strings.CutPrefix(word, "bottom")
		}
		n, err := strconv.Atoi(rest)
		x.N, ok = n, err == nil && n > 0 && (top || x.Bottom)
	}
	if !ok {
		return nil, p.fault(at, strconv.Quote(word), "stands where > 10, < 10, in top5 or notin bottom5 is needed")
	}
	return x, nil
}

// nextAt names what is at a place, for an error.
func (p *parser) nextAt(at int) string {
	p.i = at
	return p.next()
}

func (x *PivotWhere) String() string {
	if x == nil {
		return ""
	}
	if x.Op == ">" || x.Op == "<" {
		return fmt.Sprintf("where %s %s %s", x.Func, x.Op, numberText(x.Number))
	}
	end := "top"
	if x.Bottom {
		end = "bottom"
	}
	return fmt.Sprintf("where %s %s %s%d", x.Func, x.Op, end, x.N)
}

// choose parts columns, in their order, into those that stay and the others.
func (x *PivotWhere) choose(cols []string, values map[string][]float64) (stay, others []string) {
	score := map[string]float64{}
	for _, c := range cols {
		score[c] = x.of(values[c])
	}
	best := slices.Clone(cols)
	slices.SortStableFunc(best, func(a, b string) int {
		if x.Bottom {
			a, b = b, a
		}
		return cmp.Compare(score[b], score[a])
	})
	best = best[:min(x.N, len(best))]
	for _, c := range cols {
		keeps := false
		switch x.Op {
		case ">":
			keeps = score[c] > x.Number
		case "<":
			keeps = score[c] < x.Number
		default:
			keeps = slices.Contains(best, c) == (x.Op == "in")
		}
		if keeps {
			stay = append(stay, c)
		} else {
			others = append(others, c)
		}
	}
	return stay, others
}

// of is the aggregate of a column's values.
func (x *PivotWhere) of(values []float64) (out float64) {
	if len(values) == 0 {
		return 0
	}
	switch x.Func {
	case "count":
		return float64(len(values))
	case "max":
		return slices.Max(values)
	case "min":
		return slices.Min(values)
	}
	for _, v := range values {
		out += v
	}
	if x.Func == "avg" {
		out /= float64(len(values))
	}
	return out
}
