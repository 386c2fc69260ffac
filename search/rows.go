package search

import (
	"context"
	"hash/fnv"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/store"
)

// Found is what rules found, which a search sees as Splunk's ES does: risk events are
// events of index=risk, findings of index=notable; notes are events of index=notes.
type Found interface {
	AllRiskEvents(ctx context.Context) iter.Seq2[store.RiskEvent, error]
	AllFindings(ctx context.Context, f store.FindingFilter) iter.Seq2[store.Finding, error]
	// Notes are those that stand, of a dest or, where it is "", of all.
	Notes(ctx context.Context, dest string) iter.Seq2[store.Note, error]
}

// The indexes apart.
const (
	riskIndex    = "risk"
	notableIndex = "notable"
	notesIndex   = "notes"
)

var apartIndexes = []string{riskIndex, notableIndex, notesIndex}

// made are the events of an index apart.
func (e *Engine) made(ctx context.Context, index string) iter.Seq2[*made, error] {
	switch index {
	case riskIndex:
		return eachMade(e.Found.AllRiskEvents(ctx), func(x *store.RiskEvent) *made { return riskEvent(x, e.Rule(x.RuleID)) })
	case notableIndex:
		return eachMade(e.Found.AllFindings(ctx, store.FindingFilter{}),
			func(x *store.Finding) *made { return notable(x, e.Rule(x.RuleID)) })
	}
	return eachMade(e.Found.Notes(ctx, ""), noteEvent)
}

