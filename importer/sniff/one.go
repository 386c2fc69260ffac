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
