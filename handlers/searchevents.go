package handlers

import (
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/search"
	"escutcheon/views"
)

// oneEvent is what an event tells in one line: its command, else its message, else what
// tells it from its neighbours.
func oneEvent(e *event.Event) string {
	for _, name := range []string{"CommandLine", "ScriptBlockText", "Message", "NewProcessName", "Image"} {
		if v, ok := e.Get(name); ok {
			first, _, _ := strings.Cut(v, "\n")
			return first
		}
	}
	return brief(e)
}

// cellBytes is how many bytes of a cell are shown; of wide tables fewer, so that the
// cells of a page together are no more than pageCells.
const (
	cellBytes = 500
	pageCells = 40_000
)

func bytesOfCell(rows, columns int) int {
	return min(cellBytes, max(pageCells/max(rows*columns, 1), 20))
}

// eventsOf are events, with what they say in the columns that are chosen.
func eventsOf(list []spl.Found, columns, own []string) (out []views.SearchRow) {
	most := bytesOfCell(len(list), len(columns))
	for _, f := range list {
		var r views.SearchRow
		switch e := f.Event.(type) {
		case search.Event:
			r = views.SearchRow{ID: e.Number, Time: e.Time(), Dest: e.Computer, Channel: e.Channel, Code: e.EventCode,
				Brief: cut(oneEvent(e.Event), 300)}
		case spl.Event:
			r.Time = e.Time()
			r.Dest, _ = e.Get("dest")
			r.Channel, _ = e.Get("search_name")
			r.Brief, _ = e.Get("_raw")
			r.Brief = cut(r.Brief, 300)
			r.Finding, _ = e.Get("finding_id")
		}
		r.Dest = cut(r.Dest, 200)
		r.Cells = cellsOf(f, columns, own, most)
		out = append(out, r)
	}
	return out
}

func cellsOf(f spl.Found, columns, own []string, most int) (out []views.SearchCell) {
	for _, c := range columns {
		v, ok := search.FoundCell(f, c, own)
		out = append(out, views.SearchCell{Text: cut(v, most), Missing: !ok})
	}
	return out
}
