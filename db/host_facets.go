package db

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/triage"
)

// hostFacts are what hosts are filtered by besides their risk, by dest.
type hostFacts struct {
	version int64
	rules   *detection.Rules
	of      map[string]*hostFact
}

// hostFact is what a host's findings are, but for suppressed ones, and how many
// there are with these.
type hostFact struct {
	fired, modules, channels, changes []string
	n                                 int64
}

// hostFacts are those of all hosts. They are remembered while no finding changes.
func (d *DB) hostFacts(ctx context.Context) (out hostFacts, err error) {
	err = d.withFindings(ctx, func(_ conn, s *findingSet) error {
		if d.facts.version != s.version || d.facts.rules != s.rules || d.facts.of == nil {
			d.facts = hostFacts{s.version, s.rules, s.hosts()}
		}
		out = d.facts
		return nil
	})
	return out, err
}

// hosts says of each host what its findings are.
func (s *findingSet) hosts() map[string]*hostFact {
	type key struct{ dest, dim, name int32 }
	seen := map[key]bool{}
	of := make([]*hostFact, len(s.names))
	kinds := make([]detection.Kind, len(s.names))
	out := map[string]*hostFact{}
	for i := range s.rows {
		f := &s.rows[i]
		h := of[f.dest]
		if h == nil {
			h = &hostFact{}
			of[f.dest], out[s.names[f.dest]] = h, h
		}
		if h.n++; f.verdict != 0 {
			continue
		}
		kinds[f.dest] |= f.change &^ detection.Qualifiers
		for dim, to := range map[int32]*[]string{3: &h.modules, 4: &h.fired, 5: &h.channels} {
			k := key{f.dest, dim, nameOf(int(dim), f)}
			if name := s.names[k.name]; name != "" && !seen[k] {
				seen[k], *to = true, append(*to, name)
			}
		}
	}
	for dest, h := range of {
		if h != nil {
			h.changes = kinds[dest].Labels()
		}
	}
	return out
}

// hostTest is a filter of hosts made ready to be asked.
type hostTest struct {
	facts   hostFacts
	decided map[string]decided // of those that somebody triaged, by dest
	status  triage.Set
	dims    []nameTest // in the order of hostDims

	fact *hostFact // of the host that is looked at
	own  decided
}

// at looks at a host.
func (t *hostTest) at(h *placed) {
	if t.fact = t.facts.of[h.dest]; t.fact == nil {
		t.fact = none
	}
	if len(t.decided) > 0 {
		t.own = t.decided[h.dest]
	}
}

// hostDims are the properties of hosts in the order of hostTest.dims.
var hostDims = append(slices.Clone(store.HostFacets), store.ByDest)

// nameTest is what a filter says of one property.
type nameTest struct{ only, not map[string]bool }

func setOf(list []string) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, name := range list {
		out[name] = true
	}
	return out
}

func (d *DB) hostTest(ctx context.Context, f store.HostFilter) (*hostTest, error) {
	facts, err := d.hostFacts(ctx)
	t := &hostTest{facts: facts, decided: map[string]decided{}, status: f.Status}
	for _, name := range hostDims {
		c := f.By[name]
		if name == store.BySeverity {
			c.Only = withOne(c.Only, f.Severity)
		}
		t.dims = append(t.dims, nameTest{setOf(c.Only), setOf(c.Not)})
	}
	return t, err
}

// read reads what was decided about hosts.
func (t *hostTest) read(ctx context.Context, q conn) error {
	var damaged []string
	if err := each(ctx, q, func(r *sql.Rows) error {
		var o decided
		var packed []byte
		err := r.Scan(&o.name, &packed)
		if err == nil {
			o.Triage, err = unpackTriage(packed)
		}
		if t.decided[o.name] = o; o.Damaged {
			damaged = append(damaged, o.name)
		}
		return err
	}, `SELECT name, json_array(`+triageColumns+`) FROM triage WHERE kind = 'host'`); err != nil {
		return err
	}
	for _, name := range damaged {
		o := decided{name: name}
		if err := mendTriage(ctx, q, store.OfHost, name, &o.Triage); err != nil {
			return err
		}
		t.decided[name] = o
	}
	return nil
}

// none is the fact of a host without findings.
var none = &hostFact{}

// values are those of a property of the host that is looked at.
func (t *hostTest) values(dim int, h *placed, one *[1]string) []string {
	switch hostDims[dim] {
	case store.ByStatus:
		one[0] = t.own.Status.String()
	case store.ByGravity:
		one[0] = h.gravity.String()
	case store.BySeverity:
		one[0] = h.severity.String()
	case store.ByOwner:
		one[0] = t.own.Owner
	case store.ByDest:
		one[0] = h.dest
	case store.ByChange:
		return t.fact.changes
	case store.ByModule:
		return t.fact.modules
	case store.ByFired:
		return t.fact.fired
	case store.ByChannel:
		return t.fact.channels
	}
	return one[:]
}

// fits says whether a property is as the filter says.
func (t *hostTest) fits(dim int, h *placed) bool {
	d := t.dims[dim]
	if dim == 0 && t.status != triage.All && !t.status.Has(t.own.Status) {
		return false
	}
	if d.only == nil && d.not == nil {
		return true
	}
	var one [1]string
	has := d.only == nil
	for _, v := range t.values(dim, h, &one) {
		if d.not[v] {
			return false
		}
		has = has || d.only[v]
	}
	return has
}

