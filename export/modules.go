package export

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/csvsafe"
	"escutcheon/store"
)

// ModuleHeader are the columns of the table of modules.
var ModuleHeader = []string{"dest", "name", "image", "type", "scope", "first", "last", "present", "added_by",
	"judgement", "reason", "hosts", "removed_by", "first_host"}

// ModuleRow is a row of that table.
type ModuleRow struct {
	Dest string
	store.LedgerModule
}

// ModuleRows are the modules of ledgers, the gravest first whatever their host.
func ModuleRows(ledgers []store.Ledger) (out []ModuleRow) {
	for _, l := range ledgers {
		for _, m := range l.Modules {
			out = append(out, ModuleRow{l.Dest, m})
		}
	}
	slices.SortStableFunc(out, func(a, b ModuleRow) int { return a.Graver(&b.Module) })
	return out
}

// ModuleCells are the cells of a module.
func ModuleCells(r ModuleRow) []string {
	return []string{r.Dest, r.Name, r.Image, string(r.Type), strings.Join(r.Scope, "; "), Moment(r.First), Moment(r.Last),
		string(r.Present), r.AddedBy, r.Judged, r.Reason, strconv.FormatInt(r.Hosts, 10), r.RemovedBy, r.FirstHost}
}

// Moment is a time to the second, RFC 3339 in UTC; "" where there is none.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// ModulesCSV writes the modules of ledgers.
func ModulesCSV(w io.Writer, ledgers []store.Ledger) error {
	out, err := csvsafe.NewWriter(w, ModuleHeader...)
	if err != nil {
		return err
	}
	for _, r := range ModuleRows(ledgers) {
		if err := out.Row(ModuleCells(r)...); err != nil {
			return err
		}
	}
	return out.Flush()
}
