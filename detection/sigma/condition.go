package sigma

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Conditions: identifiers of the detection, joined by and, or, not, parentheses, and
// "1 of", "all of" a pattern of identifiers, or them.

// maxCondition bounds a condition, in bytes; maxNot how deep it nests.
const (
	maxCondition = 16 << 10
	maxNot       = 100
)

// conditionParser is a cursor over the words of a condition.
type conditionParser struct {
	node  *yaml.Node
	words []conditionWord
	i     int
	depth int
	find  func(name string) (cond, error) // the condition of a search identifier
	all   []string                        // the identifiers there are, in order
}

type conditionWord struct {
	text string
	at   int
}

var wordOfCondition = regexp.MustCompile(`[()|]|[^\s()|]+`)

func (p *conditionParser) parse() (cond, error) {
	if len(p.node.Value) > maxCondition {
		return nil, fault(p.node, "the condition is longer than %d bytes", maxCondition)
	}
	for _, at := range wordOfCondition.FindAllStringIndex(p.node.Value, -1) {
		w := conditionWord{p.node.Value[at[0]:at[1]], at[0]}
		if w.text == "|" {
			return nil, faultAt(p.node, w.at, "an aggregation behind a pipe is deprecated; a correlation rule says it")
		}
		p.words = append(p.words, w)
	}
	c, err := p.or()
	if err == nil && p.i < len(p.words) {
		return nil, p.fault("%q is not expected here", p.words[p.i].text)
	}
	return c, err
}

func (p *conditionParser) fault(format string, args ...any) error {
	at := len(p.node.Value)
	if p.i < len(p.words) {
		at = p.words[p.i].at
	}
	return faultAt(p.node, at, format, args...)
}

// next says whether a word is the next one, and eats it.
func (p *conditionParser) next(word string) bool {
	if p.i < len(p.words) && strings.EqualFold(p.words[p.i].text, word) {
		p.i++
		return true
	}
	return false
}

func (p *conditionParser) or() (cond, error)  { return p.chain("or", p.and, or) }
func (p *conditionParser) and() (cond, error) { return p.chain("and", p.not, and) }

func (p *conditionParser) chain(word string, part func() (cond, error), join func(...cond) cond) (cond, error) {
	var parts []cond
	for {
		c, err := part()
		if err != nil {
			return nil, err
		}
		if parts = append(parts, c); !p.next(word) {
			return join(parts...), nil
		}
	}
}

func (p *conditionParser) not() (cond, error) {
	if p.depth++; p.depth > maxNot {
		return nil, p.fault("the condition is nested more than %d deep", maxNot)
	}
	defer func() { p.depth-- }()
	if p.next("not") {
		c, err := p.not()
		return not{c}, err
	}
	if p.next("(") {
		c, err := p.or()
		if err == nil && !p.next(")") {
			err = p.fault("a parenthesis is not closed")
		}
		return c, err
	}
	return p.primary()
}

// primary is an identifier, or so many of some.
func (p *conditionParser) primary() (cond, error) {
	if p.i == len(p.words) {
		return nil, p.fault("the condition ends where it needs the name of a search")
	}
	w := p.words[p.i].text
	if p.i+1 < len(p.words) && strings.EqualFold(p.words[p.i+1].text, "of") {
		return p.of(strings.ToLower(w))
	}
	if !slices.Contains(p.all, w) {
		return nil, p.fault("the detection has no search %q", w)
	}
	p.i++
	return p.find(w)
}

func (p *conditionParser) of(count string) (cond, error) {
	n, err := strconv.Atoi(count)
	if count == "any" {
		n, err = 1, nil
	}
	if count != "all" && (err != nil || n < 1) {
		return nil, p.fault("%q stands where a number or all is expected before of", count)
	}
	p.i += 2
	names, err := p.named()
	if err != nil {
		return nil, err
	}
	parts := make([]cond, len(names))
	for i, name := range names {
		if parts[i], err = p.find(name); err != nil {
			return nil, err
		}
	}
	p.i++
	switch {
	case count == "all":
		return and(parts...), nil
	case n == 1:
		return or(parts...), nil
	}
	return p.atLeast(n, parts)
}

// named are the identifiers that a pattern, or them, stands for.
func (p *conditionParser) named() (names []string, err error) {
	if p.i == len(p.words) {
		return nil, p.fault("the condition ends where it needs them or a pattern of names")
	}
	w := p.words[p.i].text
	them, pattern := strings.EqualFold(w, "them"), fitting(w)
	for _, name := range p.all {
		if them && !strings.HasPrefix(name, "_") || !them && pattern.MatchString(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, p.fault("the detection has no search that %q stands for", w)
	}
	return names, nil
}

// fitting is the identifiers that a pattern stands for, in which * is any run.
func fitting(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// maxChoices bounds in how many ways n of some may be chosen.
const maxChoices = 200

// atLeast says that n of some conditions hold: any choice of n of them.
func (p *conditionParser) atLeast(n int, parts []cond) (cond, error) {
	var choices []cond
	var choose func(from int, picked []cond) bool
	choose = func(from int, picked []cond) bool {
		if len(picked) == n {
			choices = append(choices, and(picked...))
			return len(choices) <= maxChoices
		}
		for i := from; i < len(parts); i++ {
			if !choose(i+1, append(picked[:len(picked):len(picked)], parts[i])) {
				return false
			}
		}
		return true
	}
	if p.i--; n > len(parts) {
		return nil, p.fault("there are %d searches, and not %d", len(parts), n)
	}
	if !choose(0, nil) {
		return nil, p.fault("there are more than %d ways to choose %d of %d", maxChoices, n, len(parts))
	}
	p.i++
	return or(choices...), nil
}
