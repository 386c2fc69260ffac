package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/store"
)

// ChangeWords says in a few words what the changes come to that the findings of
// each host stand for, in the period up to its as-of; of a rule or (rule "") of
// all. Suppressed findings do not count.
func (d *DB) ChangeWords(ctx context.Context, rule string, hosts []store.Host) (out []string, err error) {
	defer fault.Wrap(&err, "what changed")
	rules := d.inForce()
	out = make([]string, len(hosts))
	return out, d.snapshot(ctx, func(q conn) error {
		stored, err := storedWords(ctx, q, rule, hosts)
		late := false
		if err == nil && len(hosts) > 1 {
			late, err = changing(ctx, q)
		}
		for i, h := range hosts {
			if err != nil {
				return err
			}
			w := stored[h.Dest]
			switch {
			case h.Findings == h.Suppressed:
			case w.holds(h.AsOf):
				out[i] = w.words
			case late && w.due():
				out[i], err = lateOf(&d.seen.lately, &d.seen.lately.words, latelyKey{rule, h.Dest}, func() (string, error) {
					return wordsAt(ctx, q, rules, h, rule, w)
				})
			default:
				out[i], err = wordsAt(ctx, q, rules, h, rule, w)
			}
		}
		return err
	})
}

// changeWords are what the findings of a dest come to, as they are stored: at
// asOf or, where that was the moment at which they were made, at any second with
// asOf <= second < until.
type changeWords struct {
	words       string
	asOf, until int64
	live        bool
}

// due says that the findings have changed since.
func (w *changeWords) due() bool { return w == nil || w.until == math.MinInt64 }

func (w *changeWords) holds(at int64) bool {
	return !w.due() && (at == w.asOf || w.live && at > w.asOf && at < w.until)
}

// storedWords are those of some hosts, by dest.
func storedWords(ctx context.Context, q conn, rule string, hosts []store.Host) (map[string]*changeWords, error) {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Dest
	}
	out := make(map[string]*changeWords, len(hosts))
	return out, each(ctx, q, func(r *sql.Rows) error {
		var dest string
		var w changeWords
		err := r.Scan(&dest, &w.words, &w.asOf, &w.live, &w.until)
		out[dest] = &w
		return err
	}, `SELECT dest, words, as_of, live, until FROM host_change WHERE rule_id = ?
		AND dest IN (SELECT value FROM json_each(?))`, rule, jsonList(names))
}

// wordsAt makes the words of a host of its facts, or where these are not known
// of its findings.
func wordsAt(ctx context.Context, q conn, rules *detection.Rules, h store.Host, rule string,
	w *changeWords) (string, error) {
	var facts detection.Facts
	err := sql.ErrNoRows
	if w == nil || !w.due() {
		facts, err = storedFacts(ctx, q, h.Dest)
	}
	if errors.Is(err, sql.ErrNoRows) {
		facts, err = readFacts(ctx, q, rules, h.Dest)
	}
	words, _ := facts.Words(rule, h.AsOf)
	return words, err
}

// storedFacts are those that are kept of a dest: sql.ErrNoRows where there are
// none, or its findings have changed since.
func storedFacts(ctx context.Context, q conn, dest string) (facts detection.Facts, err error) {
	var packed []byte
	if err = one(ctx, q, `SELECT facts FROM host_fact WHERE dest = ?1 AND EXISTS (SELECT 1 FROM host_change
		WHERE dest = ?1 AND rule_id = '' AND until > -9223372036854775808)`, []any{dest}, &packed); err == nil {
		err = json.Unmarshal(packed, &facts)
	}
	return facts, err
}

