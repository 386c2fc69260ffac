package views

import "slices"

// TriageFormID is the form that findings of a list are chosen for.
const TriageFormID = "triage-form"

func findingCount(p HostPage) int64 {
	if len(p.Rules) > 0 && p.Rules[0].On { // of all rules
		return p.Rules[0].Count
	}
	if p.FindingsPager.Total > 0 {
		return p.FindingsPager.Total
	}
	n := len(p.Findings.Rows)
	for _, g := range p.Findings.Groups {
		n += len(g.Rows)
	}
	return int64(n)
}

func unattributed(u Unattributed) string {
	if u.Missing == "" {
		return Plural(u.Count, "event is not decided.", "events are not decided.")
	}
	return Plural(u.Count, "matching event carries", "matching events carry") + " no " + VisibleShort(u.Missing, 80) + "."
}

// spanOf says from when to when the events of some findings are.
func spanOf(rows []FindingRow) string {
	if len(rows) == 0 {
		return ""
	}
	first, last := rows[0].First, rows[0].Last
	for _, r := range rows[1:] {
		if r.First.Before(first) {
			first = r.First
		}
		if r.Last.After(last) {
			last = r.Last
		}
	}
	if first.IsZero() {
		return ""
	}
	if last.Equal(first) {
		return ", " + utc(first)
	}
	return ", " + first.UTC().Format(seconds) + " to " + utc(last)
}

// spelling is the dest as the finding's own log has it.
func (r FindingRow) spelling(columns []string) string {
	if i := slices.Index(columns, "dest"); i >= 0 {
		return cell(r.Cells, i)
	}
	return r.Dest
}
