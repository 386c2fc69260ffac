package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

const caseColumns = `id, uid, origin, title, status, disposition, severity, owner, verdict, revision, author, created,
	editor, edited,
	(SELECT count(*) FROM (SELECT ref FROM case_item WHERE case_id = cases.id AND kind = 'host'
		UNION SELECT dest FROM case_item JOIN pin ON pin.id = pin WHERE case_id = cases.id AND dest <> '')),
	(SELECT count(*) FROM case_item WHERE case_id = cases.id AND kind = 'finding'),
	(SELECT count(*) FROM case_item WHERE case_id = cases.id AND kind = 'event'),
	(SELECT count(*) FROM case_item WHERE case_id = cases.id AND kind = 'note'),
	(SELECT count(*) FROM case_question WHERE case_id = cases.id),
	(SELECT count(*) FROM case_question WHERE case_id = cases.id AND answer <> '')`

func scanCase(row interface{ Scan(...any) error }) (c store.Case, err error) {
	var created, edited int64
	err = row.Scan(&c.ID, &c.UID, &c.Origin, &c.Title, &c.Status, &c.Disposition, &c.Severity, &c.Owner, &c.Verdict,
		&c.Revision, &c.Author, &created, &c.Editor, &edited, &c.Hosts, &c.Findings, &c.Events, &c.Notes, &c.Questions,
		&c.Answered)
	c.Created, c.Edited = fromNanos(created), fromNanos(edited)
	return c, err
}

// Cases returns one page of the cases, and how many fit the filter. They are sorted
// by "number", "title", "status", "severity", "owner" or "edited".
func (d *DB) Cases(ctx context.Context, f store.CaseFilter, p store.Page) (out []store.Case, c store.Cursors, all int64,
	err error) {
	defer fault.Wrap(&err, "cases")
	var list []store.Case
	text := strings.ToLower(f.Text)
	err = d.rows(ctx, func(r *sql.Rows) error {
		one, err := scanCase(r)
		if err != nil {
			return err
		}
		if f.Status.Has(one.Status) && (f.Owner == "" || strings.EqualFold(one.Owner, f.Owner)) &&
			(text == "" || strings.Contains(strings.ToLower(one.Number()+"\n"+one.Title+"\n"+one.Verdict), text)) {
			list = append(list, one)
		}
		return nil
	}, `SELECT `+caseColumns+` FROM cases`)
	if err != nil {
		return nil, c, 0, err
	}
	all = int64(len(list))
	out, c, err = sorted(list, p, casePlace(p.Sort))
	return out, c, all, err
}

func casePlace(by string) func(store.Case) mark {
	return func(c store.Case) mark {
		m := mark{Value: c.Edited.UnixNano(), ID: c.ID}
		switch by {
		case "number":
			m.Value = c.ID
		case "title":
			m.Value = strings.ToLower(c.Title)
		case "status":
			m.Value = int64(c.Status)
		case "severity":
			m.Value = int64(c.Severity)
		case "owner":
			m.Value = strings.ToLower(c.Owner)
		}
		return m
	}
}

// CaseByID returns a case without what it holds.
func (d *DB) CaseByID(ctx context.Context, id int64) (store.Case, error) {
	return caseByID(ctx, d.r, id)
}

