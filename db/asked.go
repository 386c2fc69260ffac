package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/risk"
)

// askedKey is a list at a moment that was asked for.
type askedKey struct {
	kind, rule string
	asOf       int64
	severe     bool
}

// askedList are its standings.
type askedList struct {
	made     int64 // of risk_clock
	settings risk.Settings
	rules    *detection.Rules
	overlay
}

// How many such lists are remembered, and of how many objects.
const (
	mostLists    = 4
	mostStanding = 30_000
)

// asked adds the standings at a moment that was asked for to those that are
// there, as they were seen or anew.
func (v viewer) asked(ctx context.Context, q conn, out overlay, k askedKey) (overlay, error) {
	l := askedList{settings: v.Settings, rules: v.rules, overlay: out}
	if err := one(ctx, q, `SELECT made FROM risk_clock`, nil, &l.made); err != nil {
		return nil, err
	}
	v.seen.mu.Lock()
	old, ok := v.seen.lists[k]
	v.seen.mu.Unlock()
	whole := len(out) == 0
	if whole && ok && old.made == l.made && old.settings == l.settings && old.rules == l.rules {
		return old.overlay, nil
	}
	var err error
	if k.severe {
		err = v.overlay(ctx, q, out, k.rule, moment{asked: &k.asOf}, k.kind,
			cols+`WHERE object_type = ? AND rule_id = ? AND last > ? AND first <= ?`, k.kind, k.rule,
			k.asOf-risk.Lookback, k.asOf)
	} else {
		err = out.weigh(ctx, q, v.Scorer, k.kind, k.rule, k.asOf)
	}
	if err != nil || !whole || len(out) > mostStanding {
		return out, err
	}
	v.seen.mu.Lock()
	defer v.seen.mu.Unlock()
	if v.seen.lists == nil || len(v.seen.lists) >= mostLists {
		v.seen.lists = map[askedKey]askedList{}
	}
	v.seen.lists[k] = l
	return out, nil
}

// chosenKey is a filter of such a list.
type chosenKey struct {
	askedKey
	text, severity, dest string
}

// chosen are the hosts that it chose in a state of risk and of the hosts.
type chosen struct {
	made, stored int64
	settings     risk.Settings
	rules        *detection.Rules
	hosts        []candidate
}

func (s *seen) chosenBefore(k chosenKey, now chosen) ([]candidate, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.picks[k]
	ok = ok && c.made == now.made && c.stored == now.stored && c.settings == now.settings && c.rules == now.rules
	return slices.Clone(c.hosts), ok
}

