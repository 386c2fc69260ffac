package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// lister is an event whose fields may have several values.
type lister interface{ List(name string) []string }

// field counts the values of an event's field, each once.
func (l *listing) field(e spl.Named, name string) {
	v, ok := e.Get(name)
	if !ok {
		return
	}
	c := l.counts[name]
	if c == nil {
		if len(l.counts) >= mostNames {
			return
		}
		c = map[string]*ValueCount{}
		l.counts[name] = c
	}
	l.has[name]++
	list := []string{v}
	if all, ok := e.(lister); ok {
		if several := all.List(name); several != nil {
			list = several
		}
	}
	var met []string
	for _, v := range list {
		class, cut := classOf(v)
		switch {
		case slices.Contains(met, class):
			continue
		case c[class] != nil:
			c[class].Count++
		case len(c) >= mostValues:
			l.many[name] = true
		default:
			v = strings.Clone(v)
			if cut {
				v = strings.Clone(v[:cutLen(v)])
			}
			c[class] = &ValueCount{Value: v, Count: 1, Cut: cut}
		}
		if len(list) > 1 {
			met = append(met, class)
		}
	}
}

// longestValue is how many bytes of a value are counted: longer ones that begin alike
// are one.
const longestValue = 200

// cutLen is where a long value is cut: where a character begins.
func cutLen(v string) int {
	n := longestValue
	for n > longestValue-utf8.UTFMax && !utf8.RuneStart(v[n]) {
		n--
	}
	return n
}

// classOf is the value that stands for all that a search for it finds.
func classOf(v string) (class string, cut bool) {
	if cut = len(v) > longestValue; cut {
		v = v[:cutLen(v)]
	}
	p := value.NewPattern(v)
	switch {
	case p.Wild() || p.IsRange():
		return "=" + v, cut
	case p.IsNumber() && !cut:
		n, _ := value.ParseDecimal(v)
		neg, whole, frac := n.Parts()
		if neg {
			whole = "-" + whole
		}
		return "#" + whole + "." + frac, false
	}
	return "~" + strings.Map(foldRune, v), cut
}

// foldRune is one letter for all that are taken for the same whatever their case.
func foldRune(r rune) rune {
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		least = min(least, c)
	}
	return least
}
