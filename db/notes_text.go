package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"

	"escutcheon/fault"
	"escutcheon/store"
)

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("text_contains", 2, textContains)
}

// textContains says whether a text contains another that is in lower case,
// whatever the case of its own letters.
func textContains(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, _ := args[0].(string)
	part, _ := args[1].(string)
	if strings.Contains(strings.ToLower(text), part) {
		return int64(1), nil
	}
	return int64(0), nil
}

// NotesWith returns the newest notes that stand and contain a text, whatever the
// case, at most limit of them, and how many there are.
func (d *DB) NotesWith(ctx context.Context, text string, limit int) (out []store.Note, n int64, err error) {
	defer fault.Wrap(&err, "notes")
	err = d.rows(ctx, func(r *sql.Rows) error {
		note, err := scanNote(withExtra{r, []any{&n}})
		out = append(out, note)
		return err
	}, `WITH found AS MATERIALIZED (SELECT id FROM note WHERE deleted = 0 AND text_contains(text, ?))
		SELECT `+noteColumns+`, (SELECT count(*) FROM found) FROM note
		WHERE id IN (SELECT id FROM found ORDER BY id DESC LIMIT ?) ORDER BY id DESC`, strings.ToLower(text), limit)
	return out, n, err
}
