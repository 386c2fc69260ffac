package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/intake"
)

// noSecond stands in the event table for "no time".
const noSecond = math.MinInt64

// StoreBatch stores a batch of a running import in one transaction: the events
// that are new, the findings and risk events they touch, the rejections and
// the counts. It returns the import's counts after it. An import that is not
// running for b.Owner any more is a conflict, and nothing is stored.
func (d *DB) StoreBatch(ctx context.Context, b *intake.Batch) (total intake.Counts, err error) {
	defer fault.Wrap(&err, "store a batch of import %d", b.Import)
	err = d.write(ctx, func(tx *sql.Tx) error {
		i, err := scanImport(tx.QueryRowContext(ctx, `SELECT `+importColumns+` FROM import WHERE id = ?`, b.Import))
		if err != nil {
			return err
		}
		if i.Status != intake.Running {
			return fault.New(fault.Conflict, "The import was %s.", i.Status)
		}
		if i.Owner != b.Owner {
			return fault.New(fault.Conflict, "Another process has taken the import over.")
		}
		if i.Records != b.From { // never twice, whatever went wrong before
			return fault.New(fault.Conflict, "The import has been stored further already.")
		}
		s, err := newStorer(ctx, tx, b)
		if err != nil {
			return err
		}
		defer s.close()
		if err := s.events(); err != nil {
			return err
		}
		if err := s.findings(); err != nil {
			return err
		}
		if err := s.rejections(i.Rejected); err != nil {
			return err
		}
		i.Counts.Add(s.counts)
		total = i.Counts
		_, err = tx.ExecContext(ctx, `UPDATE import SET bytes = ?, records = ?, read = ?, new = ?, duplicate = ?, rejected = ?,
			timeless = ?, nameless = ?, zoneless = ?, beat = ? WHERE id = ?`,
			i.Bytes, i.Records, i.Read, i.New, i.Duplicate, i.Rejected, i.Timeless, i.Nameless, i.Zoneless, time.Now().UnixNano(), b.Import)
		return err
	})
	return total, err
}

// storer stores one batch within its transaction.
type storer struct {
	ctx    context.Context
	tx     *sql.Tx
	b      *intake.Batch
	counts intake.Counts

	ids    []int64 // of the batch's events; 0 for a duplicate
	next   int64
	hosts  map[string]*hostSeen // by the log's spelling
	byDest map[string]*hostSeen
	names  map[string]map[string]int64 // table, name → id
	stmts  map[string]*sql.Stmt        // prepared in tx, by their text
}

// hostSeen gathers what a batch says of one host.
type hostSeen struct {
	id          int64
	dest        string
	spelling    string
	first, last int64
	timed       bool
	events      int64
}

func newStorer(ctx context.Context, tx *sql.Tx, b *intake.Batch) (*storer, error) {
	s := &storer{ctx: ctx, tx: tx, b: b, counts: b.Counts, ids: make([]int64, len(b.Events)),
		hosts: map[string]*hostSeen{}, byDest: map[string]*hostSeen{}, names: map[string]map[string]int64{"channel": {}, "provider": {}}}
	s.counts.Read, s.counts.Rejected = int64(len(b.Events)), int64(len(b.Rejections))
	err := tx.QueryRowContext(ctx, `SELECT ifnull(max(id), 0) + 1 FROM event`).Scan(&s.next)
	return s, err
}

// stmt is a statement prepared once in the transaction: most run once an event
// or a finding.
func (s *storer) stmt(query string) (*sql.Stmt, error) {
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	st, err := s.tx.PrepareContext(s.ctx, query)
	if err == nil {
		if s.stmts == nil {
			s.stmts = map[string]*sql.Stmt{}
		}
		s.stmts[query] = st
	}
	return st, err
}

func (s *storer) exec(query string, args ...any) (sql.Result, error) {
	st, err := s.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(s.ctx, args...)
}

// get scans the one row of a query.
func (s *storer) get(query string, args []any, dst ...any) error {
	st, err := s.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(s.ctx, args...).Scan(dst...)
}

func (s *storer) close() {
	for _, st := range s.stmts {
		_ = st.Close() // the transaction's end says what matters
	}
}

