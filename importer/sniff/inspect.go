package sniff

import (
	"errors"
	"io"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Inspection is what the start of a log tells of what it leaves open.
type Inspection struct {
	Info
	Events     int // seen, of which
	Zoneless   int // have a time without a zone
	NoComputer int // name no computer
	// Dates is how the dates are written: MonthFirst or DayFirst as soon as
	// one can be read in no other order; DatesOpen when all can be read in
	// both, or contradict each other; DatesFixed when the format says it.
	Dates    event.DateOrder
	Examples []Example // the first events
}

// Example is an event as it may be shown to somebody who is asked about it.
type Example struct {
	TimeText  string // as the log wrote it
	Nanos     int64  // as opt has it read, if HasTime
	HasTime   bool
	Computer  string
	EventCode int64
	Start     string // of the record, at most record.MaxSample bytes, as UTF-8
}

// Inspect reads the first HeadSize bytes of r, a stream as Open takes it, and
// tells what the events in them leave open, with the first n as examples.
// opt.Computer plays no part. The error is as Open has it; what is damaged
// further on is none.
func Inspect(r io.Reader, opt record.Options, n int) (Inspection, error) {
	opt.Computer = ""
	var in Inspection
	rd, info, err := opened(r, opt, true)
	in.Info = info
	if err != nil {
		return in, err
	}
	if c, ok := rd.(io.Closer); ok {
		defer c.Close()
	}
	var seen [4]bool
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		if errors.As(err, &rej) {
			continue
		}
		if err != nil {
			break
		}
		in.add(&e, n)
		seen[e.Dates] = true
	}
	in.Dates = order(seen[event.DatesOpen], seen[event.MonthFirst], seen[event.DayFirst])
	return in, nil
}

func order(open, monthFirst, dayFirst bool) event.DateOrder {
	switch {
	case monthFirst && !dayFirst:
		return event.MonthFirst
	case dayFirst && !monthFirst:
		return event.DayFirst
	case open || monthFirst:
		return event.DatesOpen
	}
	return event.DatesFixed
}

func (in *Inspection) add(e *event.Event, n int) {
	in.Events++
	if e.Zoneless || e.Dates != event.DatesFixed {
		in.Zoneless++
	}
	if e.Computer == "" {
		in.NoComputer++
	}
	if len(in.Examples) >= n {
		return
	}
	text, start := Split(in.Format, e.Raw)
	if Binary(in.Format) {
		start = text
	}
	start, _ = record.Decoded(start, in.Encoding)
	start = strings.ToValidUTF8(start[:min(len(start), record.MaxSample)], "")
	in.Examples = append(in.Examples, Example{e.TimeText, e.Nanos, e.HasTime, e.Computer, e.EventCode, start})
}
