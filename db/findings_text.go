package db

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
	"unicode/utf8"

	"modernc.org/sqlite"

	"escutcheon/fault"
	"escutcheon/store"
)

// A text filter looks through the rows as they are stored, JSON, with LIKE, and
// again with row_contains where what LIKE says may be wrong: LIKE knows no
// letters but ASCII's, and no escapes. It may say too much, and never too little.

// textWhere chooses the findings of which a cell contains a text in lower case.
func textWhere(text string) (cond string, args []any) {
	pattern, exact := likeOf(text)
	cond, args = `row LIKE ? ESCAPE '!'`, []any{pattern}
	switch risks := escapesBefore(text); {
	case !exact:
		cond, args = cond+` AND row_contains(row, ?)`, append(args, text)
	case len(risks) > 0:
		cond += ` AND (` + strings.Repeat(`instr(row, ?) = 0 AND `, len(risks)) + `true OR row_contains(row, ?))`
		for _, r := range risks {
			args = append(args, r)
		}
		args = append(args, text)
	}
	for _, letter := range [][2]string{{"i", "\u0130"}, {"k", "\u212a"}} { // LIKE does not know them for one
		if strings.Contains(text, letter[0]) {
			cond, args = cond+` OR instr(row, ?) > 0 AND row_contains(row, ?)`, append(args, letter[1], text)
		}
	}
	return `(` + cond + `)`, args
}

// escapesBefore are how an escape begins of which a text may seem to be the end.
func escapesBefore(text string) (out []string) {
	if strings.ContainsRune("nrtbfu", rune(text[0])) {
		out = append(out, `\`+text[:1])
	}
	if strings.ContainsRune("0123456789abcdef", rune(text[0])) {
		out = append(out, `\u`)
	}
	return out
}

// likeOf is a pattern that all rows match of which a cell contains a text; exact
// says that a row that matches contains it, unless it is the end of an escape.
func likeOf(text string) (pattern string, exact bool) {
	exact = !strings.Contains(",[]", text)
	b := []byte{'%'}
	for _, r := range text {
		switch {
		case r < ' ' || strings.ContainsRune(`"\<>&`, r) || r == 0x2028 || r == 0x2029 || r == utf8.RuneError:
			exact = false
			b = append(b, '%') // an escape, whatever it is
		case r >= utf8.RuneSelf:
			exact = false
			b = append(b, '_')
		case r == '%' || r == '_' || r == '!':
			b = append(b, '!', byte(r))
		default:
			b = append(b, byte(r))
		}
	}
	return string(append(b, '%')), exact
}

// rowContains says whether any cell of a row, a JSON array, contains a text in
// lower case.
func rowContains(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	row, _ := args[0].(string)
	text, _ := args[1].(string)
	if found, sure := plainlyContains(row, text); sure {
		return found, nil
	}
	for _, c := range cells(row) {
		if strings.Contains(strings.ToLower(c), text) {
			return int64(1), nil
		}
	}
	return int64(0), nil
}

