package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/event"
	"escutcheon/store"
	"escutcheon/views"
)

// oneEventJSON is an event as a program gets it.
type oneEventJSON struct {
	ID       int64         `json:"id"`
	Dest     string        `json:"dest"`
	Computer string        `json:"computer"`
	Log      string        `json:"log"`
	Provider string        `json:"provider"`
	Record   *int64        `json:"record_number"`
	Code     *int64        `json:"event_code"`
	Time     *string       `json:"time"`
	Fields   []store.Field `json:"fields"`
	Cut      bool          `json:"cut,omitempty"` // fields are not whole: the raw bytes are
	Findings []string      `json:"findings"`
	Cases    []string      `json:"cases"`
	Places   []placeJSON   `json:"places"` // the one where it was seen first stands first
	URL      string        `json:"url"`
}

// placeJSON is where an event stands.
type placeJSON struct {
	Import string `json:"import_url"`
	File   string `json:"file"`
	SHA256 string `json:"file_sha256"`
	Format string `json:"format"`
	Offset int64  `json:"offset"`
	Raw    string `json:"raw_url"` // its bytes
}

// sendEvent sends an event to a program.
func (h *Handlers) sendEvent(c echo.Context, p views.EventPage) error {
	e := p.Event
	out := oneEventJSON{ID: p.ID, Dest: p.Dest, Computer: e.Computer, Log: e.Channel, Provider: e.Provider,
		Fields: []store.Field{}, Cut: p.Cut, Findings: []string{}, Places: []placeJSON{}, URL: views.EventURL(p.ID)}
	if e.RecordNumber != event.None {
		out.Record = &e.RecordNumber
	}
	if e.EventCode != event.None {
		out.Code = &e.EventCode
	}
	if e.HasTime {
		at := e.Time().UTC().Format(time.RFC3339Nano)
		out.Time = &at
	}
	for _, f := range e.Fields {
		out.Fields = append(out.Fields, store.Field{Name: f.Name, Value: f.Value})
	}
	for _, f := range p.Findings {
		out.Findings = append(out.Findings, f.ID)
	}
	for _, s := range p.Sources {
		out.Places = append(out.Places, placeJSON{Import: views.ImportURL(s.ImportID), File: s.Name, SHA256: s.SHA256,
			Format: s.Format, Offset: s.Offset, Raw: s.RawURL})
	}
	var err error
	if out.Cases, err = h.caseNumbers(c, "event", strconv.FormatInt(p.ID, 10)); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}
