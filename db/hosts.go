package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"

	"escutcheon/csvsafe"
	"escutcheon/detection/materialize"
	"escutcheon/detection/risk"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/store"
)

// hostQuery yields one row a host, without its risk.
func hostQuery(f store.HostFilter) string {
	one, ofOne := "", ""
	if f.Dest != "" { // not "or" it: the indexes are to be used
		one, ofOne = ` AND h.dest = :dest`, ` AND dest = :dest`
	}
	return `WITH counted AS (
	SELECT dest, count(*) AS n, sum(verdict = 1) AS hidden FROM finding
	WHERE verdict <= 1 AND (:rule = '' OR rule_id = :rule)` + ofOne + ` GROUP BY dest
)
SELECT h.id, h.dest, h.spelling, ifnull(h.first, 0), ifnull(h.last, 0), h.last IS NOT NULL, h.events,
	ifnull(c.n, 0), ifnull(c.hidden, 0), (SELECT count(*) FROM note WHERE note.dest = h.dest AND deleted = 0)
FROM host h LEFT JOIN counted c ON c.dest = h.dest
WHERE (:text = '' OR instr(h.dest, :text) > 0)
	AND (:among IS NULL OR h.dest IN (SELECT value FROM json_each(:among)))` + one
}

// hosts reads the hosts that a filter chooses with their risk, in no order.
func (d *DB) hosts(ctx context.Context, f store.HostFilter) (out []store.Host, err error) {
	defer fault.Wrap(&err, "hosts")
	text := strings.ToLower(f.Text)
	err = d.snapshot(ctx, func(q queryer) error {
		all, err := score(ctx, q, objects{kind: "system", rule: f.Rule, text: text, name: f.Dest, asOf: f.AsOf, now: f.Now})
		if err != nil {
			return err
		}
		byName := make(map[string]scored, len(all))
		for _, s := range all {
			byName[s.object] = s
		}
		return each(ctx, q, func(r *sql.Rows) error {
			h, err := scanHost(r)
			if s, ok := byName[h.Dest]; ok {
				h.Score, h.RiskEvents, h.AsOf, h.AsOfKind = s.score, s.events, s.asOf, s.asOfKind
			} else {
				h.AsOf, h.AsOfKind = risk.AsOf(f.AsOf, f.Now, nil, nil)
			}
			out = append(out, h)
			return err
		}, hostQuery(f), sql.Named("rule", f.Rule), sql.Named("text", text), sql.Named("dest", f.Dest),
			sql.Named("among", f.Among))
	})
	return out, err
}

func scanHost(row *sql.Rows) (store.Host, error) {
	var h store.Host
	err := row.Scan(&h.ID, &h.Dest, &h.Spelling, &h.First, &h.Last, &h.HasTime, &h.Events,
		&h.Findings, &h.Suppressed, &h.Notes)
	return h, err
}

// hostSorts are the values that lists of hosts are sorted by.
var hostSorts = map[string]func(store.Host) any{
	"score":    func(h store.Host) any { return h.Score },
	"last":     func(h store.Host) any { return h.Last },
	"dest":     func(h store.Host) any { return h.Dest },
	"findings": func(h store.Host) any { return h.Findings },
}

// Hosts returns one page of hosts. Sort is score (the default), last, dest or
// findings.
func (d *DB) Hosts(ctx context.Context, f store.HostFilter, p store.Page) ([]store.Host, store.Cursors, error) {
	value, ok := hostSorts[p.Sort]
	if !ok {
		value = hostSorts["score"]
	}
	all, err := d.hosts(ctx, f)
	if err != nil {
		return nil, store.Cursors{}, err
	}
	return sorted(all, p, func(h store.Host) mark { return mark{Value: value(h), ID: h.ID} })
}

// SummarizeHosts counts the hosts that a filter chooses.
func (d *DB) SummarizeHosts(ctx context.Context, f store.HostFilter) (s store.HostSummary, err error) {
	all, err := d.hosts(ctx, f)
	for _, h := range all {
		s.Hosts++
		s.Top = max(s.Top, h.Score)
		if h.Score > 0 {
			s.Risky++
		}
		if h.AsOfKind == risk.Newest {
			s.Newest++
		}
	}
	return s, err
}

