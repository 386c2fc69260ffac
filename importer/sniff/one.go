package sniff

import (
	"fmt"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Split parts an event's Raw into what a person reads and the record as it
// stands in the file (transcoded, where that is UTF-16). Of most formats both
// are raw itself.
func Split(f Format, raw string) (text, original string) {
	if s := spec(f); s != nil && s.Decoder.Split != nil {
		return s.Decoder.Split(raw)
	}
	return raw, raw
}

// One decodes one whole record, an event's Raw, of a known format into e: all of
// it, or at least what opt.Wanted asks for.
func One(f Format, raw string, opt record.Options, e *event.Event) error {
	s := spec(f)
	if s == nil {
		return fmt.Errorf("there is no format %q", f)
	}
	if !s.Decoder.Some {
		opt.Wanted = nil
	}
	if s.Decoder.One != nil {
		return s.Decoder.One(raw, opt, e)
	}
	opt.Whole = true
	e.Reset()
	if err := s.Decoder.one(raw, opt, e); err != nil {
		return fmt.Errorf("decode one %s record: %w", f, err)
	}
	return nil
}

// whole is a reader of one record, kept for the next one.
type whole struct {
	sc *record.Scanner
	rd record.Renewable
}

// one decodes a record with a reader that was used before, if there is one.
func (d *Decoder) one(raw string, opt record.Options, e *event.Event) error {
	if w, ok := d.ones.Get().(*whole); ok {
		w.sc.Renew(raw)
		w.rd.Renew(opt)
		err := w.rd.Next(e)
		d.ones.Put(w)
		return err
	}
	sc := record.ScanText(raw)
	rd := d.New(sc, opt)
	err := rd.Next(e)
	if r, ok := rd.(record.Renewable); ok {
		d.ones.Put(&whole{sc, r})
	}
	return err
}
