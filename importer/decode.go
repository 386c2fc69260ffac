package importer

import (
	"time"

	"escutcheon/detection"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// Decode decodes a stored record again, as the import that brought it did.
func Decode(i intake.Import, raw string) (*event.Event, error) {
	opt, err := options(i)
	if err != nil {
		return nil, err
	}
	var e event.Event
	return &e, sniff.One(i.Format, raw, opt, &e)
}

func options(i intake.Import) (record.Options, error) {
	zone, err := Zone(i.Zone)
	return record.Options{Zone: zone, Computer: i.Computer, Encoding: i.Encoding}, err
}

// Zone finds a time zone by its name. "Local" is none: what a log says must not
// depend on the machine that reads it.
func Zone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || zone == time.Local {
		return nil, fault.New(fault.Invalid, "There is no time zone %q. Name one as in Europe/Berlin, or UTC.", name)
	}
	return zone, nil
}

// OriginalBytes are the bytes that a stored record has in its file.
func OriginalBytes(i intake.Import, raw string) []byte {
	_, original := sniff.Split(i.Format, raw)
	return record.Encode(original, i.Encoding)
}

// OriginalText is a stored record as a person reads it.
func OriginalText(i intake.Import, raw string) string {
	text, _ := sniff.Split(i.Format, raw)
	if i.Format != sniff.EVTX {
		text, _ = record.Decoded(text, i.Encoding)
	}
	return text
}

// Rematch decodes stored records of one import and says which rules want
// which of them.
func Rematch(i intake.Import, raws []string, rules []*detection.Rule) ([]event.Event, []intake.Match, error) {
	opt, err := options(i)
	if err != nil {
		return nil, nil, err
	}
	events := make([]event.Event, len(raws))
	var matches []intake.Match
	for n, raw := range raws {
		if err := sniff.One(i.Format, raw, opt, &events[n]); err != nil {
			return nil, nil, err
		}
		matches = match(matches, rules, n, &events[n])
	}
	return events, matches, nil
}