// AllHosts yields the hosts that have risk events in the period, sorted by the
// bytes of dest's cell: tables are sorted as they are read.
func (d *DB) AllHosts(ctx context.Context, f store.HostFilter) iter.Seq2[store.Host, error] {
	return func(yield func(store.Host, error) bool) {
		all, err := d.hosts(ctx, f)
		if err != nil {
			yield(store.Host{}, err)
			return
		}
		all = slices.DeleteFunc(all, func(h store.Host) bool { return h.RiskEvents == 0 })
		slices.SortFunc(all, func(a, b store.Host) int { return cmp.Compare(csvsafe.Cell(a.Dest), csvsafe.Cell(b.Dest)) })
		for _, h := range all {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// HostByDest returns one host with its risk.
func (d *DB) HostByDest(ctx context.Context, f store.HostFilter) (store.Host, error) {
	if f.Dest == "" { // which the query takes for any
		return store.Host{}, fault.New(fault.NotFound, "No host is named. Start from the list of hosts.")
	}
	found, err := d.hosts(ctx, f)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "No log of a host %q has been imported.", f.Dest)
	}
	if err != nil {
		return store.Host{}, err
	}
	return found[0], nil
}

// hosts gathers what a transaction does to hosts.
type hosts struct {
	*tx
	events     materialize.Events
	bySpelling map[string]*host // as logs spell them
	byDest     map[string]*host
	byNumber   map[int64]*host
}

// host is a host as the transaction makes it.
type host struct {
	materialize.Host
	id      int64
	dest    string // normalised
	fresh   int64  // new events of the batch
	touched bool
	again   bool // first, last and spelling are to be found anew
}

func newHosts(t *tx, events materialize.Events) *hosts {
	return &hosts{t, events, map[string]*host{}, map[string]*host{}, map[int64]*host{}}
}

// nobody is the host of events that name none.
func nobody() *host { return &host{} }

// of is the host of a computer, which may be new.
func (s *hosts) of(computer string) (*host, error) {
	if computer == "" {
		return nobody(), nil
	}
	if h, ok := s.bySpelling[computer]; ok {
		return h, nil
	}
	dest := event.NormalizeHost(computer)
	h, ok := s.byDest[dest]
	if !ok {
		h = &host{}
		err := s.read(h, `dest = ?`, dest)
		if errors.Is(err, sql.ErrNoRows) {
			h.dest, h.Spelling = dest, computer
			err = s.get(`INSERT INTO host (dest, spelling) VALUES (?, ?) RETURNING id`, []any{dest, computer}, &h.id)
			h.touched = true
		}
		if err != nil {
			return nil, err
		}
		s.byDest[dest], s.byNumber[h.id] = h, h
	}
	s.bySpelling[computer] = h
	return h, nil
}

// byID is a stored host by its number.
func (s *hosts) byID(id int64) (*host, error) {
	if id == 0 {
		return nobody(), nil
	}
	if h, ok := s.byNumber[id]; ok {
		return h, nil
	}
	h := &host{}
	if err := s.read(h, `id = ?`, id); err != nil {
		return nil, err
	}
	s.byDest[h.dest], s.byNumber[id] = h, h
	return h, nil
}

func (s *hosts) read(h *host, where string, arg any) error {
	var first, last sql.NullInt64
	err := s.get(`SELECT id, dest, spelling, first, last, events FROM host WHERE `+where, []any{arg},
		&h.id, &h.dest, &h.Spelling, &first, &last, &h.Events)
	h.First, h.Last, h.Timed = first.Int64, last.Int64, last.Valid
	return err
}

// came notes a new event of the host.
func (h *host) came(e *event.Event) {
	h.Add(e)
	h.fresh++
	h.touched = true
}

// moved notes that n events became the host's, or (below 0) are not any more.
func (h *host) moved(n int64, timed bool) {
	h.Events += n
	h.touched = true
	h.again = h.again || timed
}

// store stores what the transaction did to hosts; new events are the import's.
func (s *hosts) store(imported int64) error {
	for _, dest := range slices.Sorted(maps.Keys(s.byDest)) {
		if h := s.byDest[dest]; h.touched {
			if err := s.storeHost(h, imported); err != nil {
				return err
			}
		}
	}
	clear(s.byDest)
	clear(s.bySpelling)
	clear(s.byNumber)
	return nil
}

func (s *hosts) storeHost(h *host, imported int64) error {
	if h.again {
		if err := s.lookAgain(h); err != nil {
			return err
		}
	}
	var first, last any
	if h.Timed {
		first, last = h.First, h.Last
	}
	if _, err := s.exec(`UPDATE host SET spelling = ?, first = ?, last = ?, events = ? WHERE id = ?`,
		h.Spelling, first, last, h.Events, h.id); err != nil {
		return err
	}
	if h.fresh > 0 {
		if _, err := s.exec(`INSERT INTO import_host (import_id, host_id, events) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET events = events + excluded.events`, imported, h.id, h.fresh); err != nil {
			return err
		}
	}
	if h.Events > 0 {
		return nil
	}
	return s.drop(h)
}

// lookAgain finds a host's first and last event, and its newest spelling, anew.
func (s *hosts) lookAgain(h *host) error {
	var first, last sql.NullInt64
	if err := s.get(`SELECT min(second), max(second) FROM event WHERE host_id = ? AND second <> ?`,
		[]any{h.id, int64(noSecond)}, &first, &last); err != nil {
		return err
	}
	h.First, h.Last, h.Timed = first.Int64, last.Int64, last.Valid
	if !h.Timed {
		return nil
	}
	ids, err := s.column(`SELECT id FROM event WHERE host_id = ? AND second = ?`, h.id, h.Last)
	if err != nil {
		return err
	}
	newest := make([]*event.Event, len(ids))
	for i, id := range ids {
		if newest[i], err = s.events.Event(id); err != nil {
			return err
		}
	}
	h.Newest(newest)
	return nil
}

// drop removes a host that has no events, unless there are notes about it.
func (s *hosts) drop(h *host) error {
	gone, err := s.column(`SELECT id FROM host WHERE id = ? AND NOT EXISTS (SELECT 1 FROM note
		WHERE note.dest = host.dest)`, h.id)
	if err != nil || len(gone) == 0 {
		return err
	}
	return s.do([]any{h.id}, `DELETE FROM import_host WHERE host_id = ?`, `DELETE FROM host WHERE id = ?`)
}
