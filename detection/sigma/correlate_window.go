package sigma

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// groups are the columns by which a correlation's rows are grouped.
func (c *chain) groups(d *Document) (out []string, err error) {
	for _, name := range d.Correlation.GroupBy {
		col, err := c.column(d, name)
		if err != nil {
			return nil, err
		}
		out = append(out, fieldName(col))
	}
	return out, nil
}

// column is a column of a field, or an alias, in a correlation.
func (c *chain) column(d *Document, name string) (string, error) {
	of, err := c.fieldOf(d, name, 0)
	if err != nil {
		return "", err
	}
	return c.add(name, of), nil
}

// ownColumns are those that the search makes itself.
var ownColumns = []string{"_time", "rule", "place", "count", "matched", "began", "dest", "user", "firstTime",
	"lastTime"}

// add adds a column, under another name where there is another one of the same.
func (c *chain) add(name string, of map[*leaf]string) string {
	if slices.Contains(ownColumns, name) {
		name += "_"
	}
	for n := 1; ; n++ {
		as := name
		if n > 1 {
			as = fmt.Sprintf("%s_%d", name, n)
		}
		i := slices.IndexFunc(c.columns, func(col column) bool { return col.name == as })
		if i < 0 {
			c.columns = append(c.columns, column{as, of})
			return as
		}
		if agree(c.columns[i].of, of) {
			maps.Copy(c.columns[i].of, of)
			return as
		}
	}
}

// agree says whether two columns are the same in the events of every rule that both
// speak of.
func agree(a, b map[*leaf]string) bool {
	for l, text := range a {
		if other, ok := b[l]; ok && other != text {
			return false
		}
	}
	return true
}

// fieldOf is what a field of a correlation's rows is in the events of each rule: of an
// alias what it says of the rule, of another field the field itself.
func (c *chain) fieldOf(d *Document, name string, depth int) (map[*leaf]string, error) {
	out := map[*leaf]string{}
	if depth > maxChain {
		return out, nil
	}
	docs, err := c.rules(d)
	if err != nil {
		return nil, err
	}
	for i, doc := range docs {
		ref, field := d.Correlation.Rules[i], name
		for _, a := range d.Correlation.Aliases {
			if a.Name == name {
				if field = a.Fields[ref]; field == "" {
					return nil, fault(d.Correlation.node, "the alias %q says no field of %q", name, ref)
				}
			}
		}
		if !doc.IsRule() {
			of, err := c.fieldOf(doc, field, depth+1)
			if err != nil {
				return nil, err
			}
			maps.Copy(out, of)
			continue
		}
		for _, l := range c.leaves {
			if l.doc == doc && l.ref == ref {
				out[l] = valueOf(l.source, field)
			}
		}
	}
	return out, nil
}

// valueOf is a rule's field as an expression over events.
func valueOf(s *source, name string) string {
	from := s.field(name).sources()
	if len(from) == 1 {
		return from[0]
	}
	return "coalesce(" + strings.Join(from, ", ") + ")"
}

// window writes what the timespan before each row holds, and the condition by which a
// row is a match. Columns have as behind their names, where there are several windows.
func (c *chain) window(d *Document, by []string, as string) (text, condition string, err error) {
	k := d.Correlation
	of := c.ofRules(k.Rules)
	group := ""
	if len(by) > 0 {
		group = " by " + strings.Join(by, " ")
	}
	w := &window{k: k, of: of, group: group, matched: "matched" + as, began: "began" + as, as: as}
	switch k.Type {
	case "event_count":
		return w.sliding("sum(eval(if(" + of + ", count, null())))"), w.condition(), nil
	case "value_count":
		value, err := c.value(d)
		return w.sliding("dc(eval(if(" + of + ", " + value + ", null())))"), w.condition(), err
	case "temporal":
		return w.sliding("dc(eval(if(" + of + ", rule, null())))"), w.condition(), nil
	}
	return w.ordered(), w.inOrder(), nil
}

// ofRules says of a row that it is of one of some rules.
func (c *chain) ofRules(refs []string) string {
	if len(refs) == 1 {
		return "rule=" + quote(refs[0])
	}
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = quote(r)
	}
	return "rule IN (" + strings.Join(out, ", ") + ")"
}

// value is the value that a value_count counts: that of its field, or of all together.
func (c *chain) value(d *Document) (string, error) {
	var parts []string
	for _, f := range d.Correlation.Fields {
		col, err := c.column(d, f)
		if err != nil {
			return "", err
		}
		parts = append(parts, refName(col))
	}
	return strings.Join(parts, `."|".`), nil
}

// window is a correlation's own part of the search.
type window struct {
	k              *Correlation
	of             string // which rows are of its rules
	group          string
	matched, began string
	as             string
}

func (w *window) sliding(aggregate string) string {
	return "| streamstats time_window=" + spanText(w.k.Timespan) + " " + aggregate + " as " + w.matched +
		" min(eval(if(" + w.of + ", _time, null()))) as " + w.began + w.group
}

func (w *window) condition() string {
	parts := []string{w.of}
	for _, b := range w.k.Conditions {
		parts = append(parts, w.matched+boundOperators[b.Op]+fmt.Sprint(b.N))
	}
	return strings.Join(parts, " AND ")
}

// ordered follows the rules one after the other: at each event of the n-th rule the
// latest moment at which events of all before it began, in their order, is known.
func (w *window) ordered() string {
	var lines []string
	from := "_time"
	for i, ref := range w.k.Rules {
		step := fmt.Sprintf("step%s_%d", w.as, i+1)
		lines = append(lines, "| streamstats max(eval(if(rule="+quote(ref)+", "+from+", null()))) as "+step+w.group)
		from = step
	}
	lines = append(lines, "| eval "+w.began+"="+from+", "+w.matched+"="+fmt.Sprint(len(w.k.Rules)))
	return strings.Join(lines, "\n")
}

func (w *window) inOrder() string {
	last := w.k.Rules[len(w.k.Rules)-1]
	return "rule=" + quote(last) + " AND _time-" + w.began + "<=" + fmt.Sprint(int64(w.k.Timespan.Seconds()))
}