// choose takes the hosts of a list that the filter chooses, and counts the list.
func (t *hostTest) choose(list []placed, most int, all string, take func(*placed)) (out store.HostList) {
	counts := make([]map[string]*int64, len(store.HostFacets))
	for dim := range counts {
		counts[dim] = map[string]*int64{}
	}
	var one [1]string
	tally := func(dim int, h *placed) {
		for _, v := range t.values(dim, h, &one) {
			n := counts[dim][v]
			if n == nil {
				n = new(int64)
				counts[dim][v] = n
			}
			*n++
		}
	}
	for i := range list {
		h := &list[i]
		t.at(h)
		misses, missed := 0, 0
		for dim := 0; dim < len(t.dims) && misses < 2; dim++ {
			if !t.fits(dim, h) {
				misses, missed = misses+1, dim
			}
		}
		switch {
		case misses == 0:
			take(h)
			addHost(&out.Sum, h)
			for dim := range counts {
				tally(dim, h)
			}
		case misses == 1 && missed < len(counts):
			tally(missed, h)
			if missed == 0 {
				out.Hidden++
			}
		}
	}
	for dim, c := range counts {
		f := store.Facet{Name: hostDims[dim]}
		for v, n := range c {
			f.Values = append(f.Values, store.FacetValue{Value: v, N: *n})
		}
		n := most
		if f.Name == all {
			n = mostFacet
		}
		out.Facets = append(out.Facets, rarest(f, n))
	}
	return out
}

func addHost(s *store.HostSummary, h *placed) {
	s.Hosts++
	s.Top = max(s.Top, h.score)
	if h.score > 0 {
		s.Risky++
	}
	if h.newest {
		s.Newest++
	}
}

// marks are the columns that lists of hosts are sorted by.
func (t *hostTest) marks(sort string) func(placed) mark {
	at := func(value func(placed) any) func(placed) mark {
		return func(h placed) mark { return mark{Value: value(h), ID: h.id} }
	}
	switch sort {
	case "score":
		return at(func(h placed) any { return h.score })
	case "last":
		return at(func(h placed) any { return h.last })
	case "dest":
		return at(func(h placed) any { return h.dest })
	case "findings":
		return at(func(h placed) any {
			if f := t.facts.of[h.dest]; f != nil {
				return f.n
			}
			return int64(0)
		})
	case "severity":
		return at(func(h placed) any { return int64(h.severity)<<40 | min(h.score, 1<<40-1) })
	case "rarity":
		return at(func(h placed) any { return h.hosts })
	case "status":
		return at(func(h placed) any { return int64(t.decided[h.dest].Status) })
	case "owner":
		return at(func(h placed) any { return t.decided[h.dest].Owner })
	}
	return at(func(h placed) any { return h.rank })
}

// ListHosts returns one page of hosts and what all of its list come to, in one
// look: so many values of each property, of one that is named all that are listed.
// Sort is gravity (the default), score, last, dest, findings, severity, rarity,
// status or owner.
func (d *DB) ListHosts(ctx context.Context, f store.HostFilter, p store.Page, most int, all string) (out store.HostList,
	err error) {
	t, err := d.hostTest(ctx, f)
	if err != nil {
		return out, err
	}
	err = d.listHosts(ctx, f, func(l *hostList) error {
		if f.AsOf == nil { // the severity of all hosts is known
			l.f.Severity = ""
		}
		if err := t.read(ctx, l.q); err != nil {
			return err
		}
		list, _, err := l.rankedNow()
		if err != nil {
			return err
		}
		place := t.marks(p.Sort)
		k, err := pick[candidate](p, func(id int64) (mark, bool) {
			i := slices.IndexFunc(list, func(h placed) bool { return h.id == id })
			if i < 0 {
				return mark{}, false
			}
			return place(list[i]), true
		})
		if err != nil {
			return err
		}
		out = t.choose(list, most, all, func(h *placed) { k.offer(place(*h), h.candidate) })
		var rows []candidate
		rows, _, out.Cursors = k.page()
		if out.Hosts, err = l.hosts(rows); err != nil {
			return err
		}
		for i := range out.Hosts {
			h := &out.Hosts[i]
			h.Status, h.Owner = t.decided[h.Dest].Status, t.decided[h.Dest].Owner
		}
		return nil
	})
	if f.AsOf != nil { // what it takes to say that is not made for a list that does not ask
		out.Facets = slices.DeleteFunc(out.Facets, func(f store.Facet) bool { return f.Name == store.BySeverity })
	}
	return out, err
}

// hostsAmong is a filter by properties as one by names of hosts.
func (d *DB) hostsAmong(ctx context.Context, f store.HostFilter) (store.HostFilter, error) {
	if len(f.By) == 0 && f.Status == triage.All {
		return f, nil
	}
	t, err := d.hostTest(ctx, f)
	if err != nil {
		return f, err
	}
	names := []string{}
	err = d.listHosts(ctx, f, func(l *hostList) error {
		err := t.read(ctx, l.q)
		list, _, lerr := l.rankedNow()
		t.choose(list, 0, "", func(h *placed) { names = append(names, h.dest) })
		return cmp.Or(err, lerr)
	})
	list := jsonList(names)
	f.By, f.Status, f.Among = nil, triage.All, &list
	return f, err
}
