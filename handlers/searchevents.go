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

func rowOf(f spl.Found, columns []string) (out views.SearchRow) {
	if e, ok := f.Event.(search.Event); ok {
		out.ID, out.Time, out.Dest, out.Channel, out.Code = e.Number, e.Time(), e.Computer, e.Channel, e.EventCode
		out.Brief = cut(oneEvent(e.Event), 300)
	} else if f.Event != nil && columns == nil {
		out.Time = f.Event.Time()
		out.Dest, _ = f.Event.Get("dest")
		out.Channel, _ = f.Event.Get("search_name")
		out.Brief, _ = f.Event.Get("_raw")
		out.Brief = cut(out.Brief, 300)
	}
	for _, c := range columns {
		v, ok := search.Cell(f.Row, c)
		out.Cells = append(out.Cells, views.SearchCell{Text: cut(v, 500), Missing: !ok})
	}
	return out
}
