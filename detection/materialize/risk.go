package materialize

import (
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// dropped is the verdict of a finding that is in no row.
const dropped = spl.Dropped

// telling is what one scheduled run tells, by finding.
type telling map[string]*told

type told struct {
	events  []detection.RiskEvent
	threats []detection.Threat
}

// add adds what a row tells. Of two rows that one finding tells, the first one
// gives a risk object its risk.
func (t telling) add(key string, events []detection.RiskEvent) {
	if len(events) == 0 {
		return
	}
	if t[key] == nil {
		t[key] = &told{}
	}
	one := t[key]
	for _, e := range events {
		if !slices.ContainsFunc(one.events, func(o detection.RiskEvent) bool {
			return o.ObjectType == e.ObjectType && o.RiskObject == e.RiskObject
		}) {
			one.events = append(one.events, e)
		}
	}
	for _, h := range events[0].Threats { // the same for all
		if !slices.ContainsFunc(one.threats, func(o detection.Threat) bool {
			return o.Type == h.Type &&
				o.Value == h.Value
		}) {
			one.threats = append(one.threats, h)
		}
	}
}

// tell is the one place where risk changes: what the run over a window told of
// a finding (key "": of all findings of the rule) goes, and what it tells now
// comes. before says whether it told anything.
func (c *Cascade) tell(r *detection.Rule, key string, start int64, t telling, before bool) error {
	if before {
		if err := c.tx.DeleteRisk(r, key, start); err != nil {
			return err
		}
	}
	for _, k := range sorted(t) {
		if err := c.tx.PutRisk(r, k, start, t[k].events, t[k].threats); err != nil {
			return err
		}
	}
	return nil
}
