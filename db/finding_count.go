package db

import (
	"cmp"
	"context"
	"encoding/json"
	"math/bits"
	"slices"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/triage"
)

// findingDims are the properties of findings in the order of findingTest.dims.
var findingDims = append(slices.Clone(store.FindingFacets), store.ByDest)

// findingTest is a filter made ready to be asked of findings.
type findingTest struct {
	s          *findingSet
	from, to   *int64
	suppressed bool       // they count too
	dims       [8]dimTest // in the order of findingDims
}

// dimTest is what a filter says of one property: as bits, or as numbers of names.
type dimTest struct {
	on            bool
	only, not     uint32         // of status, severity and change
	names, except map[int32]bool // of the others; nil names choose all
}

func (s *findingSet) test(f store.FindingFilter) *findingTest {
	t := &findingTest{s: s, from: f.From, to: f.To, suppressed: f.Suppressed}
	for i, name := range findingDims {
		c := f.By[name]
		switch name {
		case store.ByRule:
			c.Only = withOne(c.Only, f.Rule)
		case store.ByDest:
			if c.Only = withOne(c.Only, f.Dest); len(f.Dests) > 1 {
				c.Only = append(c.Only, f.Dests[1:]...)
			}
		}
		t.dims[i] = s.dim(name, c)
	}
	if f.Status != triage.All {
		d := &t.dims[0]
		d.on, d.only = true, uint32(f.Status)
	}
	return t
}

func withOne(list []string, one string) []string {
	if one == "" {
		return list
	}
	return append(slices.Clone(list), one)
}

func (s *findingSet) dim(name string, c store.Choice) (d dimTest) {
	d.on = len(c.Only)+len(c.Not) > 0
	switch name {
	case store.ByStatus, store.BySeverity, store.ByChange:
		for _, v := range c.Only {
			d.only |= bitOf(name, v)
		}
		for _, v := range c.Not {
			d.not |= bitOf(name, v)
		}
		if len(c.Only) > 0 && d.only == 0 {
			d.only = 1 << 31 // nothing has it
		}
		return d
	}
	d.names, d.except = s.known(c.Only), s.known(c.Not)
	return d
}

// known are the numbers of names; nil where none is asked for.
func (s *findingSet) known(list []string) map[int32]bool {
	if len(list) == 0 {
		return nil
	}
	out := map[int32]bool{}
	for _, name := range list {
		if n, ok := s.numbers[name]; ok {
			out[n] = true
		}
	}
	return out
}

// bitOf is a value of a property as a bit; 0 where there is no such value.
func bitOf(name, value string) uint32 {
	switch name {
	case store.ByStatus:
		if v, ok := triage.ParseStatus(value); ok {
			return 1 << v
		}
	case store.BySeverity:
		if v, ok := triage.ParseUrgency(value); ok {
			return 1 << v
		}
	default:
		return uint32(detection.ParseKind(value) &^ detection.Qualifiers)
	}
	return 0
}

// bits and names are a finding's value of a property, the one or the other.
func (t *findingTest) bits(dim int, f *findingItem) uint32 {
	switch dim {
	case 0:
		return 1 << f.status
	case 1:
		return 1 << t.s.urgencyOf(f)
	}
	return uint32(f.change &^ detection.Qualifiers)
}

func nameOf(dim int, f *findingItem) int32 {
	switch dim {
	case 3:
		return f.module
	case 4:
		return f.rule
	case 5:
		return f.channel
	case 6:
		return f.owner
	}
	return f.dest
}

// fits says whether a property is as the filter says.
func (t *findingTest) fits(dim int, f *findingItem) bool {
	d := &t.dims[dim]
	if !d.on {
		return true
	}
	if dim < 3 {
		b := t.bits(dim, f)
		return (d.only == 0 || b&d.only != 0) && b&d.not == 0
	}
	n := nameOf(dim, f)
	return (d.names == nil || d.names[n]) && !d.except[n]
}

// within says whether a finding is in the period.
func (t *findingTest) within(f *findingItem) bool {
	return (t.from == nil || f.last >= *t.from) && (t.to == nil || f.first <= *t.to)
}

