package sniff

import (
	"fmt"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
)

// One decodes one whole record, an event's Raw, of a known format into e.
func One(f Format, raw string, opt record.Options, e *event.Event) error {
	if f == EVTX {
		return evtxlog.One(raw, opt, e)
	}
	opt.Whole = true
	e.Reset()
	err := open(f, record.NewScanner(strings.NewReader(raw), record.UTF8), opt).Next(e)
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
