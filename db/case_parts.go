package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"escutcheon/fault"
	"escutcheon/store"
)

func caseQuestions(ctx context.Context, q conn, id int64) (out []store.CaseQuestion, err error) {
	at := map[int64]int{}
	err = each(ctx, q, func(r *sql.Rows) error {
		var c store.CaseQuestion
		var created, edited int64
		err := r.Scan(&c.ID, &c.Case, &c.Question, &c.Answer, &c.Revision, &c.Author, &created, &c.Editor, &edited)
		c.Created, c.Edited = fromNanos(created), fromNanos(edited)
		at[c.ID] = len(out)
		out = append(out, c)
		return err
	}, `SELECT id, case_id, question, answer, revision, author, created, editor, edited FROM case_question
		WHERE case_id = ? ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	return out, each(ctx, q, func(r *sql.Rows) error {
		var question, item int64
		err := r.Scan(&question, &item)
		c := &out[at[question]]
		c.Items = append(c.Items, item)
		return err
	}, `SELECT question_id, item_id FROM case_answer WHERE question_id IN (SELECT id FROM case_question
		WHERE case_id = ?) ORDER BY question_id, item_id`, id)
}

// SetQuestion asks a new question of a case (c.ID is 0), or makes one what c says,
// for c.Editor; with c.Revision, another revision is a conflict. The items that
// carry the answer are those of c.
func (d *DB) SetQuestion(ctx context.Context, c store.CaseQuestion) (id int64, err error) {
	defer fault.Wrap(&err, "question of case %d", c.Case)
	if c.Question = strings.TrimSpace(c.Question); c.Question == "" {
		return 0, fault.New(fault.Invalid, "The question is empty. Ask something, or take it away.")
	}
	if len(c.Question) > store.MaxQuestion {
		return 0, fault.New(fault.Invalid, "The question is longer than %d bytes. Shorten it.", store.MaxQuestion)
	}
	if err := errors.Join(checkSigned(c.Editor), checkCaseText("answer", c.Answer)); err != nil {
		return 0, err
	}
	return c.ID, d.write(ctx, func(t *tx) error {
		was := store.CaseQuestion{}
		now := d.now().UnixNano()
		if c.ID == 0 {
			if err := t.roomInCase("case_question", c.Case, store.MaxQuestions, "questions"); err != nil {
				return err
			}
			if err := t.get(`INSERT INTO case_question (case_id, question, answer, revision, author, created, editor, edited)
				VALUES (?, ?, ?, 1, ?, ?, ?, ?) RETURNING id`, []any{c.Case, c.Question, c.Answer, c.Editor, now, c.Editor, now},
				&c.ID); err != nil {
				return err
			}
		} else if was, err = questionAt(t, c); err != nil {
			return err
		} else if _, err := t.exec(`UPDATE case_question SET question = ?, answer = ?, revision = revision + 1, editor = ?,
			edited = ? WHERE id = ?`, c.Question, c.Answer, c.Editor, now, c.ID); err != nil {
			return err
		}
		if err := answeredBy(t, c); err != nil {
			return err
		}
		rows := []auditRow{}
		field := fmt.Sprintf("question %d", c.ID)
		if was.Question != c.Question {
			rows = append(rows, auditRow{Action: "changed", Field: field, Old: was.Question, New: c.Question})
		}
		if was.Answer != c.Answer {
			rows = append(rows, auditRow{Action: "changed", Field: field + " answer", Old: was.Answer, New: c.Answer})
		}
		if a, b := fmt.Sprint(was.Items), fmt.Sprint(c.Items); a != b {
			rows = append(rows, auditRow{Action: "changed", Field: field + " evidence", Old: strings.Trim(a, "[]"),
				New: strings.Trim(b, "[]")})
		}
		return d.touchCase(t, c.Case, c.Editor, rows...)
	})
}

func questionAt(t *tx, c store.CaseQuestion) (was store.CaseQuestion, err error) {
	list, err := caseQuestions(t.ctx, t, c.Case)
	for _, q := range list {
		if q.ID == c.ID {
			was = q
		}
	}
	switch {
	case err != nil:
		return was, err
	case was.ID == 0:
		return was, noPart(c.Case, "question", c.ID)
	case c.Revision != 0 && c.Revision != was.Revision:
		return was, fault.New(fault.Conflict,
			"%s has changed this question since you opened it: you had revision %d, it is at %d.", was.Editor, c.Revision,
			was.Revision)
	}
	return was, nil
}

// answeredBy stores which items carry an answer.
func answeredBy(t *tx, c store.CaseQuestion) error {
	if _, err := t.exec(`DELETE FROM case_answer WHERE question_id = ?`, c.ID); err != nil {
		return err
	}
	for _, item := range c.Items {
		res, err := t.exec(`INSERT INTO case_answer (question_id, item_id) SELECT ?1, id FROM case_item
			WHERE id = ?2 AND case_id = ?3 ON CONFLICT DO NOTHING`, c.ID, item, c.Case)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, noPart(c.Case, "item", item))
		}
	}
	return nil
}

// DropQuestion takes a question away.
func (d *DB) DropQuestion(ctx context.Context, id, question int64, person string) (err error) {
	defer fault.Wrap(&err, "drop question %d of case %d", question, id)
	if err := checkSigned(person); err != nil {
		return err
	}
	return d.write(ctx, func(t *tx) error {
		was, err := questionAt(t, store.CaseQuestion{ID: question, Case: id})
		if err != nil {
			return err
		}
		if err := t.do([]any{question}, `DELETE FROM case_answer WHERE question_id = ?`,
			`DELETE FROM case_question WHERE id = ?`); err != nil {
			return err
		}
		return d.touchCase(t, id, person, auditRow{Action: "removed", Field: fmt.Sprintf("question %d", question),
			Old: strings.TrimSpace(was.Question + "\n" + was.Answer)})
	})
}

func caseRecommendations(ctx context.Context, q conn, id int64) (out []store.CaseRecommendation, err error) {
	return out, each(ctx, q, func(r *sql.Rows) error {
		var c store.CaseRecommendation
		var at int64
		err := r.Scan(&c.ID, &c.Case, &c.Text, &c.Done, &c.Author, &at)
		c.At = fromNanos(at)
		out = append(out, c)
		return err
	}, `SELECT id, case_id, text, done, author, at FROM case_recommendation WHERE case_id = ? ORDER BY id`, id)
}

// SetRecommendation adds a recommendation (c.ID is 0), changes one, or takes one
// away whose text is empty.
func (d *DB) SetRecommendation(ctx context.Context, c store.CaseRecommendation) (id int64, err error) {
	defer fault.Wrap(&err, "recommendation of case %d", c.Case)
	c.Text = strings.TrimSpace(c.Text)
	if err := errors.Join(checkSigned(c.Author), checkCaseText("recommendation", c.Text)); err != nil {
		return 0, err
	}
	if c.ID == 0 && c.Text == "" {
		return 0, fault.New(fault.Invalid, "The recommendation is empty. Write what should be done, or choose a snippet.")
	}
	return c.ID, d.write(ctx, func(t *tx) error {
		var was store.CaseRecommendation
		row := auditRow{Action: "changed", New: c.Text}
		if c.ID == 0 {
			if err := t.roomInCase("case_recommendation", c.Case, store.MaxQuestions, "recommendations"); err != nil {
				return err
			}
			if err := t.get(`INSERT INTO case_recommendation (case_id, text, done, author, at) VALUES (?, ?, ?, ?, ?)
				RETURNING id`, []any{c.Case, c.Text, c.Done, c.Author, d.now().UnixNano()}, &c.ID); err != nil {
				return err
			}
		} else if err := t.get(`SELECT text, done FROM case_recommendation WHERE id = ? AND case_id = ?`,
			[]any{c.ID, c.Case}, &was.Text, &was.Done); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = noPart(c.Case, "recommendation", c.ID)
			}
			return err
		} else if err := changeRecommendation(t, c); err != nil {
			return err
		}
		if row.Old = was.Text; c.Text == "" {
			row.Action = "removed"
		}
		row.Field = fmt.Sprintf("recommendation %d", c.ID)
		rows := []auditRow{row}
		if was.Text == c.Text {
			rows = nil
		}
		if was.Done != c.Done && c.Text != "" {
			rows = append(rows, auditRow{Action: "changed", Field: row.Field + " done", Old: yesNo(was.Done),
				New: yesNo(c.Done)})
		}
		return d.touchCase(t, c.Case, c.Author, rows...)
	})
}

func changeRecommendation(t *tx, c store.CaseRecommendation) error {
	if c.Text == "" {
		_, err := t.exec(`DELETE FROM case_recommendation WHERE id = ?`, c.ID)
		return err
	}
	_, err := t.exec(`UPDATE case_recommendation SET text = ?, done = ? WHERE id = ?`, c.Text, c.Done, c.ID)
	return err
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
