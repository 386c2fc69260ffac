package importer

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"escutcheon/fault"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// Opening is what a file leaves open: what somebody has to say before it is
// imported. Password is an archive's, and then it is all.
type Opening struct{ Zone, Computer, Dates, Password bool }

// Names are the fields in which the answers are sent.
func (o Opening) Names() (out []string) {
	for _, f := range []struct {
		open bool
		name string
	}{{o.Zone, "zone"}, {o.Computer, "computer"}, {o.Dates, "dates"}, {o.Password, "password"}} {
		if f.open {
			out = append(out, f.name)
		}
	}
	return out
}

// Merge is a file's own answers, and those given now for what it leaves open.
func (o Opening) Merge(own, given intake.Reading) intake.Reading {
	if o.Zone {
		own.Zone = given.Zone
	}
	if o.Computer {
		own.Computer = given.Computer
	}
	if o.Dates {
		own.Dates = given.Dates
	}
	return own
}

// Check refuses answers of which one is missing or wrong, with a sentence. A
// computer that nobody knows may stay unknown.
func (o Opening) Check(given intake.Reading) error {
	if o.Zone && given.Zone == "" {
		return fault.New(fault.Invalid, "Say the zone of the times: a name such as Europe/Berlin, or UTC.")
	}
	if _, err := Zone(given.Zone); o.Zone && err != nil {
		return err
	}
	if o.Dates && given.Dates == "" {
		return fault.New(fault.Invalid, "Say which number of the dates is the day.")
	}
	if o.Dates {
		return ValidDates(given.Dates)
	}
	return nil
}

// Questions knows what the files leave open that wait for an answer, and takes
// the answers. It is safe for concurrent use.
type Questions struct {
	queue *Queue

	mu sync.Mutex
	// of remembers openings: an import's id stands for one file and what was
	// answered with its upload.
	of map[int64]Opening
}

// mostOpenings bounds how many openings are remembered.
const mostOpenings = 50_000

// NewQuestions returns the questions of the imports in a queue.
func NewQuestions(q *Queue) *Questions { return &Questions{queue: q, of: map[int64]Opening{}} }

// Open says what an import that asks leaves open. What leaves nothing open and
// asks is an archive with a password. It is a conflict when the file is gone.
func (q *Questions) Open(i intake.Import) (Opening, error) {
	q.mu.Lock()
	o, ok := q.of[i.ID]
	q.mu.Unlock()
	if ok {
		return o, nil
	}
	in, err := q.inspect(i, i.Reading())
	if err != nil {
		return o, err
	}
	o = Opening{Zone: in.Zone, Computer: in.Computer, Dates: in.DateOrder, Password: !in.Open()}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.of) >= mostOpenings {
		clear(q.of)
	}
	q.of[i.ID] = o
	return o, nil
}

func (q *Questions) inspect(i intake.Import, r intake.Reading) (Inspection, error) {
	in, err := q.queue.im.Inspect(i, r)
	if errors.Is(err, fs.ErrNotExist) {
		return in, fault.New(
			fault.Conflict, "The file of import %d is gone: it was answered just now, or somebody removed it. "+
				"Open its page again; if it still asks, cancel it and upload the file again.", i.ID)
	}
	return in, err
}

// Sample is the start of a file as the answers given have it read.
type Sample struct {
	Inspection
	Reading    intake.Reading // without the answers that are wrong
	Wrong      error          // what is wrong with them, if anything
	Month, Day *sniff.Example // a date month-first and day-first, while their order is open
}

// Sample reads the start of a file with the answers given for what it leaves
// open.
func (q *Questions) Sample(i intake.Import, o Opening, given intake.Reading) (s Sample, err error) {
	s.Reading = o.Merge(i.Reading(), given)
	if _, err := Zone(s.Reading.Zone); err != nil {
		s.Wrong, s.Reading.Zone = err, ""
	}
	if err := ValidDates(s.Reading.Dates); err != nil {
		s.Wrong, s.Reading.Dates = err, ""
	}
	if s.Inspection, err = q.inspect(i, s.Reading); err != nil || !o.Dates {
		return s, err
	}
	s.Month, s.Day, err = q.bothOrders(i, s.Reading)
	return s, err
}

