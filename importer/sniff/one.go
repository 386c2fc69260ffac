package sniff

import (
	"fmt"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/eventcsv"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
)

// kept are the formats whose records say too little alone: their events' Raw
// holds more, in a form that the decoder knows.
var kept = map[Format]struct {
	one   func(raw string, opt record.Options, e *event.Event) error
	split func(raw string) (text, original string)
}{
	EVTX:           {evtxlog.One, evtxlog.Split},
	EventViewerCSV: {eventcsv.One, eventcsv.Split},
	GetWinEventCSV: {eventcsv.One, eventcsv.Split},
	SplunkCSV:      {eventcsv.One, eventcsv.Split},
	EvtxECmdCSV:    {eventcsv.One, eventcsv.Split},
}

// Split parts an event's Raw into what a person reads and the record as it
// stands in the file (transcoded, where that is UTF-16). Of most formats both
// are raw itself.
func Split(f Format, raw string) (text, original string) {
	if k, ok := kept[f]; ok {
		return k.split(raw)
	}
	return raw, raw
}

// One decodes one whole record, an event's Raw, of a known format into e.
func One(f Format, raw string, opt record.Options, e *event.Event) error {
	if k, ok := kept[f]; ok {
		return k.one(raw, opt, e)
	}
	opt.Whole = true
	e.Reset()
	err := open(f, record.ScanText(raw), opt).Next(e)
	if err != nil {
		return fmt.Errorf("decode one %s record: %w", f, err)
	}
	return nil
}

// Rank orders the formats by how much of an event they carry: where two logs
// say different things of it, the lower one counts. EVTX, then XML, then JSON,
// then text and CSV.
func Rank(f Format) int {
	switch {
	case f == EVTX:
		return 0
	case f == EventXML:
		return 1
	case strings.HasSuffix(f, "-json"), f == SplunkHEC:
		return 2
	}
	return 3
}
