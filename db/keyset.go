package db

import (
	"encoding/base64"
	"fmt"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

// keyset pages a list by the value of one column and the row's id.
type keyset struct {
	column, id string
	table      string // where the column of a row is found by its id, for long values
	page       store.Page
}

// mark is a row's place in a list.
type mark struct {
	Value any
	ID    int64
	long  bool // the value is too long for a URL; the row has it
}

// maxMark is the longest value that stands in a URL, in bytes.
const maxMark = 300

func (k keyset) reversed() bool { return k.page.Before != "" }

// clause returns the condition, its arguments and the order with the limit: one
// row more than the page shows, to know whether more follow.
func (k keyset) clause() (cond string, args []any, order string, err error) {
	asc := k.page.Asc != k.reversed()
	op, dir := "<", "DESC"
	if asc {
		op, dir = ">", "ASC"
	}
	cursor := k.page.After + k.page.Before
	if cursor != "" {
		m, err := parseMark(cursor)
		if err != nil {
			return "", nil, "", err
		}
		cond, args = fmt.Sprintf(" AND (%s, %s) %s (?, ?)", k.column, k.id, op), []any{m.Value, m.ID}
		if m.long {
			cond = fmt.Sprintf(" AND (%s, %s) %s ((SELECT %s FROM %s WHERE id = ?), ?)", k.column, k.id, op, k.column, k.table)
			args = []any{m.ID, m.ID}
		}
	}
	return cond, args, fmt.Sprintf(" ORDER BY %s %s, %s %s LIMIT %d", k.column, dir, k.id, dir, k.page.Limit+1), nil
}

type trimmed struct {
	end  int
	more bool
}

func (k keyset) trim(n int) trimmed { return trimmed{min(n, k.page.Limit), n > k.page.Limit} }

// cursors are those of a page in the order shown.
func (k keyset) cursors(marks []mark, more bool) (c store.Cursors) {
	if len(marks) == 0 {
		return c
	}
	if more || k.reversed() {
		c.After = marks[len(marks)-1].String()
	}
	if k.page.After != "" || k.reversed() && more {
		c.Before = marks[0].String()
	}
	return c
}

// String is the cursor as it stands in a URL.
func (m mark) String() string {
	kind := "i"
	v := fmt.Sprint(m.Value)
	switch b := m.Value.(type) {
	case []byte:
		kind, v = "b", string(b)
	case string:
		kind = "s"
	}
	if len(v) > maxMark {
		kind, v = "l", ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%s%d:%s", kind, m.ID, v)))
}

func parseMark(s string) (m mark, err error) {
	bad := fault.New(fault.Invalid, "This page's address is damaged. Open the list from its start.")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 3 {
		return m, bad
	}
	id, value, ok := strings.Cut(string(b[1:]), ":")
	if _, err := fmt.Sscan(id, &m.ID); err != nil || !ok {
		return m, bad
	}
	switch b[0] {
	case 'b':
		m.Value = []byte(value)
	case 's':
		m.Value = value
	case 'l':
		m.long = true
	default:
		var n int64
		if _, err := fmt.Sscan(value, &n); err != nil {
			return m, bad
		}
		m.Value = n
	}
	return m, nil
}
