package db

import (
	"database/sql"
	"errors"

	"escutcheon/detection"
	"escutcheon/detection/materialize"
	"escutcheon/detection/spl"
)

// held is a finding's row as a transaction has it.
type held struct {
	id        int64 // 0: there is none
	key, rule string
	dest      string
	by, row   string // JSON
	sort      []byte // where row is to be written
	verdict   int
	made      bool
	part      // of all its events
	windows
	write due
}

// due is how much of a finding's row is to be written; more of it includes less.
type due int

const (
	nothing due = iota
	partOnly
	andRow
	andVerdict // dest and made, too
	insert
)

// part is a materialize.Part as it is stored.
type part struct {
	state                      string // JSON
	count, first, last, change int64
}

func partOf(p *materialize.Part) (part, error) {
	state, err := p.State.MarshalJSON()
	return part{string(state), p.Count, p.First, p.Last, int64(p.Change)}, err
}

func (p *part) load(r *detection.Rule) (*materialize.Part, error) {
	state, err := r.Plan().Load([]byte(p.state))
	return &materialize.Part{State: state, Count: p.count, First: p.first, Last: p.last,
		Change: detection.Kind(p.change)}, err
}

// partColumns are those of a finding or a window that hold a part.
const partColumns = `state, count, first, last, change`

func (p *part) columns() []any { return []any{&p.state, &p.count, &p.first, &p.last, &p.change} }

func (p *part) values(dst []any) []any {
	return append(dst, p.state, p.count, p.first, p.last, p.change)
}

// verdicts are the numbers under which verdicts are stored.
var verdicts = [...]spl.Verdict{spl.Kept, spl.Aside, spl.Dropped}

func verdictNumber(v spl.Verdict) int {
	switch v {
	case spl.Kept:
		return 0
	case spl.Aside:
		return 1
	}
	return 2
}

const heldColumns = `f.id, f.key, f.rule_id, f.by_key, f.made, f.dest, f.row, f.verdict, f.windows`

// scanHeld scans heldColumns and partColumns, and what follows them.
func scanHeld(r *sql.Rows, more ...any) (*held, error) {
	h := &held{}
	var packed []byte
	dst := append([]any{&h.id, &h.key, &h.rule, &h.by, &h.made, &h.dest, &h.row, &h.verdict, &packed},
		h.part.columns()...)
	if err := r.Scan(append(dst, more...)...); err != nil {
		return nil, err
	}
	var err error
	h.windows, err = unpackWindows(packed, &h.part)
	return h, err
}

// finding is the finding as what rests on events knows it.
func (h *held) finding(r *detection.Rule) (*materialize.Finding, error) {
	f := &materialize.Finding{Rule: r, Key: h.key, Made: h.made, Dest: h.dest, Verdict: verdicts[h.verdict]}
	p, err := h.part.load(r)
	if err != nil {
		return nil, err
	}
	f.Part = *p
	var wrong error
	f.By, err = unmarshal(h.by)
	f.Row, wrong = unmarshal(h.row)
	return f, errors.Join(err, wrong)
}

// put makes the row that of a finding.
func (h *held) put(f *materialize.Finding) error {
	p, err := partOf(&f.Part)
	if err != nil {
		return err
	}
	row, verdict := marshal(f.Row), verdictNumber(f.Verdict)
	switch {
	case h.dest != f.Dest || h.verdict != verdict || h.made != f.Made:
		h.write = max(h.write, andVerdict)
	case h.row != row:
		h.write = max(h.write, andRow)
	default:
		h.write = max(h.write, partOnly)
	}
	if h.write >= andRow {
		h.sort = sortKey(f.Row)
	}
	h.part, h.row, h.dest, h.verdict, h.made = p, row, f.Dest, verdict, f.Made
	return nil
}
