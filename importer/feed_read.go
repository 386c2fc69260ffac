package importer

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// unreadable is the error of what cannot be decoded: also the next time.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// decodeNamed makes a delivery's batch. That records without a computer are of s.Computer
// is said only where there are some: what is read alike is stored together.
func (f *Feeder) decodeNamed(one *fed, s intake.Sent) (err error) {
	named := s.Computer == ""
	computer := s.Computer
	s.Computer = ""
	for range 4 {
		err = f.decode(one, s)
		switch {
		case errors.Is(err, intake.ErrStale): // the rules changed meanwhile
		case err == nil && !named && slices.ContainsFunc(one.Batch.Events, nameless):
			s.Computer, named = computer, true
		default:
			return err
		}
	}
	return err
}

func nameless(e event.Event) bool { return e.Computer == "" }

// decode makes a delivery's batch.
func (f *Feeder) decode(one *fed, s intake.Sent) (err error) {
	defer fault.Catch(&err)
	read := intake.Reading{Format: s.Format, Encoding: string(record.UTF8), Zone: cmp.Or(s.Zone, "UTC"),
		Computer: s.Computer}
	opt, err := options(read)
	if err != nil {
		return err
	}
	rd, err := openSent(s.Data, opt, &read)
	if err != nil {
		return err
	}
	if c, ok := rd.(io.Closer); ok {
		defer c.Close()
	}
	b := &intake.Batch{}
	imp := intake.Import{Format: read.Format}
	r := reading{im: f.im, imp: &imp, most: smallRecords, emit: func(p *part) error {
		if b.Rules != nil && b.Rules != p.rules {
			return intake.ErrStale
		}
		b.Rules = p.rules
		p.addTo(b)
		p.free()
		return nil
	}}
	shaped, _ := rd.(sniff.Shaped)
	if err := r.all(rd, func(e *event.Event) {
		if shaped != nil { // of the formats of JSON, the first event's
			read.Format, shaped = shaped.Shape(), nil
		}
		if e.HasTime && e.Time().After(one.Newest) {
			one.Newest = e.Time()
		}
	}); err != nil {
		return err
	}
	b.Packed, b.Bytes = nil, int64(len(s.Data))
	one.Batch, one.Reading = b, read
	if b.Rules == nil {
		b.Rules = f.im.Rules()
	}
	parts, err := rejectedOf(s.Data, b.Rejections)
	one.Rejected = parts
	return err
}

// all takes all that a reader gives; what ends it too early was given as rejected.
func (r *reading) all(rd record.Reader, look func(*event.Event)) error {
	e := event.Event{Fields: make([]event.Field, 0, usualFields)}
	for {
		err := rd.Next(&e)
		var rejected *record.Rejected
		switch {
		case err == nil:
			look(&e)
			err = r.take(&e, nil)
		case errors.As(err, &rejected):
			err = r.take(&e, rejected)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if r.part == nil {
				return nil
			}
			return r.flush()
		}
		if err != nil {
			return err
		}
	}
}

// openSent opens what somebody sends. What is compressed in a way that its sender did
// not say is not unpacked.
func openSent(data []byte, opt record.Options, read *intake.Reading) (record.Reader, error) {
	if read.Format != "" {
		return sniff.OpenAs(read.Format, bytes.NewReader(data), opt)
	}
	rd, info, err := sniff.Open(bytes.NewReader(data), opt)
	var unknown *sniff.Unknown
	switch {
	case errors.As(err, &unknown), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fault.New(fault.Invalid, "%s", unread(err))
	case err != nil:
		return nil, err
	case info.Compression != "":
		return nil, fault.New(fault.Invalid, "What was sent is compressed, and does not say so. Send it with the header "+
			"Content-Encoding: gzip, or as it is.")
	}
	read.Format, read.Encoding = info.Format, string(info.Encoding)
	return rd, nil
}

// rejectedOf are the bytes of rejections, up to feedKept of them.
func rejectedOf(data []byte, rejections []intake.Rejection) (parts []intake.RejectedPart, err error) {
	left := int64(feedKept)
	for n, r := range rejections {
		to := min(r.Offset+min(r.Length, left), int64(len(data)))
		if r.Length <= 0 || r.Offset < 0 || to <= r.Offset {
			continue
		}
		parts = append(parts, intake.RejectedPart{N: int64(n), Data: data[r.Offset:to]})
		left -= to - r.Offset
	}
	return parts, nil
}
