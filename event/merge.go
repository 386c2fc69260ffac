package event

import (
	"cmp"
	"slices"
	"strings"
)

// Sighting is one event as one log has it.
type Sighting struct {
	*Event
	Rank int // of the log's format: the lowest says most
}

// Merge makes one event of what several logs say of it. A field is taken from
// the best of those that have it; the time from the one that writes it most
// precisely; the message from one that carries it before one for which it was
// rendered. The order of seen does not matter. Raw, Offset and what says how a
// record was read are those of the best. The result shares no memory of Fields
// with seen, which must not be empty.
func Merge(seen []Sighting) Event {
	s := slices.Clone(seen)
	slices.SortFunc(s, better)
	e := *s[0].Event
	e.Fields = slices.Clone(e.Fields)
	for _, o := range s[1:] {
		e.fill(o.Event)
	}
	for _, o := range s[1:] {
		if o.HasTime && (!e.HasTime || precision(o.TimeText) > precision(e.TimeText)) {
			e.Nanos, e.HasTime, e.TimeText, e.Zoneless, e.Dates = o.Nanos, true, o.TimeText, o.Zoneless, o.Dates
		}
	}
	if i := slices.IndexFunc(s, func(o Sighting) bool { return o.Message != "" && !o.Rendered }); i >= 0 &&
		(e.Rendered || e.Message == "") {
		e.Message, e.Rendered = s[i].Message, false
		e.replace("Message", e.Message)
	}
	return e
}

// better orders sightings; equal ones say the same.
func better(a, b Sighting) int {
	return cmp.Or(
		cmp.Compare(a.Rank, b.Rank),
		cmp.Compare(precision(b.TimeText), precision(a.TimeText)),
		cmp.Compare(len(b.Fields), len(a.Fields)),
		strings.Compare(a.Raw, b.Raw),
		cmp.Compare(a.Nanos, b.Nanos),
		strings.Compare(a.Computer, b.Computer),
	)
}

// precision is how many digits of a second a time is written with.
func precision(text string) int {
	if i := strings.IndexByte(text, ':'); i >= 0 { // a date may be written with dots
		text = text[i:]
	} else if strings.Count(text, ".") > 1 { // so may the time: then its fraction follows a comma
		text = strings.ReplaceAll(text, ".", ":")
	}
	i := strings.LastIndexAny(text, ".,")
	if i < 0 {
		return 0
	}
	n := 0
	for _, c := range text[i+1:] {
		if c < '0' || c > '9' {
			break
		}
		n++
	}
	return n
}

// fill adds what e lacks and o has.
func (e *Event) fill(o *Event) {
	for _, m := range []struct {
		to   *string
		from string
	}{{&e.Computer, o.Computer}, {&e.Channel, o.Channel}, {&e.Provider, o.Provider}, {&e.OpCode, o.OpCode}} {
		if *m.to == "" {
			*m.to = m.from
		}
	}
	if e.Message == "" {
		e.Message, e.Rendered = o.Message, o.Rendered
	}
	if e.EventCode == None {
		e.EventCode = o.EventCode
	}
	if e.RecordNumber == None {
		e.RecordNumber = o.RecordNumber
	}
	own := len(e.Fields)
	for _, f := range o.Fields {
		if !slices.ContainsFunc(e.Fields[:own], func(g Field) bool { return g.Name == f.Name }) {
			e.Fields = append(e.Fields, f)
		}
	}
}

// replace gives a field, which may be there, its value.
func (e *Event) replace(name, value string) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			e.Fields[i].Value = value
			return
		}
	}
	e.Add(name, value)
}