// events stores the new events and their original bytes.
func (s *storer) events() error {
	w, err := newBlockWriter()
	if err != nil {
		return err
	}
	var pending []record
	size := 0
	flush := func() error {
		if len(pending) == 0 {
			return nil
		}
		_, err := s.exec(`INSERT INTO block (first_event, count, import_id, data) VALUES (?, ?, ?, ?)`,
			s.next-int64(len(pending)), len(pending), s.b.Import, w.pack(pending))
		pending, size = pending[:0], 0
		return err
	}
	for i := range s.b.Events {
		e := &s.b.Events[i]
		isNew, err := s.event(i, e)
		if err != nil {
			return err
		}
		if !isNew {
			s.counts.Duplicate++
			continue
		}
		s.counts.New++
		pending = append(pending, record{e.Offset, e.Raw})
		if size += len(e.Raw); size >= blockBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return s.storeHosts()
}

// event stores one event's identity and says whether it is new.
func (s *storer) event(i int, e *event.Event) (bool, error) {
	h, err := s.host(e.Computer)
	if err != nil {
		return false, err
	}
	channel, err := s.name("channel", e.Channel)
	if err != nil {
		return false, err
	}
	provider, err := s.name("provider", e.Provider)
	if err != nil {
		return false, err
	}
	second, nanos := int64(noSecond), int64(0)
	if e.HasTime {
		second = e.Second()
		nanos = e.Nanos - second*1e9
	}
	var digest any
	if e.RecordNumber < 0 {
		if digest, err = s.digest(e.Raw); err != nil {
			return false, err
		}
	}
	res, err := s.exec(`INSERT INTO event (id, host_id, channel_id, provider_id, record, code, second, nanos, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, s.next, h.id, channel, provider, e.RecordNumber, e.EventCode, second, nanos, digest)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	s.ids[i] = s.next
	s.next++
	if !e.HasTime {
		s.counts.Timeless++
	}
	if e.Computer == "" {
		s.counts.Nameless++
	}
	h.saw(e, second)
	return true, nil
}

// digest is the identity of a record without a number: a hash of its bytes
// and how many equal ones came before it in its file.
func (s *storer) digest(raw string) ([]byte, error) {
	sum := sha256.Sum256([]byte(raw))
	var n uint64
	err := s.get(`INSERT INTO ordinal (import_id, digest, n) VALUES (?, ?, 1)
		ON CONFLICT (import_id, digest) DO UPDATE SET n = n + 1 RETURNING n`, []any{s.b.Import, sum[:16]}, &n)
	if err != nil {
		return nil, err
	}
	sum = sha256.Sum256(binary.BigEndian.AppendUint64(sum[:], n))
	return sum[:16], nil
}

// name returns the id of a channel's or provider's name, storing it if new.
// Ids are remembered for the batch only: another process may roll back.
func (s *storer) name(table, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, ok := s.names[table][name]; ok {
		return id, nil
	}
	var id int64
	err := s.tx.QueryRowContext(s.ctx, `INSERT INTO `+table+` (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = name RETURNING id`, name).Scan(&id)
	s.names[table][name] = id
	return id, err
}

var nobody = &hostSeen{}

func (s *storer) host(computer string) (*hostSeen, error) {
	if computer == "" {
		return nobody, nil
	}
	if h, ok := s.hosts[computer]; ok {
		return h, nil
	}
	dest := event.NormalizeHost(computer)
	h, ok := s.byDest[dest]
	if !ok {
		h = &hostSeen{dest: dest, spelling: computer}
		err := s.tx.QueryRowContext(s.ctx, `INSERT INTO host (dest, spelling) VALUES (?, ?) ON CONFLICT (dest) DO UPDATE SET dest = dest RETURNING id`,
			dest, computer).Scan(&h.id)
		if err != nil {
			return nil, err
		}
		s.byDest[dest] = h
	}
	s.hosts[computer] = h
	return h, nil
}

// saw notes a new event of the host. The spelling is that of the newest event,
// and of several at one second the first in the order of bytes, so that the
// order of imports does not matter.
func (h *hostSeen) saw(e *event.Event, second int64) {
	if h == nobody {
		return
	}
	h.events++
	if !e.HasTime {
		return
	}
	if !h.timed || second > h.last || second == h.last && e.Computer < h.spelling {
		h.spelling, h.last = e.Computer, second
	}
	if !h.timed || second < h.first {
		h.first = second
	}
	h.timed = true
}

func (s *storer) storeHosts() error {
	for _, h := range s.byDest {
		if h.events == 0 {
			continue
		}
		var first, last any
		if h.timed {
			first, last = h.first, h.last
		}
		_, err := s.exec(`UPDATE host SET events = events + ?2,
			spelling = CASE WHEN ?4 IS NULL OR last > ?4 OR last = ?4 AND spelling < ?5 THEN spelling ELSE ?5 END,
			first = min(ifnull(first, ?3), ifnull(?3, first)), last = max(ifnull(last, ?4), ifnull(?4, last)) WHERE id = ?1`,
			h.id, h.events, first, last, h.spelling)
		if err != nil {
			return err
		}
		_, err = s.exec(`INSERT INTO import_host (import_id, host_id, events) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET events = events + excluded.events`, s.b.Import, h.id, h.events)
		if err != nil {
			return err
		}
	}
	return nil
}

// rejections keeps the first of an import's rejections.
func (s *storer) rejections(before int64) error {
	for i, r := range s.b.Rejections {
		n := before + int64(i)
		if n >= intake.MaxRejections {
			return nil
		}
		if _, err := s.exec(`INSERT INTO rejection (import_id, n, offset, reason, sample) VALUES (?, ?, ?, ?, ?)`,
			s.b.Import, n, r.Offset, r.Reason, r.Sample); err != nil {
			return err
		}
	}
	return nil
}

// EventBytes returns an event's original bytes as stored, where they stand in
// their file, and the import that brought them.
func (d *DB) EventBytes(ctx context.Context, id int64) (raw string, offset, importID int64, err error) {
	defer fault.Wrap(&err, "original bytes of event %d", id)
	var first int64
	var count int
	var data []byte
	err = d.r.QueryRowContext(ctx, `SELECT first_event, count, import_id, data FROM block WHERE first_event <= ? ORDER BY first_event DESC LIMIT 1`, id).
		Scan(&first, &count, &importID, &data)
	if errors.Is(err, sql.ErrNoRows) || err == nil && id >= first+int64(count) {
		return "", 0, 0, fault.New(fault.NotFound, "There is no event %d.", id)
	}
	if err != nil {
		return "", 0, 0, err
	}
	recs, err := unpack(data, count)
	if err != nil {
		return "", 0, 0, fmt.Errorf("block %d: %w", first, err)
	}
	r := recs[id-first]
	return r.raw, r.offset, importID, nil
}
