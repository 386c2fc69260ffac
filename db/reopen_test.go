package db_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/triage"
)

// desk is a house in which findings are triaged.
type desk struct {
	*house
	r       *rand.Rand
	rules   []*detection.Rule
	imports map[*intake.Import][]int // which records they have
	present map[int]int              // in how many imports a record is
	ever    map[int]bool             // records that were ever stored
	closed  map[string]*closing      // by key
	log     []string
}

// closing is what was known when a finding was closed.
type closing struct {
	rule          *detection.Rule
	host          string
	present, ever map[int]bool
}

// record is the n-th of 40: of one of four hosts.
func (d *desk) record(n int) logwriter.Record { return iis(hostOf(n), n*60, int64(n), "/x") }

func hostOf(n int) string { return fmt.Sprintf("web0%d", n%4) }

func (d *desk) bring() {
	var which []int
	var recs []logwriter.Record
	for range 1 + d.r.IntN(6) {
		n := 1 + d.r.IntN(40)
		if !slices.Contains(which, n) {
			which, recs = append(which, n), append(recs, d.record(n))
			d.present[n]++
			d.ever[n] = true
		}
	}
	d.log = append(d.log, fmt.Sprint("import ", which))
	d.imports[d.add("a", recs...)] = which
}

func (d *desk) some() *intake.Import {
	list := slices.SortedFunc(maps.Keys(d.imports), func(a, b *intake.Import) int { return int(a.ID - b.ID) })
	if len(list) == 0 {
		return nil
	}
	return list[d.r.IntN(len(list))]
}

// change does something that must open nothing of itself.
func (d *desk) change() {
	switch d.r.IntN(4) {
	case 0, 1:
		if i := d.some(); i != nil {
			d.log = append(d.log, fmt.Sprint("delete ", d.imports[i]))
			d.ok(d.DeleteImport(ctx, i.ID))
			for _, n := range d.imports[i] {
				if d.present[n]--; d.present[n] == 0 {
					delete(d.present, n)
				}
			}
			delete(d.imports, i)
		}
	case 2:
		if i := d.some(); i != nil {
			d.log = append(d.log, fmt.Sprint("replace ", d.imports[i]))
			n := d.replacement(i, "elsewhere")
			d.ok(d.Replace(ctx, n.ID, "me", nil))
			if d.byID(n.ID).Status == intake.Running {
				d.ok(d.FinishImport(ctx, n.ID, "me", intake.Done, ""))
			}
			d.imports[n] = d.imports[i]
			delete(d.imports, i)
		}
	default:
		d.log = append(d.log, "rules")
		d.use(d.rules[d.r.IntN(2)])
		for d.catchUp(5).Rules > 0 {
		}
		d.use(d.rules...)
		for d.catchUp(5).Rules > 0 {
		}
	}
}

// decide closes a finding, or opens it.
func (d *desk) decide() {
	rule, host := d.rules[d.r.IntN(len(d.rules))], hostOf(d.r.IntN(4))
	key := keyOf(rule.ID, host)
	if _, err := d.FindingByKey(ctx, key); err != nil {
		return
	}
	status := triage.Statuses()[d.r.IntN(5)]
	d.log = append(d.log, fmt.Sprint(status, " ", rule.ID, " ", host))
	_, err := d.SetTriage(ctx, store.TriageChange{Findings: []string{key}, Status: &status, Author: "a"})
	d.ok(err)
	if was := d.closed[key]; status.Open() {
		delete(d.closed, key)
	} else if was == nil {
		c := &closing{rule: rule, host: host, present: map[int]bool{}, ever: maps.Clone(d.ever)}
		for n := range d.present {
			c.present[n] = true
		}
		d.closed[key] = c
	}
}

// look compares what is open with what has come since.
func (d *desk) look() {
	d.t.Helper()
	for key, c := range d.closed {
		is, err := d.TriageOf(ctx, store.OfFinding, key)
		d.ok(err)
		must, may := false, false
		for n := range d.present {
			if hostOf(n) == c.host {
				must, may = must || !c.ever[n], may || !c.present[n]
			}
		}
		if is.Reopened && !may || !is.Reopened && must || is.Reopened != is.Status.Open() {
			d.t.Fatalf("%s of %s is %v, reopened %v; must %v, may %v\n%q", c.rule.ID, c.host, is.Status, is.Reopened, must,
				may, d.log)
		}
		if is.Reopened {
			delete(d.closed, key)
		}
	}
}

// counts compares what is kept of findings with the findings.
func (d *desk) counts() {
	d.t.Helper()
	d.is("a finding's status is its triage's", d.one(`SELECT count(*) FROM finding WHERE status <> ifnull((SELECT status
		FROM triage WHERE kind = 'finding' AND name = key), 0)`), "0")
	const kept = `SELECT ifnull(group_concat(rule_id || dest || ' ' || n || ' ' || suppressed || ' ' || closed || ' ' ||
		closed_suppressed, char(10)), '') FROM (SELECT * FROM `
	d.is("counts", d.one(kept+`finding_count ORDER BY rule_id, dest)`), d.one(kept+`(SELECT rule_id, dest,
		count(*) AS n, sum(verdict = 1) AS suppressed, sum(verdict = 0 AND status >= 3) AS closed,
		sum(verdict = 1 AND status >= 3) AS closed_suppressed FROM finding WHERE verdict <= 1 GROUP BY rule_id, dest)
		ORDER BY rule_id, dest)`))
	for _, set := range []triage.Set{triage.All, triage.Open, triage.Done, 1 << triage.New} {
		for _, f := range []store.FindingFilter{{}, {Rule: d.rules[0].ID}, {Dest: "web01"}} {
			f.Status, f.Suppressed = set, true
			n, hidden, err := d.CountFindings(ctx, f)
			d.ok(err)
			page, _, err := d.Findings(ctx, f, store.Page{Limit: 1000})
			d.ok(err)
			gone := int64(0)
			for _, one := range page {
				if !set.Has(one.Triage.Status) {
					d.t.Fatalf("%v has %v", set, one.Triage.Status)
				}
				if one.Suppressed {
					gone++
				}
			}
			d.is(fmt.Sprint("chosen by ", set, f), []int64{n, hidden}, []int64{int64(len(page)), gone})
		}
	}
}

// TestReopen: a closed finding is opened by events that were unknown when it was
// closed, and by nothing else: not by what was deleted and comes again, is put in
// the place of itself, or is found again by changed rules.
func TestReopen(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	for seed := range rounds {
		rules := []*detection.Rule{stats(t), mt.Rule(t, "filtered", mt.Searches["stats"], `NOT dest="web02"`)}
		d := &desk{house: newHouse(t, rules...), r: rand.New(rand.NewPCG(uint64(seed), 16)), rules: rules,
			imports: map[*intake.Import][]int{}, present: map[int]int{}, ever: map[int]bool{}, closed: map[string]*closing{}}
		for range 40 {
			d.now = d.now.Add(time.Minute)
			switch d.r.IntN(5) {
			case 0, 1:
				d.bring()
			case 2:
				d.change()
			default:
				d.decide()
			}
			d.look()
		}
		d.counts()
	}
}