func caseByID(ctx context.Context, q conn, id int64) (store.Case, error) {
	c, err := scanCase(q.QueryRowContext(ctx, `SELECT `+caseColumns+` FROM cases WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There is no case %s.", store.CaseNumber(id))
	}
	return c, err
}

// CasesWith are the cases that hold an item, or (store.ItemHost) evidence of a host, the
// newest first.
func (d *DB) CasesWith(ctx context.Context, kind, ref string) (out []store.Case, err error) {
	err = d.rows(ctx, func(r *sql.Rows) error {
		c, err := scanCase(r)
		out = append(out, c)
		return err
	}, `SELECT `+caseColumns+` FROM cases WHERE id IN (SELECT case_id FROM case_item WHERE kind = ?1 AND ref = ?2
		UNION SELECT case_id FROM case_item JOIN pin ON pin.id = pin WHERE ?1 = ? AND dest = ?2)
		ORDER BY id DESC`, kind, ref, store.ItemHost)
	return out, err
}

func checkCase(c store.Case) error {
	switch {
	case strings.TrimSpace(c.Title) == "":
		return fault.New(fault.Invalid, "Give the case a title that says what it is about.")
	case len(c.Title) > store.MaxCaseTitle:
		return fault.New(fault.Invalid, "The title is longer than %d bytes. Type a shorter one.", store.MaxCaseTitle)
	case len(c.Owner) > store.MaxAuthor:
		return fault.New(fault.Invalid, "The owner's name is longer than %d bytes.", store.MaxAuthor)
	}
	return checkCaseText("verdict", c.Verdict)
}

// checkSigned refuses what nobody signed.
func checkSigned(name string) error {
	if strings.TrimSpace(name) == "" {
		return fault.New(fault.Invalid, "Type your name, so that others know who did this.")
	}
	return checkName(name)
}

func checkCaseText(what, text string) error {
	if len(text) > store.MaxCaseText {
		return fault.New(fault.Invalid, "The %s is longer than %d bytes. Shorten it.", what, store.MaxCaseText)
	}
	return nil
}

// OpenCase stores a new case of c.Author, and returns it as it is then.
func (d *DB) OpenCase(ctx context.Context, c store.Case) (out store.Case, err error) {
	defer fault.Wrap(&err, "open case")
	c.Title = strings.TrimSpace(c.Title)
	if err := checkSigned(c.Author); err != nil {
		return c, err
	}
	if err := checkCase(c); err != nil {
		return c, err
	}
	c.UID, c.Editor, c.Revision = newUID(), c.Author, 1
	return out, d.write(ctx, func(t *tx) error {
		c.Created = d.now()
		c.Edited = c.Created
		id, err := insertCase(t, c)
		if err != nil {
			return err
		}
		if err := t.audit(auditRow{Person: c.Author, Action: "opened", Object: "case " + store.CaseNumber(id), Field: "title",
			New: c.Title}); err != nil {
			return err
		}
		out, err = caseByID(ctx, t, id)
		return err
	})
}

func newUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func insertCase(t *tx, c store.Case) (id int64, err error) {
	var at any // a number of its own; else the next
	if c.ID != 0 {
		at = c.ID
	}
	err = t.get(`INSERT INTO cases (id, uid, origin, title, status, disposition, severity, owner, verdict, revision,
		author, created, editor, edited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		[]any{at, c.UID, c.Origin, c.Title, int64(c.Status), int64(c.Disposition), int64(c.Severity), c.Owner, c.Verdict,
			c.Revision, c.Author, c.Created.UnixNano(), c.Editor, c.Edited.UnixNano()}, &id)
	return id, err
}

// SetCase makes a case what c says, for c.Editor; when c.Revision is not 0, another
// revision is a conflict and changes nothing.
func (d *DB) SetCase(ctx context.Context, c store.Case) (out store.Case, err error) {
	defer fault.Wrap(&err, "set case %d", c.ID)
	c.Title = strings.TrimSpace(c.Title)
	if err := checkSigned(c.Editor); err != nil {
		return c, err
	}
	if err := checkCase(c); err != nil {
		return c, err
	}
	return out, d.write(ctx, func(t *tx) error {
		was, err := caseByID(ctx, t, c.ID)
		if err != nil {
			return err
		}
		if c.Revision != 0 && c.Revision != was.Revision {
			return fault.New(fault.Conflict,
				"%s has changed this case since you opened it: you had revision %d, it is at %d.", was.Editor, c.Revision,
				was.Revision)
		}
		rows := caseChanges(was, c)
		if len(rows) == 0 {
			out = was
			return nil
		}
		if _, err := t.exec(`UPDATE cases SET title = ?, status = ?, disposition = ?, severity = ?, owner = ?, verdict = ?,
			revision = revision + 1, editor = ?, edited = ? WHERE id = ?`, c.Title, int64(c.Status), int64(c.Disposition),
			int64(c.Severity), c.Owner, c.Verdict, c.Editor, d.now().UnixNano(), c.ID); err != nil {
			return err
		}
		if err := t.audit(rows...); err != nil {
			return err
		}
		out, err = caseByID(ctx, t, c.ID)
		return err
	})
}

// caseChanges are the fields in which a case becomes another, for the audit.
func caseChanges(was, is store.Case) (out []auditRow) {
	for _, f := range []struct{ name, old, new string }{
		{"title", was.Title, is.Title}, {"status", was.Status.String(), is.Status.String()},
		{"disposition", was.Disposition.String(), is.Disposition.String()},
		{"severity", was.Severity.String(), is.Severity.String()}, {"owner", was.Owner, is.Owner},
		{"verdict", was.Verdict, is.Verdict},
	} {
		if f.old != f.new {
			out = append(out, auditRow{Person: is.Editor, Action: "changed", Object: "case " + is.Number(), Field: f.name,
				Old: f.old, New: f.new})
		}
	}
	return out
}

// touchCase says that somebody changed what a case holds.
func (d *DB) touchCase(t *tx, id int64, person string, rows ...auditRow) error {
	res, err := t.exec(`UPDATE cases SET editor = ?, edited = ? WHERE id = ?`, person, d.now().UnixNano(), id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fault.New(fault.NotFound, "There is no case %s.", store.CaseNumber(id)))
	}
	for i := range rows {
		rows[i].Person, rows[i].Object = person, "case "+store.CaseNumber(id)
	}
	return t.audit(rows...)
}

// roomInCase refuses what would be more of something than a case holds.
func (t *tx) roomInCase(table string, id int64, most int, what string) error {
	var n int
	if err := t.get(`SELECT count(*) FROM `+table+` WHERE case_id = ?`, []any{id}, &n); err != nil {
		return err
	}
	if n >= most {
		return fault.New(fault.Invalid, "%s has %d %s: the most there can be.", store.CaseNumber(id), n, what)
	}
	return nil
}

// WholeCase returns a case with all that it holds.
func (d *DB) WholeCase(ctx context.Context, id int64) (w store.WholeCase, err error) {
	defer fault.Wrap(&err, "case %d", id)
	err = d.snapshot(ctx, func(q conn) error {
		if w.Case, err = caseByID(ctx, q, id); err != nil {
			return err
		}
		if w.Items, err = caseItems(ctx, q, id); err != nil {
			return err
		}
		if w.Questions, err = caseQuestions(ctx, q, id); err != nil {
			return err
		}
		if w.Recommendations, err = caseRecommendations(ctx, q, id); err != nil {
			return err
		}
		if w.Files, err = caseFiles(ctx, q, id); err != nil {
			return err
		}
		w.Pins, err = pinsOf(ctx, q, `id IN (SELECT pin FROM case_item WHERE case_id = ?1 AND pin IS NOT NULL)
			OR id IN (SELECT event FROM pin_event WHERE finding IN (SELECT pin FROM case_item WHERE case_id = ?1))`, id)
		return err
	})
	return w, err
}

// noPart is for a part of a case that is not there.
func noPart(id int64, what string, part int64) error {
	return fault.New(fault.NotFound, "%s has no %s %d.", store.CaseNumber(id), what, part)
}
