package sigma

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A correlation comes to one search over the events of all rules that it refers to,
// through other correlations too:
//
//	the events of any of the rules, and in rule the names of those that they meet
//	counted by _time, rule, dest and the fields of group-by: what is stored of them
//	in the order of time, for each group what the timespan before each event holds
//	the groups that meet the condition at some event
//
// So a window slides from event to event, and ends with one. Both ends of a timespan
// are in it. What a correlation of correlations refers to is an event at the moment
// at which its own condition is met.

// chain is a correlation while it is written.
type chain struct {
	env     Env
	leaves  []*leaf
	columns []column
	inner   int // correlations that are written before the outermost one
	depth   int
}

// leaf is a rule that the events meet.
type leaf struct {
	ref    string
	doc    *Document
	source *source
	cond   cond
}

// column is a field of the rows: what it is of the events of each rule.
type column struct {
	name string
	of   map[*leaf]string // an expression
}

// maxChain bounds how deep correlations refer to others.
const maxChain = 5

func (d *Document) correlate(env Env) (string, error) {
	c := &chain{env: env}
	tail, rule, err := c.correlation(d, "")
	if err != nil {
		return "", err
	}
	by, err := c.groups(d)
	if err != nil {
		return "", err
	}
	text := c.events() + "\n" + tail + "\n| where " + rule + "\n" + finding(by)
	return text + "\n" + d.ending(), nil
}

// finding makes a row of each group.
func finding(by []string) string {
	text := "| stats max(matched) as count min(began) as firstTime max(_time) as lastTime values(dest) as dest " +
		"values(user) as user"
	if len(by) > 0 {
		text += "\n    by " + strings.Join(by, " ")
	}
	return text
}

// rules are those that a correlation refers to.
func (c *chain) rules(d *Document) (out []*Document, err error) {
	for _, ref := range d.Correlation.Rules {
		doc, ok := (*Document)(nil), false
		if c.env.Find != nil {
			doc, ok = c.env.Find(ref)
		}
		if !ok {
			return nil, fault(d.Correlation.node, "the correlation refers to %q, which no rule is called", ref)
		}
		out = append(out, doc)
	}
	return out, nil
}

// correlation writes what finds a correlation among the rows. Its rows are those whose
// rule is in names, and of them the ones for which condition holds are matches.
func (c *chain) correlation(d *Document, as string) (tail, condition string, err error) {
	if c.depth++; c.depth > maxChain {
		return "", "", fault(d.Correlation.node, "correlations refer to each other more than %d deep", maxChain)
	}
	defer func() { c.depth-- }()
	docs, err := c.rules(d)
	if err != nil {
		return "", "", err
	}
	var before []string
	for i, doc := range docs {
		ref := d.Correlation.Rules[i]
		if doc.IsRule() {
			err = c.leaf(ref, doc)
		} else {
			var text string
			if text, err = c.within(doc, ref); err == nil {
				before = append(before, text)
			}
		}
		if err != nil {
			return "", "", err
		}
	}
	by, err := c.groups(d)
	if err != nil {
		return "", "", err
	}
	text, condition, err := c.window(d, by, as)
	return strings.Join(append(before, text), "\n"), condition, err
}

// within writes a correlation that another refers to: where it is met, the row stands
// for it, too.
func (c *chain) within(d *Document, ref string) (string, error) {
	c.inner++
	as := fmt.Sprint(c.inner)
	tail, condition, err := c.correlation(d, as)
	if err != nil {
		return "", err
	}
	return tail + "\n| eval rule=if(" + condition + ", mvappend(rule, " + quote(ref) + "), rule)\n| mvexpand rule", nil
}

func (c *chain) leaf(ref string, doc *Document) error {
	if slices.ContainsFunc(c.leaves, func(l *leaf) bool { return l.doc == doc && l.ref == ref }) {
		return nil
	}
	if len(c.leaves) == maxRules {
		return fault(doc.detection, "a correlation is over more than %d rules", maxRules)
	}
	s, _, asked, err := doc.compile(c.env)
	if err != nil {
		return err
	}
	c.leaves = append(c.leaves, &leaf{ref, doc, s, asked})
	return nil
}

