package db

import (
	"context"
	"database/sql"
	"math"
	"time"

	"escutcheon/detection"
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
		total, err = d.storeBatch(ctx, tx, &i, b)
		return err
	})
	return total, err
}

// storeBatch stores a batch of an import in a transaction.
func (d *DB) storeBatch(ctx context.Context, tx *sql.Tx, i *intake.Import, b *intake.Batch) (total intake.Counts, err error) {
	s := d.newStorer(ctx, tx)
	defer s.close()
	if err := s.cursors(d); err != nil {
		return total, err
	}
	if err := s.begin(i, b); err != nil {
		return total, err
	}
	if err := s.events(); err != nil {
		return total, err
	}
	if b.Rules != s.rules { // they were changed since
		b.Rules, b.Matches = s.rules, b.Matches[:0]
		for n := range b.Events {
			b.Matches = s.rules.Match(b.Matches, n, &b.Events[n])
		}
	}
	if err := s.matches(b.Events, b.Matches, s.ids); err != nil {
		return total, err
	}
	if err := s.settle(); err != nil {
		return total, err
	}
	if err := s.rejections(i.Rejected); err != nil {
		return total, err
	}
	i.Counts.Add(s.counts)
	_, err = tx.ExecContext(ctx, `UPDATE import SET bytes = ?, records = ?, read = ?, new = ?, duplicate = ?, rejected = ?,
		timeless = ?, nameless = ?, zoneless = ?, undated = ?, windows1252 = ?, beat = ? WHERE id = ?`,
		i.Bytes, i.Records, i.Read, i.New, i.Duplicate, i.Rejected, i.Timeless, i.Nameless, i.Zoneless, i.Undated, i.Windows1252,
		time.Now().UnixNano(), b.Import)
	return i.Counts, err
}

// storer changes what is stored of events within one transaction, and what
// rests on them.
type storer struct {
	ctx   context.Context
	tx    *sql.Tx
	rules *detection.Rules
	runs  map[string]int64 // how far each rule was run over the stored events
	dec   intake.Decoder
	stmts map[string]*sql.Stmt // prepared in tx, by their text
	recs  *records

	// of a batch
	b       *intake.Batch
	counts  intake.Counts
	ids     []int64 // of the batch's events; 0 for a duplicate
	first   int64   // number of the batch's first record
	next    int64
	reading int64 // id of how the batch is decoded
	pending []record
	size    int
	blocks  *blockWriter

	hosts  map[string]*hostSeen // by the log's spelling
	byDest map[string]*hostSeen
	names  map[string]map[string]int64 // table, name → id

	changed map[int64]*change                  // events seen differently than before
	deltas  map[string]*delta                  // what findings gain, by their key
	stale   map[int64]map[int64]bool           // windows that lost events, by finding
	made    map[*detection.Rule]map[int64]bool // rules whose rows are made together, and the windows that changed
}

func (d *DB) newStorer(ctx context.Context, tx *sql.Tx) *storer {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := &storer{ctx: ctx, tx: tx, rules: d.rules, dec: d.dec, runs: map[string]int64{}, stmts: map[string]*sql.Stmt{},
		hosts: map[string]*hostSeen{}, byDest: map[string]*hostSeen{}, names: map[string]map[string]int64{"channel": {}, "provider": {}},
		changed: map[int64]*change{}, deltas: map[string]*delta{}, stale: map[int64]map[int64]bool{}}
	s.recs = newRecords(ctx, prepared{s})
	return s
}

// prepared queries through the storer's prepared statements.
type prepared struct{ s *storer }

func (p prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := p.s.stmt(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (p prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st, err := p.s.stmt(query)
	if err != nil {
		return p.s.tx.QueryRowContext(ctx, query, args...) // which gives the error
	}
	return st.QueryRowContext(ctx, args...)
}

// begin makes ready for a batch of an import.
func (s *storer) begin(i *intake.Import, b *intake.Batch) error {
	s.b, s.counts, s.ids = b, b.Counts, make([]int64, len(b.Events))
	s.counts.Read, s.counts.Rejected = int64(len(b.Events)), int64(len(b.Rejections))
	r := i.Reading()
	if err := s.get(`SELECT last + 1 FROM sequence WHERE name = 'record'`, nil, &s.next); err != nil {
		return err
	}
	s.first = s.next
	if err := s.get(`INSERT INTO reading (format, encoding, zone, computer, dates) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET zone = zone RETURNING id`, []any{r.Format, r.Encoding, r.Zone, r.Computer, r.Dates}, &s.reading); err != nil {
		return err
	}
	s.recs.fresh, s.recs.import_, s.recs.reading = map[int64]string{}, i.ID, r
	var err error
	s.blocks, err = newBlockWriter()
	return err
}

// stmt is a statement prepared once in the transaction: most run once an event
// or a finding.
func (s *storer) stmt(query string) (*sql.Stmt, error) {
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	st, err := s.tx.PrepareContext(s.ctx, query)
	if err == nil {
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

// rejections keeps what was rejected; of the first ones of an import with
// their first bytes, which the pages show.
func (s *storer) rejections(before int64) error {
	for i, r := range s.b.Rejections {
		n := before + int64(i)
		if n >= intake.MaxSamples {
			r.Sample = nil
		}
		if _, err := s.exec(`INSERT INTO rejection (import_id, n, offset, length, reason, sample) VALUES (?, ?, ?, ?, ?, ifnull(?, x''))`,
			s.b.Import, n, r.Offset, r.Length, r.Reason, r.Sample); err != nil {
			return err
		}
	}
	return nil
}