// plainlyContains says whether a row contains a text of which no letter is
// written in another way there; sure is false where that takes a closer look.
func plainlyContains(row, text string) (found int64, sure bool) {
	if _, exact := likeOf(text); !exact {
		return 0, false
	}
	lower := strings.ToLower(row)
	for at := 0; ; {
		i := strings.Index(lower[at:], text)
		if i < 0 {
			return 0, at == 0
		}
		at += i
		if !strings.Contains(lower[max(0, at-len(`\u00`)-1):at], `\`) { // it is not in an escape
			return 1, true
		}
		at++
	}
}

func init() {
	sqlite.MustRegisterDeterministicScalarFunction("row_contains", 2, rowContains)
}

// FindingPage returns one page of findings as Findings does, and counts as
// CountFindings does, of one look through all.
func (d *DB) FindingPage(ctx context.Context, f store.FindingFilter, p store.Page) (out []store.Finding,
	c store.Cursors, n, suppressed int64, err error) {
	defer fault.Wrap(&err, "findings")
	if f, err = d.among(ctx, f); err != nil {
		return nil, c, 0, 0, err
	}
	if findingSorts[p.Sort] == "" && heldSorts[p.Sort] != nil {
		return d.heldTextPage(ctx, f, p)
	}
	k := keyset{column: cmp.Or(findingSorts[p.Sort], "last"), id: "id", table: "finding", page: p}
	err = d.snapshot(ctx, func(q conn) error {
		var marks []mark
		if marks, n, suppressed, err = lookThrough(ctx, q, f, k); err != nil {
			return err
		}
		t := k.trim(len(marks))
		if marks = marks[:t.end]; k.reversed() {
			slices.Reverse(marks)
		}
		c = k.cursors(marks, t.more)
		out, err = findingsAt(ctx, q, marks)
		return err
	})
	return out, c, n, suppressed, err
}

// heldTextPage is FindingPage by a column that only memory has.
func (d *DB) heldTextPage(ctx context.Context, f store.FindingFilter, p store.Page) (out []store.Finding,
	c store.Cursors, n, suppressed int64, err error) {
	shown := f.Suppressed
	f.Suppressed = true // they are counted
	where, args := findingsWhere(f)
	var ids []int64
	if err := d.rows(ctx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM finding WHERE `+where, args...); err != nil {
		return nil, c, 0, 0, err
	}
	err = d.withFindings(ctx, func(q conn, s *findingSet) error {
		var found []*findingItem
		for _, id := range ids {
			i, ok := s.index[id]
			if !ok { // it went meanwhile
				continue
			}
			if n++; s.rows[i].verdict == 1 {
				suppressed++
			}
			if shown || s.rows[i].verdict == 0 {
				found = append(found, &s.rows[i])
			}
		}
		marks, cursors, err := s.pageOf(p, func(offer func(*findingItem)) {
			for _, f := range found {
				offer(f)
			}
		})
		if c = cursors; err == nil {
			out, err = findingsAt(ctx, q, marks)
		}
		return err
	})
	return slices.DeleteFunc(out, func(f store.Finding) bool { return f.Key == "" }), c, n, suppressed, err
}

// lookThrough are the places of a page's findings, and how many a filter chooses.
func lookThrough(ctx context.Context, q conn, f store.FindingFilter, k keyset) (marks []mark, n, hidden int64,
	err error) {
	cond, kargs, order, err := k.clause()
	if err != nil {
		return nil, 0, 0, err
	}
	shown := 0
	if f.Suppressed {
		shown = 1
	}
	f.Suppressed = true // they are counted
	where, args := findingsWhere(f)
	from := `finding NOT INDEXED` // a rule's lie everywhere: it is quicker to read all
	if f.Dest != "" {
		from = `finding INDEXED BY finding_dest`
	}
	err = each(ctx, q, func(r *sql.Rows) error {
		var m mark
		var id sql.NullInt64
		err := r.Scan(&n, &hidden, &m.Value, &id)
		if m.ID = id.Int64; id.Valid {
			marks = append(marks, m)
		}
		return err
	}, `WITH found AS MATERIALIZED (SELECT id, verdict, `+k.column+` FROM `+from+` WHERE `+where+`)
		SELECT n, hidden, `+k.column+`, id FROM (SELECT count(*) AS n, ifnull(sum(verdict = 1), 0) AS hidden FROM found)
		LEFT JOIN (SELECT id, `+k.column+` FROM found WHERE verdict <= ?`+cond+order+`)`+order,
		append(append(args, shown), kargs...)...)
	return marks, n, hidden, err
}

// findingsAt are the findings at places in a list.
func findingsAt(ctx context.Context, q conn, marks []mark) ([]store.Finding, error) {
	at := make(map[int64]int, len(marks))
	ids := make([]int64, len(marks))
	for i, m := range marks {
		ids[i], at[m.ID] = m.ID, i
	}
	out := make([]store.Finding, len(marks))
	return out, each(ctx, q, func(r *sql.Rows) error {
		var id int64
		f, err := scanFinding(withExtra{r, []any{&id}})
		out[at[id]] = f
		return err
	}, `SELECT `+findingColumns+`, id FROM finding WHERE id IN (SELECT value FROM json_each(?))`, jsonList(ids))
}
