package detection

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// RiskEvent is one finding row of one scheduled run, with the rule's score.
type RiskEvent struct {
	RuleID      string
	FindingID   string
	RiskObject  string // normalised
	ObjectType  string // system, user …
	Score       int
	Message     string
	Time        int64 // of the last event in the window
	Count       int64 // of events in the window
	WindowStart int64
	// Threats are the threat objects of the row, the same for all risk
	// objects.
	Threats []Threat
}

// Threat is one value of a threat object's column: what the threat came by.
type Threat struct{ Field, Type, Value string }

// Bounds of what one row may come to, as logs decide how many values a column
// has: that many risk objects and threat objects of a column, and bytes of a
// message.
const (
	maxObjects = 1000
	maxThreats = 100
	maxMessage = 8 << 10
)

// RunAt is when the run was that made the risk event.
func (e RiskEvent) RunAt() int64 { return WindowOf(e.WindowStart).RunAt }

// FindingID is the identity of a finding: of a rule's row with that key, case
// and all. It is 32 hexadecimal digits.
func FindingID(ruleID string, key []string) string {
	sum := sha256.Sum256([]byte(spl.KeyText(append([]string{ruleID}, key...))))
	return hex.EncodeToString(sum[:16])
}

// NormalizeObject is the normalized_risk_object: of a system its normalised
// host name, of anything else the value in lower case.
func NormalizeObject(value, objectType string) string {
	if strings.EqualFold(objectType, "system") {
		return event.NormalizeHost(value)
	}
	return strings.ToLower(strings.TrimSpace(value))
}

// RiskEvents are what one run makes of one finding: key is the finding's, s
// the state of its events in the window alone. There are none when the rule's
// type raises no risk, when the row is dropped or suppressed, or when s is
// empty; else one for each value that the row has for a risk object: a column
// of several values is several risk objects.
func (r *Rule) RiskEvents(key []string, s *spl.State, w Window) []RiskEvent {
	row, verdict := r.Plan.Row(key, s)
	return r.RiskEventsOf(spl.Result{Key: key, State: s, Row: row, Verdict: verdict}, w)
}

// RiskEventsOf are what one run makes of one row.
func (r *Rule) RiskEventsOf(res spl.Result, w Window) []RiskEvent {
	key, s, row := res.Key, res.State, res.Row
	_, last, ok := s.Times()
	if !ok || !ScheduleOf(r.Type).Risk || res.Verdict != spl.Kept {
		return nil
	}
	id, message, threats := FindingID(r.ID, key), clip(Fill(r.RBA.Message, row), maxMessage), r.threats(row)
	var out []RiskEvent
	for _, o := range r.RBA.RiskObjects {
		objects := objectsOf(row, o)
		for _, object := range objects {
			out = append(out, RiskEvent{
				RuleID: r.ID, FindingID: id, RiskObject: object, ObjectType: o.Type,
				Score: o.Score, Message: message,
				Time: event.FloorSecond(last), Count: s.Count(), WindowStart: w.Start, Threats: threats,
			})
		}
	}
	return out
}

// objectsOf are the distinct risk objects that a column of a row names: one
// for each of its values.
func objectsOf(row spl.Row, o RiskObject) []string {
	var out []string
	seen := map[string]bool{}
	for _, value := range row.List(o.Field) {
		if object := NormalizeObject(value, o.Type); object != "" && !seen[object] && len(out) < maxObjects {
			seen[object] = true
			out = append(out, object)
		}
	}
	return out
}

// threats are the threat objects of a row.
func (r *Rule) threats(row spl.Row) []Threat {
	var out []Threat
	for _, o := range r.RBA.ThreatObjects {
		for i, value := range row.List(o.Field) {
			if i == maxThreats {
				break
			}
			if value != "" {
				out = append(out, Threat{o.Field, o.Type, clip(value, maxMessage)})
			}
		}
	}
	return out
}