// readFacts makes the facts of a dest of its findings.
func readFacts(ctx context.Context, q conn, rules *detection.Rules, dest string) (detection.Facts, error) {
	var m detection.FactMaker
	if rules == nil {
		return nil, nil
	}
	add := func(r *sql.Rows) error {
		var id string
		var row sql.RawBytes
		var kind detection.Kind
		var first, last int64
		if err := r.Scan(&id, &row, &kind, &first, &last); err != nil {
			return err
		}
		if of := rules.Find(id); of != nil {
			if c, told := of.ChangeOf(cells(string(row)), kind); told {
				m.Add(id, c, first, last+risk.Period)
			}
		}
		return nil
	}
	if err := each(ctx, q, add, `SELECT rule_id, row, change, first, last FROM finding INDEXED BY finding_dest
		WHERE verdict = 0 AND dest = ? AND change NOT IN (0, ?) ORDER BY sort`, dest, detection.OtherChange); err != nil {
		return nil, err
	}
	// What is no change of note is most, and all one: a row stands for those of a day,
	// which is shorter than each shows, and for what its rule's rows tell.
	err := each(ctx, q, add, `SELECT f.rule_id, f.row, f.change, d.first, d.last FROM (
			SELECT min(first) AS first, max(last) AS last, max(id) AS id FROM finding INDEXED BY finding_dest
			WHERE dest = ? AND verdict = 0 AND change = ? GROUP BY rule_id, last / 86400) d
		CROSS JOIN finding f ON f.id = d.id`, dest, detection.OtherChange)
	return m.Facts(), err
}

// changes makes the words of at most so many dests again whose findings changed,
// or whose time is over, at their own as-of, and says how many there were.
func (s *settler) changes(rules *detection.Rules, most int) (int, error) {
	type dueDest struct {
		name    string
		changed bool
	}
	var dests []dueDest
	err := s.each(func(r *sql.Rows) error {
		var d dueDest
		err := r.Scan(&d.name, &d.changed)
		dests = append(dests, d)
		return err
	}, dueChanges+` LIMIT ?1`, most, s.now)
	for _, d := range dests {
		if err != nil {
			return 0, err
		}
		err = s.changesOf(rules, d.name, d.changed)
	}
	return len(dests), err
}

const dueChanges = `SELECT dest, until = -9223372036854775808 FROM host_change INDEXED BY host_change_due
	WHERE rule_id = '' AND until <= ?2 AND until < 9223372036854775807`

func (s *settler) changesOf(rules *detection.Rules, dest string, changed bool) (err error) {
	var facts detection.Facts
	if changed {
		if err := s.verdict(dest); err != nil {
			return err
		}
		if facts, err = readFacts(s.ctx, s.tx, rules, dest); err == nil {
			_, err = s.exec(`INSERT OR REPLACE INTO host_fact (dest, facts) VALUES (?, ?)`, dest, jsonList(facts))
		}
	} else {
		facts, err = storedFacts(s.ctx, s.tx, dest)
	}
	if err == nil {
		err = s.do([]any{dest}, `DELETE FROM host_change WHERE dest = ?`)
	}
	if err != nil {
		return err
	}
	if len(facts) == 0 {
		var has bool
		if err := s.get(`SELECT EXISTS (SELECT 1 FROM finding WHERE dest = ?)`, []any{dest}, &has); err != nil || !has {
			return errors.Join(err, s.do([]any{dest}, `DELETE FROM host_fact WHERE dest = ?`))
		}
	}
	of := map[string]bool{"": true}
	for _, f := range facts {
		of[f.Rule] = true
	}
	for _, rule := range slices.Sorted(maps.Keys(of)) {
		if err := s.words(facts, dest, rule); err != nil {
			return err
		}
	}
	return nil
}

// words stores the words of a dest, by a rule or (rule "") all, at its own as-of.
func (s *settler) words(facts detection.Facts, dest, rule string) error {
	asOf, live := s.now, false
	err := s.get(`SELECT as_of FROM object_risk WHERE object_type = 'system' AND object = ? AND rule_id = ? AND live = 0`,
		[]any{dest, rule}, &asOf)
	if live = errors.Is(err, sql.ErrNoRows); err != nil && !live {
		return err
	}
	words, until := facts.Words(rule, asOf)
	if !live {
		until = math.MaxInt64
	}
	_, err = s.exec(`INSERT INTO host_change (dest, rule_id, as_of, live, until, words) VALUES (?, ?, ?, ?, ?, ?)`,
		dest, rule, asOf, live, until, words)
	return err
}
