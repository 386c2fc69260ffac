package export

import (
	"io"
	"iter"
	"time"

	"escutcheon/store"
)

// AuditHeader are the columns of the audit trail.
var AuditHeader = []string{"time", "person", "action", "object", "field", "old", "new", "address", "prev"}

// AuditCSV writes rows of the audit trail. Their times are whole (RFC 3339 with up to
// nine digits), as their hashes are made of them.
func AuditCSV(w io.Writer, rows iter.Seq2[store.AuditRow, error]) error {
	return write(w, AuditHeader, rows, AuditCells)
}

// AuditCells are the cells of a row.
func AuditCells(r store.AuditRow) []string {
	return []string{r.At.UTC().Format(time.RFC3339Nano), r.Person, r.Action, r.Object, r.Field, r.Old, r.New, r.Address,
		r.Prev}
}
