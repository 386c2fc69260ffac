package handlers

import (
	"cmp"
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/search"
	"escutcheon/views"
)

// oneEvent is what an event tells in one line: its command, the file it is about, else
// its message and whom that is about, else what tells it from its neighbours.
func oneEvent(e *event.Event) string {
	for _, name := range []string{"CommandLine", "ScriptBlockText"} {
		if v, ok := e.Get(name); ok {
			return firstLine(v)
		}
	}
	if file, ok := e.Get("TargetFilename"); ok {
		image, _ := e.Get("Image")
		return joined(": ", image[strings.LastIndexByte(image, '\\')+1:], file)
	}
	for _, name := range []string{"Message", "NewProcessName", "Image"} {
		if v, ok := e.Get(name); ok {
			return joined(" · ", firstLine(v), whom(e))
		}
	}
	return cmp.Or(whom(e), brief(e))
}

// whom is the account that an event is about, and where it came from.
func whom(e *event.Event) string {
	user, _ := e.Get("TargetUserName")
	if user == "" || user == "-" {
		return ""
	}
	domain, _ := e.Get("TargetDomainName")
	address, _ := e.Get("IpAddress")
	if address = strings.Trim(address, "-"); address != "" {
		address = "from " + address
	}
	return joined(" ", joined(`\`, strings.Trim(domain, "-"), user), address)
}

// joined are two words with something between them, or the one that is there.
func joined(between, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
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
