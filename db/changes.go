package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"math"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// changeWords are what the changes that the findings of a dest stand for come to,
// in the period up to any as-of with from <= as-of < until.
type changeWords struct {
	words       string
	from, until int64
}

// read reads what is stored of a host's, and says whether it holds.
func (w *changeWords) read(ctx context.Context, q conn, h store.Host, rule string) (holds bool, err error) {
	live := false
	err = one(ctx, q, `SELECT words, as_of, live, until FROM host_change WHERE dest = ? AND rule_id = ?`,
		[]any{h.Dest, rule}, &w.words, &w.from, &live, &w.until)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	due := w.until == math.MinInt64
	return !due && (h.AsOf == w.from || live && h.AsOf > w.from && h.AsOf < w.until), err
}

// ChangeWords says in a few words what the changes come to that the findings of
// each host stand for, in the period up to its as-of; of a rule or (rule "") of
// all. Suppressed findings do not count.
func (d *DB) ChangeWords(ctx context.Context, rule string, hosts []store.Host) (out []string, err error) {
	defer fault.Wrap(&err, "what changed")
	rules := d.inForce()
	out = make([]string, len(hosts))
	return out, d.snapshot(ctx, func(q conn) error {
		for i, h := range hosts {
			if h.Findings == h.Suppressed {
				continue
			}
			var w changeWords
			holds, err := w.read(ctx, q, h, rule)
			if err != nil {
				return err
			}
			if !holds {
				list, err := readChanges(ctx, q, rules, h.Dest)
				if err != nil {
					return err
				}
				w = list.words(rule, h.AsOf)
			}
			out[i] = w.words
		}
		return nil
	})
}

// changeList are the findings of a dest that stand for changes, in the order of
// their rows.
type changeList []struct {
	rule        string
	first, last int64
	change      detection.Change
	told        bool // the rule is in force, and says what was changed
}

func readChanges(ctx context.Context, q conn, rules *detection.Rules, dest string) (out changeList, err error) {
	err = each(ctx, q, func(r *sql.Rows) error {
		var row string
		var kind detection.Kind
		out = append(out, changeList{{}}...)
		f := &out[len(out)-1]
		if err := r.Scan(&f.rule, &row, &kind, &f.first, &f.last); err != nil {
			return err
		}
		if rules != nil {
			if of := rules.Find(f.rule); of != nil {
				f.change, f.told = of.ChangeOf(cells(row), kind)
			}
		}
		return nil
	}, `SELECT rule_id, row, change, first, last FROM finding WHERE verdict = 0 AND dest = ? AND change <> 0
		ORDER BY sort`, dest)
	return out, err
}

// words are those of a rule, or (rule "") of all.
func (l changeList) words(rule string, asOf int64) changeWords {
	w := changeWords{from: asOf, until: math.MaxInt64}
	var changes []detection.Change
	for _, f := range l {
		switch {
		case rule != "" && f.rule != rule || f.last <= asOf-risk.Period:
		case f.first > asOf:
			w.until = min(w.until, f.first)
		default:
			w.until = min(w.until, f.last+risk.Period)
			if f.told {
				changes = append(changes, f.change)
			}
		}
	}
	w.words = detection.Summary(changes)
	return w
}

// changes makes the words of at most so many dests again whose findings changed,
// at their own as-of, and says how many there were.
func (s *settler) changes(rules *detection.Rules, most int) (int, error) {
	var dests []string
	err := s.each(func(r *sql.Rows) error {
		var dest string
		err := r.Scan(&dest)
		dests = append(dests, dest)
		return err
	}, dueChanges+` LIMIT ?`, s.now, most)
	for _, dest := range dests {
		if err != nil {
			return 0, err
		}
		err = s.changesOf(rules, dest)
	}
	return len(dests), err
}

const dueChanges = `SELECT dest FROM host_change INDEXED BY host_change_due
	WHERE rule_id = '' AND until <= ? AND until < 9223372036854775807`

func (s *settler) changesOf(rules *detection.Rules, dest string) error {
	if _, err := s.exec(`DELETE FROM host_change WHERE dest = ?`, dest); err != nil {
		return err
	}
	list, err := readChanges(s.ctx, s.tx, rules, dest)
	if err != nil || len(list) == 0 {
		return err
	}
	of := map[string]bool{"": true}
	for _, f := range list {
		of[f.rule] = true
	}
	for _, rule := range slices.Sorted(maps.Keys(of)) {
		asOf, live := s.now, false
		err := s.get(`SELECT as_of FROM object_risk WHERE object_type = 'system' AND object = ? AND rule_id = ? AND live = 0`,
			[]any{dest, rule}, &asOf)
		if live = errors.Is(err, sql.ErrNoRows); err != nil && !live {
			return err
		}
		w := list.words(rule, asOf)
		if !live {
			w.until = math.MaxInt64
		}
		if _, err := s.exec(`INSERT INTO host_change (dest, rule_id, as_of, live, until, words) VALUES (?, ?, ?, ?, ?, ?)`,
			dest, rule, w.from, live, w.until, w.words); err != nil {
			return err
		}
	}
	return nil
}
