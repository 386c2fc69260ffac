package handlers

import (
	"cmp"
	"slices"
	"strings"

	"escutcheon/detection/risk"
	"escutcheon/views"
)

// mostSaid is how many messages of one rule stand in its line.
const mostSaid = 3

// riskRules are the rules of a period's risk, the one with the newest risk event
// first. marks are those of the timeline; with each of them whole they say how many
// touch a module or logging.
func (h *Handlers) riskRules(s scored, marks []views.RiskMark) []views.RiskRule {
	byRule := map[string][]risk.Hour{}
	for _, e := range s.Hours {
		byRule[e.RuleID] = append(byRule[e.RuleID], e)
	}
	out := make([]views.RiskRule, 0, len(byRule))
	for id, hours := range byRule {
		v := views.RiskRule{ID: id, Name: id, Sum: int64(s.Settings().ScoreOver(hours)), Telling: touching(id, marks)}
		if r := h.Book.Find(id); r != nil {
			v.Name = r.Name
			for _, t := range r.Techniques() {
				v.Techniques = append(v.Techniques, views.TechniqueRef{ID: t.ID, Tactics: strings.Join(t.Tactics, ", ")})
			}
		}
		say(&v, hours)
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b views.RiskRule) int {
		return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.ID, b.ID))
	})
	return out
}

// say fills in what the hours of one rule say, which are by time.
func say(v *views.RiskRule, hours []risk.Hour) {
	seen := map[string]bool{}
	for _, e := range slices.Backward(hours) {
		if v.Events == 0 {
			v.Last = second(e.Last)
		}
		v.Events += int64(e.Count)
		v.Uneven = v.Uneven || v.Score != 0 && v.Score != int64(e.Top) || e.Sum != e.Count*e.Top
		v.Score = max(v.Score, int64(e.Top))
		switch {
		case seen[e.Message]:
		case len(v.Messages) < mostSaid:
			v.Messages = append(v.Messages, cut(e.Message, 500))
		default:
			v.More++
		}
		seen[e.Message] = true
	}
}

// marksOf are the marks of a timeline that shows the period of the score.
func (s scored) marksOf(t views.Timeline) []views.RiskMark {
	if !t.From.Equal(second(s.AsOf-risk.Period)) || !t.To.Equal(second(s.AsOf)) {
		return nil
	}
	return t.Marks
}

// touching counts the marks of a rule that are about modules or logging; -1 where
// marks stand for many, or the rule knows no changes.
func touching(rule string, marks []views.RiskMark) (n int64) {
	changes := false
	for _, m := range marks {
		switch {
		case m.RuleID != rule:
		case m.All > 1:
			return -1
		default:
			changes = changes || m.Change != ""
			if m.Change != "" && m.Lane != views.LaneOther {
				n++
			}
		}
	}
	if !changes {
		return -1
	}
	return n
}