func (s *seen) choose(k chosenKey, c chosen) {
	if len(c.hosts) > mostStanding {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.picks == nil || len(s.picks) >= mostLists {
		s.picks = map[chosenKey]chosen{}
	}
	s.picks[k] = c
}

// weighing scores all objects of a type at a moment that was asked for: what
// lists sort by and count, without incidents. It adds tiles up as they are
// packed, for it looks at those of all objects.
type weighing struct {
	ctx         context.Context
	q           conn
	kind, rule  string
	after, upTo int64
	of          map[string]*tallies
	names       map[string]string // of rules: one string each
}

// tallies are what the risk events of an object come to in the period.
type tallies struct {
	events int64
	rules  []ruleTally
	edges  [2]edge // the hours that the period's ends divide
}

type ruleTally struct {
	rule string
	risk.Tally
}

// edge is an hour at an end of the period: its tiles, unless one of them is
// divided.
type edge struct {
	tiles   []edgeTile
	divided bool
}

type edgeTile struct {
	ruleTally
	count int64
}

func (t *tallies) add(of ruleTally, count int64) {
	t.events += count
	for i := range t.rules {
		if r := &t.rules[i]; r.rule == of.rule {
			r.Tally = risk.Tally{Sum: r.Sum + of.Sum, Top: max(r.Top, of.Top)}
			return
		}
	}
	t.rules = append(t.rules, of)
}

// weigh adds the standings of objects at a moment that was asked for to those
// that are there. Their severity is not known.
func (out overlay) weigh(ctx context.Context, q conn, s risk.Scorer, kind, rule string, asked int64) error {
	w := &weighing{ctx: ctx, q: q, kind: kind, rule: rule, after: asked - risk.Period, upTo: asked,
		of: map[string]*tallies{}, names: map[string]string{}}
	if err := w.read(); err != nil {
		return err
	}
	for name, t := range w.of {
		if _, there := out[name]; there {
			continue
		}
		for i := range t.edges {
			if err := w.edge(name, t, i); err != nil {
				return err
			}
		}
		st := &standing{object: name, asOf: asked, kind: risk.Asked, events: t.events,
			rules: int64(len(t.rules)), weighed: true}
		for _, r := range t.rules {
			st.score += int64(s.Counts(r.Tally))
		}
		out[name] = st
	}
	return nil
}

// read adds up the tiles of the weeks that the period touches.
func (w *weighing) read() error {
	return each(w.ctx, w.q, func(r *sql.Rows) error {
		var name, packed sql.RawBytes
		if err := r.Scan(&name, &packed); err != nil {
			return err
		}
		t := w.of[string(name)]
		if t == nil {
			t = &tallies{}
			w.of[string(name)] = t
		}
		if err := w.week(t, packed); err != nil {
			return fmt.Errorf("%s %q: %w", w.kind, name, err)
		}
		return nil
	}, `SELECT object, tiles FROM risk_week WHERE object_type = ? AND week BETWEEN ? AND ?`, w.kind, weekAt(w.after),
		weekAt(w.upTo))
}

// week adds up a week of an object, read as unpackTiles does.
func (w *weighing) week(t *tallies, b []byte) error {
	if len(b) == 0 {
		return errTiles
	}
	u := unpacker{b: b[1:]}
	var few [8][]byte
	texts := few[:0]
	for n := u.length(); n > 0; n-- {
		n := u.length()
		texts, u.b = append(texts, u.b[:n]), u.b[n:]
	}
	hour := int64(0)
	for len(u.b) > 0 && !u.bad {
		hour += u.signed()
		u.signed()
		rule := u.unsigned()
		u.unsigned()
		e := edgeTile{count: int64(u.unsigned())}
		e.Sum, e.Top = int(u.signed()), int(u.signed())
		first, last := hour*3600-int64(u.unsigned()), hour*3600-int64(u.unsigned())
		if rule >= uint64(len(texts)) {
			return errTiles
		}
		if e.rule = w.name(texts[rule]); last > w.after && first <= w.upTo && (w.rule == "" || e.rule == w.rule) {
			w.tile(t, e, first, last)
		}
	}
	if u.bad {
		return errTiles
	}
	return nil
}

// tile adds a tile that has something of the period.
func (w *weighing) tile(t *tallies, e edgeTile, first, last int64) {
	switch hour := risk.HourOf(last); {
	case hour == risk.HourOf(w.after):
		t.edges[0].add(e, first <= w.after || last > w.upTo)
	case hour == risk.HourOf(w.upTo):
		t.edges[1].add(e, last > w.upTo)
	default:
		t.add(e.ruleTally, e.count)
	}
}

func (e *edge) add(t edgeTile, divided bool) {
	e.tiles, e.divided = append(e.tiles, t), e.divided || divided
}

// edge adds the hour at an end of the period.
func (w *weighing) edge(name string, t *tallies, i int) error {
	if !t.edges[i].divided {
		for _, e := range t.edges[i].tiles {
			t.add(e.ruleTally, e.count)
		}
		return nil
	}
	hour := risk.HourOf([]int64{w.after, w.upTo}[i])
	events, err := newObject(w.ctx, w.q, w.kind, name).events(max(w.after, (hour-1)*3600), min(w.upTo, hour*3600))
	for _, h := range events {
		if w.rule == "" || h.RuleID == w.rule {
			t.add(ruleTally{h.RuleID, h.Tally}, int64(h.Count))
		}
	}
	return err
}

// name is the name of a rule. There are few.
func (w *weighing) name(raw []byte) string {
	if s, ok := w.names[string(raw)]; ok {
		return s
	}
	s := string(raw)
	w.names[s] = s
	return s
}