// bothOrders is a date of the file month-first and day-first, one for which
// that makes a difference if there is one.
func (q *Questions) bothOrders(i intake.Import, r intake.Reading) (month, day *sniff.Example, err error) {
	r.Dates = "mdy"
	m, err := q.inspect(i, r)
	if err != nil {
		return nil, nil, err
	}
	r.Dates = "dmy"
	d, err := q.inspect(i, r)
	if err != nil {
		return nil, nil, err
	}
	for n := range min(len(m.Examples), len(d.Examples)) {
		a, b := &m.Examples[n], &d.Examples[n]
		if !a.HasTime || !b.HasTime || month != nil && a.Nanos == b.Nanos {
			continue
		}
		if month, day = a, b; a.Nanos != b.Nanos {
			break
		}
	}
	return month, day, nil
}

// kin is what files have in common that one answer is for: a computer's name is for no
// file of another collection.
type kin struct {
	Opening
	collection int64
}

func kinOf(i *intake.Import, o Opening) kin {
	if !o.Computer {
		return kin{Opening: o}
	}
	return kin{o, i.Parent}
}

// Alike are up to limit other imports that wait and leave the same open; where that is
// their computer, of the same collection.
func (q *Questions) Alike(ctx context.Context, like intake.Import, o Opening, limit int) (out []intake.Import,
	err error) {
	_, err = q.each(ctx, limit, func(i intake.Import, other Opening) {
		if i.ID != like.ID && kinOf(&i, other) == kinOf(&like, o) {
			out = append(out, i)
		}
	})
	return out, err
}

// Group is imports that are alike.
type Group struct {
	Opening
	Imports []intake.Import
}

// Groups are up to limit imports that wait, by what they leave open, in the
// order in which they came; more says that others wait.
func (q *Questions) Groups(ctx context.Context, limit int) (out []Group, more bool, err error) {
	at := map[kin]int{}
	n, err := q.each(ctx, limit, func(i intake.Import, o Opening) {
		k, ok := at[kinOf(&i, o)]
		if !ok {
			k, at[kinOf(&i, o)] = len(out), len(out)
			out = append(out, Group{Opening: o})
		}
		out[k].Imports = append(out[k].Imports, i)
	})
	return out, n > limit, err
}

// each visits up to limit imports that wait and says how many do, up to one
// more. One that is answered meanwhile is passed over.
func (q *Questions) each(ctx context.Context, limit int, visit func(intake.Import, Opening)) (int, error) {
	waiting, err := q.queue.im.store.Waiting(ctx, limit+1)
	if err != nil {
		return 0, err
	}
	for _, i := range waiting[:min(len(waiting), limit)] {
		o, err := q.Open(i)
		if fault.CodeOf(err) == fault.Conflict {
			continue
		}
		if err != nil {
			return 0, err
		}
		visit(i, o)
	}
	return len(waiting), nil
}

// mostAnswered is how many files one answer is used for.
const mostAnswered = 100_000

// Answer gives an import its answers and queues it; with others, all that are
// alike too. It says how many others. Answers of which one is missing
// or wrong are refused, and nothing is queued.
func (q *Questions) Answer(ctx context.Context, i intake.Import, given intake.Reading, others bool) (n int, err error) {
	o, err := q.Open(i)
	if err != nil {
		return 0, err
	}
	if err := o.Check(given); err != nil {
		return 0, err
	}
	var more []intake.Import
	if others {
		if more, err = q.Alike(ctx, i, o, mostAnswered); err != nil {
			return 0, err
		}
	}
	if err := q.answer(ctx, i, o, given); err != nil {
		return 0, err
	}
	for _, m := range more {
		if err := q.answer(ctx, m, o, given); err != nil && fault.CodeOf(err) != fault.Conflict { // answered by somebody else
			return 0, err
		}
	}
	return len(more), nil
}

func (q *Questions) answer(ctx context.Context, i intake.Import, o Opening, given intake.Reading) error {
	r := o.Merge(i.Reading(), given)
	if r.Zone == "" {
		r.Zone = "UTC"
	}
	return q.queue.Answer(ctx, i.ID, r.Zone, r.Computer, r.Dates)
}