// clip cuts a text that is longer than n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// inView says whether a second is in the 7 days up to asOf: (asOf − 168 h, asOf].
func inView(t, asOf int64) bool { return t > asOf-week && t <= asOf }

// View are the risk events of the 168 hours up to asOf, by time.
func View(events []RiskEvent, asOf int64) []RiskEvent {
	var out []RiskEvent
	for _, e := range events {
		if inView(e.Time, asOf) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b RiskEvent) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

// Score is the sum of the scores in the 168 hours up to asOf.
func Score(events []RiskEvent, asOf int64) int {
	sum := 0
	for _, e := range events {
		if inView(e.Time, asOf) {
			sum += e.Score
		}
	}
	return sum
}

// DefaultAsOf is the as-of of a dest when none is given: now when it has risk
// events in the 168 hours before (isNow), else its newest risk event. ok is
// false when there are none.
func DefaultAsOf(events []RiskEvent, now int64) (asOf int64, isNow, ok bool) {
	for i, e := range events {
		if inView(e.Time, now) {
			return now, true, true
		}
		if i == 0 || e.Time > asOf {
			asOf = e.Time
		}
	}
	return asOf, false, len(events) > 0
}

// RiskRow is the row of the seed's second drilldown for one risk object. The
// lists are sorted and distinct.
type RiskRow struct {
	RiskObject string // normalized_risk_object
	Score      int
	Count      int // of risk events
	FirstTime  int64
	LastTime   int64

	SearchNames     []string
	RiskMessages    []string
	AnalyticStories []string
	Annotations     []string
	Tactics         []string
}

// RiskRowOf makes the row of one risk object's events in the 168 hours up to
// asOf; ok is false when there are none. A rule that is not among rules has
// its id for a name and no annotations.
func RiskRowOf(events []RiskEvent, asOf int64, rules []*Rule) (row RiskRow, ok bool) {
	seen := map[string]bool{}
	for _, e := range View(events, asOf) {
		if row.Count == 0 {
			row.RiskObject, row.FirstTime = e.RiskObject, e.Time
		}
		row.LastTime = e.Time
		row.Count++
		row.Score += e.Score
		row.RiskMessages = append(row.RiskMessages, e.Message)
		if !seen[e.RuleID] {
			seen[e.RuleID] = true
			row.annotate(e.RuleID, rules)
		}
	}
	for _, list := range []*[]string{&row.SearchNames, &row.RiskMessages, &row.AnalyticStories, &row.Annotations, &row.Tactics} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return row, row.Count > 0
}

func (row *RiskRow) annotate(ruleID string, rules []*Rule) {
	i := slices.IndexFunc(rules, func(r *Rule) bool { return r.ID == ruleID })
	if i < 0 {
		row.SearchNames = append(row.SearchNames, ruleID)
		return
	}
	r := rules[i]
	row.SearchNames = append(row.SearchNames, r.SearchName())
	row.AnalyticStories = append(row.AnalyticStories, r.Tags.AnalyticStory...)
	row.Annotations = append(row.Annotations, r.Annotations()...)
	row.Tactics = append(row.Tactics, r.Tactics()...)
}

// Cell is three hours of the 7-day strip: From < second ≤ To.
type Cell struct {
	From, To int64
	Count    int // of risk events
	Score    int
}

// CellCount is how many cells the 168 hours have.
const CellCount = week / (3 * hour)

// Cells cuts the 168 hours up to asOf into cells of three hours, oldest first.
func Cells(events []RiskEvent, asOf int64) [CellCount]Cell {
	var out [CellCount]Cell
	for i := range out {
		out[i].From = asOf - week + int64(i)*3*hour
		out[i].To = out[i].From + 3*hour
	}
	for _, e := range events {
		if inView(e.Time, asOf) {
			c := &out[(e.Time-(asOf-week)-1)/(3*hour)]
			c.Count++
			c.Score += e.Score
		}
	}
	return out
}
