package importer

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/iislog"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// Decode decodes a stored record again, as the import that brought it did, for somebody who
// looks: what is secret in it is masked.
func Decode(r intake.Reading, raw string) (*event.Event, error) {
	e := event.Event{Fields: make([]event.Field, 0, usualFields)}
	return &e, DecodeInto(&e, r, raw)
}

// decode is Decode with whatever the record holds, keys too: for rules.
func decode(r intake.Reading, raw string) (*event.Event, error) {
	e := event.Event{Fields: make([]event.Field, 0, usualFields)}
	opt, err := options(r)
	if err != nil {
		return nil, err
	}
	return &e, decodeOne(&e, r, raw, opt)
}

// DecodeInto is Decode into the memory of an event that nobody needs any more, for
// who looks at many: the strings of what it was stay whole, its Fields do not.
func DecodeInto(e *event.Event, r intake.Reading, raw string) error {
	opt, err := options(r)
	if err != nil {
		return err
	}
	err = decodeOne(e, r, raw, opt)
	if err == nil {
		maskKeys(e)
	}
	return err
}

func decodeOne(e *event.Event, r intake.Reading, raw string, opt record.Options) error {
	err := sniff.One(r.Format, raw, opt, e)
	own(r.Format, e)
	return err
}

// Fields are fields of events that somebody asks for: a search that counts by one
// of them decodes no more of a record than it takes. Several goroutines may use
// one.
type Fields struct {
	wanted *record.Wanted
	keys   bool // some of them may hold what is secret
}

// NewFields compiles names as event.Get takes them, derived ones and those of
// other add-ons too; "_time" is the time.
func NewFields(names ...string) *Fields {
	return &Fields{record.Want(names...), slices.ContainsFunc(names, func(n string) bool {
		return strings.EqualFold(n, "OldValue") || strings.EqualFold(n, "NewValue") || n == "_raw"
	})}
}

// DecodeInto is DecodeInto for these fields alone: e says of them what the whole
// record says, with all values of a field that repeats, and _raw; nothing else of
// it counts.
func (f *Fields) DecodeInto(e *event.Event, r intake.Reading, raw string) error {
	if f.keys && mayHaveKeys(raw) {
		return DecodeInto(e, r, raw)
	}
	opt, err := options(r)
	if err != nil {
		return err
	}
	opt.Wanted = f.wanted
	return sniff.One(r.Format, raw, opt, e)
}

// usualFields is how many fields most events have at most.
const usualFields = 32

// own tells an event's own bytes from what is stored with them, where they
// alone name it.
func own(f sniff.Format, e *event.Event) {
	if e.RecordNumber == event.None && e.Own == "" {
		if _, bytes := sniff.Split(f, e.Raw); len(bytes) < len(e.Raw) {
			e.Own = bytes
		}
	}
}

// SiteOf is the site of a web server in whose folder a path lies, as s-sitename has it; "" none.
func SiteOf(path string) string { return iislog.SiteOf(path) }

// siteOf is the site in whose folder a file lies, by what was said or by its name.
func siteOf(i *intake.Import) string { return cmp.Or(i.Site, SiteOf(i.Name)) }

// optionsOf are those by which the file of an import is read.
func optionsOf(i *intake.Import) (record.Options, error) {
	opt, err := options(i.Reading())
	opt.Site = i.Site
	return opt, err
}

func options(r intake.Reading) (record.Options, error) {
	zone, err := Zone(r.Zone)
	return record.Options{Zone: zone, Computer: r.Computer, Dates: r.Dates, Encoding: r.Encoding,
		Before: r.Before}, err
}

// Decoder makes events of stored records again.
type Decoder struct{}

// Merge makes one event of its sightings. Offset is that of the best one.
func (Decoder) Merge(seen []intake.Sighting) (event.Event, error) { return merge(seen, decode) }

// MergeBoth makes an event of its sightings before and after a change. Records
// that are among both are decoded once.
func (Decoder) MergeBoth(before, after []intake.Sighting) (was, is event.Event, err error) {
	type record struct {
		reading intake.Reading
		raw     string
	}
	known := make(map[record]*event.Event, len(after))
	once := func(r intake.Reading, raw string) (*event.Event, error) {
		if e := known[record{r, raw}]; e != nil {
			own := *e // its Offset is its own
			return &own, nil
		}
		e, err := decode(r, raw)
		known[record{r, raw}] = e
		return e, err
	}
	if was, err = merge(before, once); err == nil {
		is, err = merge(after, once)
	}
	return was, is, err
}

func merge(seen []intake.Sighting, decode func(intake.Reading, string) (*event.Event, error)) (event.Event, error) {
	seen = firstRecords(seen)
	all := make([]event.Sighting, 0, len(seen))
	for _, s := range seen {
		e, err := decode(s.Reading, s.Raw)
		if err != nil {
			return event.Event{}, err
		}
		e.Offset = s.Offset
		all = append(all, event.Sighting{Event: e, Rank: int(sniff.RankOf(s.Reading.Format))})
	}
	if len(all) == 1 {
		return *all[0].Event, nil
	}
	return event.Merge(all), nil
}

// firstRecords are one sighting of each record, of the intake.MostVariants first
// records.
func firstRecords(seen []intake.Sighting) (out []intake.Sighting) {
	done := make(map[int64]bool, len(seen))
	for _, s := range seen {
		if !done[s.Record] {
			done[s.Record] = true
			out = append(out, s)
		}
	}
	if len(out) > intake.MostVariants {
		slices.SortFunc(out, func(a, b intake.Sighting) int { return cmp.Compare(a.Record, b.Record) })
		out = out[:intake.MostVariants]
	}
	return out
}

// Redecode is Merge of one sighting, into the memory of an event that nobody
// needs any more.
func (Decoder) Redecode(e *event.Event, s intake.Sighting) error {
	opt, err := options(s.Reading)
	if err == nil {
		err = decodeOne(e, s.Reading, s.Raw, opt)
	}
	e.Offset = s.Offset
	return err
}

// Viewer is a Decoder for somebody who looks: what is secret in events is masked.
type Viewer struct{}

// Merge is Decoder.Merge.
func (Viewer) Merge(seen []intake.Sighting) (event.Event, error) { return merge(seen, Decode) }

// Redecode is Decoder.Redecode.
func (Viewer) Redecode(e *event.Event, s intake.Sighting) error {
	err := Decoder{}.Redecode(e, s)
	if err == nil {
		maskKeys(e)
	}
	return err
}

// Zone finds a time zone by its name. "Local" is none: what a log says must not
// depend on the machine that reads it.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, fault.New(fault.Invalid, "There is no time zone %q. Name one as in Europe/Berlin, or UTC.", name)
	}
	zones.Store(name, zone)
	return zone, nil
}

// zones are those found before: each record that is decoded again asks for its
// import's, and finding one reads a file.
var zones sync.Map

// OriginalBytes are the bytes that a stored record has in its file.
func OriginalBytes(r intake.Reading, raw string) []byte {
	_, original := sniff.Split(r.Format, raw)
	return record.Encode(original, r.Encoding)
}

// OriginalText is a stored record as a person reads it.
func OriginalText(r intake.Reading, raw string) string {
	if keys := secretsOf(r, raw); keys != nil {
		raw = string(maskBytes([]byte(raw), keys))
	}
	text, _ := sniff.Split(r.Format, raw)
	if !sniff.Binary(r.Format) {
		text, _ = record.Decoded(text, r.Encoding)
	}
	return text
}
