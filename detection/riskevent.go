package detection

import (
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
	var room [512]byte
	sum := sha256.Sum256(spl.AppendKeyText(spl.AppendKeyText(room[:0], ruleID), key...))
	var id [32]byte
	hex.Encode(id[:], sum[:16])
	return string(id[:])
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
	row, verdict := r.Plan().Row(key, s)
	return r.RiskEventsOf(FindingID(r.ID, key), spl.Result{Key: key, State: s, Row: row, Verdict: verdict}, w)
}

// RiskEventsOf are what one run makes of one row, whose FindingID is id.
func (r *Rule) RiskEventsOf(id string, res spl.Result, w Window) []RiskEvent {
	s, row := res.State, res.Row
	_, last, ok := s.Times()
	if !ok || !ScheduleOf(r.Type).Risk || res.Verdict != spl.Kept {
		return nil
	}
	shared, threats := clip(Fill(r.RBA.Message, row), maxMessage), r.threats(row)
	var out []RiskEvent
	for i, o := range r.RBA.RiskObjects {
		objects, message := objectsOf(row, o), shared
		if r.Sigma != nil { // whose rows have a dash where an event says nothing
			objects = slices.DeleteFunc(objects, func(s string) bool { return s == "-" })
		}
		if r.messages != nil && r.messages[i] != r.RBA.Message {
			message = clip(Fill(r.messages[i], row), maxMessage)
		}
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
	values := row.List(o.Field)
	if len(values) == 1 {
		if object := NormalizeObject(values[0], o.Type); object != "" {
			return []string{object}
		}
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, value := range values {
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