// chooses says whether the filter chooses a finding, suppressed or not.
func (t *findingTest) chooses(f *findingItem) bool {
	for dim := range t.dims {
		if !t.fits(dim, f) {
			return false
		}
	}
	return t.within(f)
}

// findingCounts are how many findings a filter chooses, and the suppressed of them,
// and of each property the values.
type findingCounts struct {
	n, suppressed int64
	facets        [7]map[int32]int64 // of findingDims, without dest
}

// count counts the findings of a filter. That is remembered while nothing changes.
func (s *findingSet) count(f store.FindingFilter) (findingCounts, error) {
	key, err := json.Marshal(f)
	if err != nil {
		return findingCounts{}, err
	}
	if c, ok := s.counted[string(key)]; ok {
		return c, nil
	}
	c := s.test(f).count()
	if s.counted == nil || len(s.counted) >= mostCounted {
		s.counted = map[string]findingCounts{}
	}
	s.counted[string(key)] = c
	return c, nil
}

// count looks at each finding once: one that all properties but one choose counts
// for that one's values.
func (t *findingTest) count() (c findingCounts) {
	tally := make([][]int32, len(c.facets))
	for dim := range tally {
		tally[dim] = make([]int32, max(32, len(t.s.names)))
	}
	for i := range t.s.rows {
		f := &t.s.rows[i]
		if !t.within(f) {
			continue
		}
		misses, missed := 0, 0
		for dim := 0; dim < len(t.dims) && misses < 2; dim++ {
			if !t.fits(dim, f) {
				misses, missed = misses+1, dim
			}
		}
		switch {
		case misses == 0:
			c.n, c.suppressed = c.n+1, c.suppressed+int64(f.verdict)
			if t.suppressed || f.verdict == 0 {
				for dim := range tally {
					t.tally(tally[dim], dim, f)
				}
			}
		case misses == 1 && missed < len(tally) && (t.suppressed || f.verdict == 0):
			t.tally(tally[missed], missed, f)
		}
	}
	for dim := range tally {
		c.facets[dim] = map[int32]int64{}
		for v, n := range tally[dim] {
			if n > 0 {
				c.facets[dim][int32(v)] = int64(n)
			}
		}
	}
	return c
}

func (t *findingTest) tally(to []int32, dim int, f *findingItem) {
	if dim >= 3 {
		to[nameOf(dim, f)]++
		return
	}
	for b := t.bits(dim, f); b != 0; b &= b - 1 {
		to[bits.TrailingZeros32(b)]++
	}
}

// facet is a property with its values, the rarest first: so many at most.
func (s *findingSet) facet(dim int, counts map[int32]int64, most int) store.Facet {
	out := store.Facet{Name: findingDims[dim]}
	for v, n := range counts {
		var name string
		switch dim {
		case 0:
			name = triage.Status(v).String()
		case 1:
			name = triage.Urgency(v).String()
		case 2:
			name = detection.Kind(1 << v).String()
		default:
			name = s.names[v]
		}
		if name == "" && dim != 6 { // nobody's are told, what has none is not
			continue
		}
		out.Values = append(out.Values, store.FacetValue{Value: name, N: n})
	}
	return rarest(out, most)
}

// rarest sorts a facet's values, and keeps the first.
func rarest(f store.Facet, most int) store.Facet {
	slices.SortFunc(f.Values, func(a, b store.FacetValue) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Value, b.Value))
	})
	f.All = len(f.Values)
	f.Values = f.Values[:min(len(f.Values), most)]
	return f
}

// FindingFacets counts the findings of a filter by each property, whatever the
// filter says of that one: so many values of each, of one that is named (all)
// mostFacet. What the filter says of the text is left out.
func (d *DB) FindingFacets(ctx context.Context, f store.FindingFilter, most int, all string) (out []store.Facet,
	err error) {
	f.Text = ""
	if f, err = d.named(ctx, f); err != nil {
		return nil, err
	}
	err = d.withFindings(ctx, func(_ conn, s *findingSet) error {
		c, err := s.count(f)
		for dim, counts := range c.facets {
			n := most
			if findingDims[dim] == all {
				n = mostFacet
			}
			out = append(out, s.facet(dim, counts, n))
		}
		return err
	})
	return out, err
}

// mostFacet is how many values of a property are listed at most.
const mostFacet = 500
