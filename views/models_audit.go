package views

import (
	"strings"
	"time"
	"unicode/utf8"
)

// AuditPage is the trail of who changed what, newest first.
type AuditPage struct {
	Frame   Frame
	Total   int64
	Form    AuditForm
	Actions []string // words that are suggested
	Chips   []Chip
	Rows    []AuditRow
	Exports []Export
	Pager   Pager
}

// AuditForm is the filter as it was typed.
type AuditForm struct{ Text, Person, Action, Object, Of, From, To string }

// AuditRow is a change of one field. Everything but the time is somebody's text.
type AuditRow struct {
	ID        int64
	At        time.Time
	Person    string // "" not known
	Action    string
	Object    string
	ObjectURL string // "" it leads nowhere
	Field     string
	Old, New  string
	Address   string
}

func (p AuditPage) heading() string {
	if p.Total == 0 {
		return "No changes"
	}
	return Plural(p.Total, "row of the audit trail", "rows of the audit trail")
}

// filtered says whether any filter is in force.
func (p AuditPage) filtered() bool { return p.Form != AuditForm{} }

// AuditURL is the trail of one object, and of what belongs to it.
func AuditURL(kind, name string) string { return WithQuery("/audit", "of", kind+" "+name) }

// mostAuditText is how many characters of a text stand in a row; those of a longer
// one, or of several lines, up to mostAuditWhole, unfold.
const (
	mostAuditText  = 80
	mostAuditWhole = 20_000
)

// auditFolds says whether a text is one that unfolds.
func auditFolds(text string) bool {
	return strings.ContainsRune(text, '\n') || utf8.RuneCountInString(text) > mostAuditText
}
