package handlers

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/intake"
	"escutcheon/views"
)

// formats says the formats' names in words.
var formats = map[string]string{"splunk-text": "classic Splunk text", "event-xml": "event XML", "nxlog-json": "NXLog JSON", "winlogbeat-json": "Winlogbeat JSON", "evtx": "EVTX"}

func formatWords(i intake.Import) string {
	if w, ok := formats[i.Format]; ok {
		return w
	}
	return i.Format
}

func encodingWords(i intake.Import) string {
	var parts []string
	if i.Encoding != "" && i.Encoding != "UTF-8" {
		parts = append(parts, i.Encoding)
	}
	if i.Compression != "" {
		parts = append(parts, i.Compression)
	}
	return strings.Join(parts, ", ")
}

func (h *Handlers) importRow(i intake.Import) views.ImportRow {
	r := views.ImportRow{ID: fmt.Sprint(i.ID), Name: i.Name, SHA256: i.SHA256, Size: i.Size, Format: formatWords(i), Encoding: encodingWords(i),
		Zone: i.Zone, ZoneUsed: i.Zoneless > 0, Computer: i.Computer, Status: views.Status(i.Status), Failure: i.Reason,
		Read: i.Read, New: i.New, Duplicate: i.Duplicate, Rejected: i.Rejected, NoTime: i.Timeless, Bytes: i.Bytes, Total: i.Size,
		Created: i.Created, Started: i.Started, Ended: i.Finished, By: i.Source}
	if i.Started.IsZero() {
		return r
	}
	end := i.Finished
	if end.IsZero() {
		end = h.Now()
	}
	if took := end.Sub(i.Started).Seconds(); took > 0 {
		r.Rate, r.Events = float64(i.Bytes)/took, float64(i.Read)/took
		if r.Rate > 0 && i.Status == intake.Running {
			r.Left = time.Duration(float64(i.Size-i.Bytes) / r.Rate * float64(time.Second))
		}
	}
	return r
}

// Imports lists the imports, newest first.
func (h *Handlers) Imports(c echo.Context) error {
	ctx := c.Request().Context()
	before, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64) // any other text is the list's start
	list, err := h.Store.Imports(ctx, before, pageSize+1)
	if err != nil {
		return err
	}
	totals, err := h.Store.Totals(ctx)
	if err != nil {
		return err
	}
	p := views.ImportsPage{Any: totals.Imports > 0, Total: totals.Imports}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Pager.NextURL = with(c, "after", fmt.Sprint(list[pageSize-1].ID))
	}
	if before > 0 {
		p.Pager.PrevURL, p.Pager.Prev = with(c), "newest"
	}
	p.Pager.Shown, p.Pager.Total = len(list), totals.Imports
	if p.Frame, err = h.frame(c, "Imports"); err != nil {
		return err
	}
	for _, i := range list {
		p.Rows = append(p.Rows, h.importRow(i))
		if !i.Status.Ended() {
			p.Refresh = 2
		}
	}
	return render(c, http.StatusOK, views.Imports(p))
}

// Import is one import, as a page or as JSON.
func (h *Handlers) Import(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idParam(c, "import")
	if err != nil {
		return err
	}
	i, err := h.Store.ImportByID(ctx, id)
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if wantsJSON(c) {
		j := h.importRow(i).JSON()
		j.Format = i.Format // the short name, as the command line has it
		return c.JSON(http.StatusOK, j)
	}
	p := views.ImportPage{Import: h.importRow(i)}
	if p.Frame, err = h.frame(c, "Import of "+i.Name); err != nil {
		return err
	}
	if !i.Status.Ended() {
		p.Refresh = 2
	}
	stored, err := h.Store.Rejections(ctx, id)
	if err != nil {
		return err
	}
	for _, r := range stored {
		p.Rejections = append(p.Rejections, views.Rejection{Offset: r.Offset, Reason: r.Reason, Sample: r.Sample})
	}
	hosts, err := h.Store.HostsOfImport(ctx, id, 20)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		p.Hosts = append(p.Hosts, views.HostRef{Dest: host.Dest, Spelling: host.Spelling, Count: host.Events})
	}
	return render(c, http.StatusOK, views.Import(p))
}

// CancelImport ends an import; what it stored stays.
func (h *Handlers) CancelImport(c echo.Context) error {
	id, err := idParam(c, "import")
	if err != nil {
		return err
	}
	if err := h.Queue.Cancel(c.Request().Context(), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/imports/%d", id))
}
