package detection

import (
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// DestOf is the host that a row of the rule is about, normalised: its column
// dest, else the first system among the rule's risk objects, else a column
// that names a computer. "" when it names none.
func (r *Rule) DestOf(row spl.Row) string {
	fields := []string{"dest"}
	for _, o := range r.RBA.RiskObjects {
		if o.Type == "system" {
			fields = append(fields, o.Field)
		}
	}
	for _, f := range append(fields, "Computer", "ComputerName", "host", "dvc") {
		if v, ok := row.Get(f); ok && v != "" {
			return event.NormalizeHost(v)
		}
	}
	return ""
}
