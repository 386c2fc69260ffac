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
	write   due
	damaged bool // as it was read; it stays so, whatever is written of it
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

// sums are the checksums of the row with these windows.
func (h *held) sums(windows []byte) (own, held int64) {
	if h.damaged {
		return unfit, unfit
	}
	if windows == nil { // as it is stored
		windows = []byte{}
	}
	return checksum[any](h.key, h.rule, h.dest, h.row, int64(h.verdict), h.count, h.first, h.last, h.change),
		checksum[any](h.by, h.state, h.made, windows)
}

func verdictNumber(v spl.Verdict) int {
	switch v {
	case spl.Kept:
		return 0
	case spl.Aside:
		return 1
	}
	return 2
}

var heldColumns = `f.id, f.key, f.rule_id, f.by_key, f.made, f.dest, f.row, f.verdict, f.windows, ` +
	findingSum.whole("f") + ` AND ` + heldSum.whole("f")

// scanHeld scans heldColumns and partColumns, and what follows them.
func scanHeld(r *sql.Rows, more ...any) (*held, error) {
	h := &held{}
	var packed []byte
	var whole bool
	dst := append([]any{&h.id, &h.key, &h.rule, &h.by, &h.made, &h.dest, &h.row, &h.verdict, &packed, &whole},
		h.part.columns()...)
	if err := r.Scan(append(dst, more...)...); err != nil {
		return nil, err
	}
	var err error
	h.damaged = !whole
	if h.windows, err = unpackWindows(packed, &h.part); err != nil && h.damaged {
		return h, nil
	}
	return h, err
}

// finding is the finding as what rests on events knows it.
func (h *held) finding(r *detection.Rule) (*materialize.Finding, error) {
	f := &materialize.Finding{Rule: r, Key: h.key, Made: h.made, Dest: h.dest}
	if h.verdict >= 0 && h.verdict < len(verdicts) {
		f.Verdict = verdicts[h.verdict]
	}
	p, err := h.loaded(r, &h.part)
	if err != nil {
		return nil, err
	}
	f.Part = *p
	var wrong error
	f.By, err = unmarshal(h.by)
	f.Row, wrong = unmarshal(h.row)
	if h.damaged {
		f.By = append(f.By, make([]string, len(r.Plan().By()))...)[:len(r.Plan().By())]
		f.Row = append(f.Row, make([]string, len(r.Plan().Columns()))...)[:len(r.Plan().Columns())]
		return f, nil
	}
	return f, errors.Join(err, wrong)
}

// loaded is what a part of the finding holds; of a damaged one that cannot be read it
// begins with nothing.
func (h *held) loaded(r *detection.Rule, p *part) (*materialize.Part, error) {
	out, err := p.load(r)
	if err != nil && h.damaged {
		return &materialize.Part{State: r.Plan().New(), Count: p.count, First: p.first, Last: p.last,
			Change: detection.Kind(p.change)}, nil
	}
	return out, err
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