func eachMade[T any](all iter.Seq2[T, error], of func(*T) *made) iter.Seq2[*made, error] {
	return func(yield func(*made, error) bool) {
		for x, err := range all {
			var m *made
			if err == nil {
				m = of(&x)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}

// made is an event that no log has: of index=risk, index=notable or index=notes.
type made struct {
	time   time.Time
	number int64 // tells it from others of its time
	names  []string
	fields map[string][]string
}

func newMade(at int64) *made {
	return &made{time: time.Unix(at, 0).UTC(), fields: map[string][]string{}}
}

// set gives a field its values; without one there is no field. The first that is set
// stays.
func (m *made) set(name string, values ...string) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	if _, ok := m.fields[name]; ok || len(values) == 0 {
		return
	}
	m.names = append(m.names, name)
	m.fields[name] = values
}

func (m *made) whole(name string, n int64) { m.set(name, strconv.FormatInt(n, 10)) }

// seal writes _raw, as ES writes the events of its indexes: name="value", …
func (m *made) seal() *made {
	var b strings.Builder
	b.WriteString(m.time.Format(time.RFC3339))
	for _, name := range m.names {
		for _, v := range m.fields[name] {
			b.WriteString(", " + name + "=" + strconv.Quote(v))
		}
	}
	m.fields["_raw"] = []string{b.String()}
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, b.String()) // it never fails
	m.number = int64(sum.Sum64() >> 1)
	return m
}

// Get returns the first value of a field.
func (m *made) Get(name string) (string, bool) {
	if v := m.fields[name]; len(v) > 0 {
		return v[0], true
	}
	return "", false
}

// List returns all values of a field.
func (m *made) List(name string) []string { return m.fields[name] }

// Time is the risk event's, or that of the finding's last event.
func (m *made) Time() time.Time { return m.time }

// Names calls yield with the fields.
func (m *made) Names(yield func(string) bool) {
	for _, n := range m.names {
		if !yield(n) {
			return
		}
	}
}

// Size is roughly how many bytes it holds.
func (m *made) Size() int {
	n := 256
	for name, l := range m.fields {
		for _, v := range l {
			n += 64 + len(name) + len(v)
		}
	}
	return n
}

// apart gives what rules found, where a scan asks for it.
func (s *source) apart(ctx context.Context, scan *spl.Scan, each func(spl.Event) bool) (more bool, err error) {
	if s.e.Found == nil {
		return true, nil
	}
	var held []*made
	bytes := int64(0)
	take := func(m *made) bool {
		if s.p != nil {
			s.p.Looked.Add(1)
		}
		if !scan.InTime(m) || !scan.Concerns(m) {
			return true
		}
		if scan.AnyOrder {
			return each(m)
		}
		held = append(held, m)
		if bytes += int64(m.Size()); bytes > s.most {
			s.full = true
			return false
		}
		return true
	}
	for _, index := range apartIndexes {
		if !scan.AsksIndex(index) {
			continue
		}
		for m, err := range s.e.made(ctx, index) {
			if err != nil {
				return false, err
			}
			if !take(m) {
				break
			}
		}
	}
	slices.SortStableFunc(held, func(a, b *made) int { return b.time.Compare(a.time) })
	for _, m := range held {
		if !each(m) {
			return false, nil
		}
	}
	return true, nil
}

// riskEvent is a risk event with the names that ES gives its fields. A rule that is
// not there any more is known by its id alone.
func riskEvent(e *store.RiskEvent, r *detection.Rule) *made {
	m := newMade(e.Time)
	m.set("index", riskIndex)
	annotate(m, e.RuleID, r)
	m.set("risk_object", e.RiskObject)
	m.set("risk_object_type", e.ObjectType)
	m.set("normalized_risk_object", e.RiskObject)
	m.whole("risk_score", int64(e.Score))
	m.whole("calculated_risk_score", int64(e.Score))
	m.set("risk_message", e.Message)
	m.set("finding_id", e.FindingID)
	m.whole("count", e.Count)
	var types, values []string
	for _, t := range e.Threats {
		types, values = append(types, t.Type), append(values, t.Value)
	}
	m.set("threat_object", values...)
	m.set("threat_object_type", types...)
	if r != nil {
		ofRow(m, r, e.Row)
	}
	if e.ObjectType == "system" {
		m.set("dest", e.RiskObject)
	}
	if e.ObjectType == "user" {
		m.set("user", e.RiskObject)
	}
	return m.seal()
}

// notable is a finding as ES shows one.
func notable(f *store.Finding, r *detection.Rule) *made {
	m := newMade(f.Last)
	m.set("index", notableIndex)
	annotate(m, f.RuleID, r)
	m.set("event_id", f.Key)
	m.set("finding_id", f.Key)
	m.set("status", f.Triage.Status.String())
	m.set("disposition", f.Triage.Disposition.String())
	m.set("owner", f.Triage.Owner)
	if r != nil {
		ofRow(m, r, f.Row)
	}
	m.set("dest", f.Dest)
	m.whole("count", f.Count)
	m.set("firstTime", time.Unix(f.First, 0).UTC().Format(time.RFC3339))
	m.set("lastTime", time.Unix(f.Last, 0).UTC().Format(time.RFC3339))
	return m.seal()
}

// annotate sets what is of the rule.
func annotate(m *made, id string, r *detection.Rule) {
	m.set("rule_id", id)
	if r == nil {
		m.set("search_name", id)
		return
	}
	m.set("search_name", r.SearchName())
	m.set("source", r.SearchName())
	m.set("rule_name", r.Name)
	m.set("rule_title", r.Name)
	m.set("security_domain", r.Tags.SecurityDomain)
	m.set("analyticstories", r.Tags.AnalyticStory...)
	m.set("annotations.analytic_story", r.Tags.AnalyticStory...)
	m.set("annotations._all", r.Annotations()...)
	m.set("annotations.mitre_attack", r.Tags.MitreAttackID...)
	m.set("annotations.mitre_attack.mitre_technique_id", r.Tags.MitreAttackID...)
	m.set("annotations.mitre_attack.mitre_tactic", r.Tactics()...)
	var techniques []string
	for _, t := range r.Techniques() {
		techniques = append(techniques, t.Name)
	}
	m.set("annotations.mitre_attack.mitre_technique", techniques...)
}

// ofRow sets the columns of the rule's row.
func ofRow(m *made, r *detection.Rule, row []string) {
	for i, name := range r.Plan().Columns() {
		if i < len(row) && name != "_time" && name != "_raw" {
			m.set(name, row[i])
		}
	}
}