// asked is what the events of any of the rules meet, after the head that they share.
// Where they share none, each rule asks for its own log source too.
func (c *chain) asked() (head string, any cond) {
	shared := true
	for _, l := range c.leaves {
		shared = shared && l.source == c.leaves[0].source
	}
	var all []cond
	for _, l := range c.leaves {
		if !shared {
			l.cond = and(origin{l.source.head()}, l.cond)
		}
		all = append(all, l.cond)
	}
	if shared {
		head = c.leaves[0].source.head()
	}
	return head, or(all...)
}

// events are the events of all rules as rows: counted by all that is asked of them.
func (c *chain) events() string {
	lines := []string{filterText(c.asked()), "| eval " + c.ruleOf()}
	if len(c.leaves) > 1 {
		lines = append(lines, "| mvexpand rule")
	}
	var names, nulls []string
	for _, col := range c.columns {
		names = append(names, fieldName(col.name))
		nulls = append(nulls, refName(col.name)+"=nullif("+refName(col.name)+`, "-")`)
	}
	lines = append(lines, c.settings()...)
	rows := "| stats count values(user) as user by _time rule dest " + strings.Join(names, " ")
	if c.inner > 0 && len(names) > 0 { // a rule's events need not have the fields of another's
		lines = append(lines, `| fillnull value="-" `+strings.Join(names, " "), rows, "| eval "+strings.Join(nulls, ", "))
	} else {
		lines = append(lines, rows)
	}
	return strings.Join(append(lines, "| eval place="+c.order(), "| sort 0 _time place"), "\n")
}

// settings give the events the columns that are no fields of theirs. All are read
// before any is set.
func (c *chain) settings() []string {
	var sets, takes []string
	for _, col := range c.columns {
		if text := c.setting(col); text != refName(col.name) {
			as := fmt.Sprintf("column%d", len(sets)+1)
			sets, takes = append(sets, as+"="+text), append(takes, refName(col.name)+"="+as)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return []string{"| eval " + strings.Join(sets, ",\n    "), "| eval " + strings.Join(takes, ", ")}
}

// ruleOf sets rule to the names of the rules that an event meets.
func (c *chain) ruleOf() string {
	if len(c.leaves) == 1 {
		return "rule=" + quote(c.leaves[0].ref)
	}
	parts := make([]string, len(c.leaves))
	for i, l := range c.leaves {
		parts[i] = "if(" + expressionText(l.cond) + ", " + quote(l.ref) + ", null())"
	}
	return "rule=mvappend(" + strings.Join(parts, ",\n    ") + ")"
}

// order is the place of a row's rule: of events of one moment the first rule's are the
// first.
func (c *chain) order() string {
	if len(c.leaves) == 1 {
		return "1"
	}
	parts := make([]string, len(c.leaves))
	for i, l := range c.leaves {
		parts[i] = "rule=" + quote(l.ref) + ", " + fmt.Sprint(i+1)
	}
	return "case(" + strings.Join(parts, ", ") + ")"
}

// setting is a column as an expression over events.
func (c *chain) setting(col column) string {
	var parts []string
	one, same := "", true
	for _, l := range c.leaves {
		text := col.of[l]
		if text == "" {
			continue
		}
		same = same && (one == "" || one == text)
		one = text
		parts = append(parts, "rule="+quote(l.ref)+", "+text)
	}
	if same {
		return one
	}
	return "case(" + strings.Join(parts, ", ") + ")"
}

// spanText is a timespan as searches have it.
func spanText(d time.Duration) string {
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%u.of == 0 {
			return fmt.Sprint(int64(d/u.of)) + u.name
		}
	}
	return fmt.Sprint(int64(d/time.Second)) + "s"
}
