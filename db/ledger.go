package db

import (
	"database/sql"
	"fmt"
	"strings"

	"escutcheon/detection/materialize"
)

// ledger is materialize.Tx over the tables, each entity in a file of its own.
// Outside, findings are known by their keys; inside, rows name them by number.
//
// What a transaction does is gathered and written when it is flushed: each table
// once, in the order of its keys. What is asked before that is answered from
// what was gathered, or that is written first. No statement of several rows may
// undo itself alone (OR FAIL, no foreign keys): SQLite would copy each page for
// that, which costs more than the row.
type ledger struct {
	*tx
	held   map[string]*held // findings by key
	last   int64            // the greatest number of a finding, where one was given
	added  int              // findings that are to be inserted
	gone   []int64          // findings that are to be deleted
	rows   map[place]*part  // windows in rows of their own; nil: is to be deleted
	came   []memberRow      // are to be added
	lost   []memberRow      // are to be deleted, before that
	leaves map[int64]bool   // the events that are lost
	told   map[place]*told
	lacks  []materialize.Lack
	joins  joins
	doubts doubts
	work   *work // nil: nothing is known of events but their numbers
}

// place is a window of a finding.
type place struct{ finding, start int64 }

func newLedger(t *tx) *ledger {
	return &ledger{tx: t, held: map[string]*held{}, rows: map[place]*part{}, leaves: map[int64]bool{},
		told: map[place]*told{}}
}

// hold is a finding's row; its number is 0 where there is none.
func (l *ledger) hold(key string) (*held, error) {
	if h := l.held[key]; h != nil {
		return h, nil
	}
	err := l.load([]string{key})
	return l.held[key], err
}

// must is the row of a finding that is there.
func (l *ledger) must(key string) (*held, error) {
	h, err := l.hold(key)
	if err == nil && h.id == 0 {
		err = fmt.Errorf("there is no finding %s", key)
	}
	return h, err
}

// together is how many keys one statement asks for.
const together = 32

// load reads the rows of findings that are not held.
func (l *ledger) load(keys []string) error {
	for _, key := range keys {
		l.held[key] = &held{key: key}
	}
	args := make([]any, 0, together)
	for at := 0; at < len(keys); {
		args = append(args[:0], keys[at])
		if len(keys)-at > together/4 {
			for i := 1; i < together; i++ { // beyond the end the first one again
				args = append(args, keys[at+i%min(together, len(keys)-at)])
			}
		}
		at += min(len(args), len(keys)-at)
		err := l.each(func(r *sql.Rows) error {
			h, err := scanHeld(r)
			if err == nil {
				l.held[h.key] = h
			}
			return err
		}, `SELECT `+heldColumns+`, `+partColumns+` FROM finding f WHERE f.key IN (?`+
			strings.Repeat(", ?", len(args)-1)+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Prefetch reads findings that will be asked for.
func (l *ledger) Prefetch(keys []string) error {
	var missing []string
	for _, key := range keys {
		if l.held[key] == nil {
			missing = append(missing, key)
		}
	}
	return l.load(missing)
}

// mostHeld is how many findings a transaction gathers before it writes them.
const mostHeld = 8192

// room makes room for more.
func (l *ledger) room() error {
	if len(l.held) < mostHeld && len(l.came)+len(l.lost)+len(l.lacks)+len(l.doubts.put) < 8*mostHeld {
		return nil
	}
	if err := l.Flush(); err != nil {
		return err
	}
	clear(l.held)
	return nil
}

// Flush writes what was gathered.
func (l *ledger) Flush() error {
	for _, step := range []func() error{l.flushGone, l.flushFindings, l.flushWindows, l.flushMembers, l.flushRisk,
		l.flushLacks, l.flushJoins, l.flushDoubts} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// among runs a statement for so many numbers at once.
func (l *ledger) among(head string, ids []int64) error {
	for len(ids) > 0 {
		n := min(len(ids), together)
		if n < together {
			n = 1
		}
		args := make([]any, n)
		for i := range args {
			args[i] = ids[i]
		}
		if _, err := l.exec(head+` IN (?`+strings.Repeat(", ?", n-1)+`)`, args...); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// ofRule are a rule's findings, in a statement that says which rows hang on them.
const ofRule = ` IN (SELECT id FROM finding WHERE rule_id = ?)`
