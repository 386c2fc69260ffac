package detection

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Fact is what findings of one rule say alike of a change, and when it shows: in
// a span (From ≤ second < Until). The spans are sorted and apart.
type Fact struct {
	Rule   string     `json:"r"`
	Kind   Kind       `json:"k"`
	Module string     `json:"m,omitempty"`
	Family string     `json:"f,omitempty"` // of the known bad name
	Weak   bool       `json:"w,omitempty"`
	Spans  [][2]int64 `json:"s"`
}

// Facts are those of a host. Their size depends on what changed, not on how
// many findings say so.
type Facts []Fact

// factID tells facts apart.
type factID struct {
	rule, module, family string
	kind                 Kind
	weak                 bool
}

// FactMaker gathers facts in the order in which they come up.
type FactMaker struct {
	facts Facts
	at    map[factID]int
}

// Add takes a change that a finding of a rule says, shown at from ≤ second <
// until.
func (m *FactMaker) Add(rule string, c Change, from, until int64) {
	id := factID{rule: rule, kind: c.Kind}
	if c.Kind&ModuleKinds != 0 {
		id.module = strings.ToLower(c.Module)
	}
	if c.Bad != nil {
		id.family, id.weak = c.Bad.Family, c.Bad.Weak
	}
	i, ok := m.at[id]
	if !ok {
		if m.at == nil {
			m.at = map[factID]int{}
		}
		i = len(m.facts)
		m.at[id] = i
		m.facts = append(m.facts, Fact{Rule: rule, Kind: c.Kind, Module: id.module, Family: id.family, Weak: id.weak})
	}
	m.facts[i].Spans = append(m.facts[i].Spans, [2]int64{from, until})
}

// Facts are those that were added.
func (m *FactMaker) Facts() Facts {
	for i := range m.facts {
		m.facts[i].Spans = joined(m.facts[i].Spans)
	}
	return m.facts
}

// joined sorts spans and joins those that touch.
func joined(spans [][2]int64) [][2]int64 {
	slices.SortFunc(spans, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	out := spans[:1]
	for _, s := range spans[1:] {
		if last := &out[len(out)-1]; s[0] <= last[1] {
			last[1] = max(last[1], s[1])
		} else {
			out = append(out, s)
		}
	}
	return slices.Clip(out)
}

// Words are the Summary of what shows at a second, of a rule or (rule "") of
// all, and the first second after it from which on they may be others
// (math.MaxInt64 when there is none).
func (f Facts) Words(rule string, second int64) (words string, until int64) {
	var changes []Change
	until = math.MaxInt64
	for _, fact := range f {
		if rule != "" && fact.Rule != rule {
			continue
		}
		for _, s := range fact.Spans {
			if s[0] > second {
				until = min(until, s[0])
				break
			}
			if second < s[1] {
				until = min(until, s[1])
				changes = append(changes, fact.change())
				break
			}
		}
	}
	return Summary(changes), until
}

func (f Fact) change() Change {
	c := Change{Kind: f.Kind, Module: f.Module}
	if f.Family != "" {
		c.Bad = &KnownBad{Family: f.Family, Weak: f.Weak}
	}
	return c
}
