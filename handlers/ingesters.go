package handlers

import (
	"context"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/views"
)

// ingesters are those that feed the console, and what waits of what they took. Where they
// cannot be asked for, that is told.
func (h *Handlers) ingesters(ctx context.Context) ([]intake.Ingester, intake.Waiting) {
	list, err := h.Inbox.Ingesters(ctx)
	w := h.Inbox.State()
	if err != nil && w.Problem == "" {
		w.Problem = fault.Sentence(err)
	}
	return list, w
}

func (h *Handlers) inboxPage(ctx context.Context, p *views.FeedsPage) {
	list, w := h.ingesters(ctx)
	p.HasInbox = true
	p.Inbox = views.InboxWaits{Deliveries: w.Deliveries, Bytes: w.Bytes, Oldest: w.Oldest, Counted: w.Counted,
		Problem: w.Problem}
	for _, i := range list {
		row := views.IngesterRow{Name: i.Name, Began: i.Began, Seen: i.Seen, Quiet: i.Quiet, Listens: i.Listens}
		for _, f := range i.Feeds {
			if f.Refused > 0 {
				row.Refused = append(row.Refused, feedRow(f))
			}
		}
		p.Ingesters = append(p.Ingesters, row)
	}
}

type inboxJSON struct {
	Deliveries int64   `json:"deliveries"` // that wait to be taken
	Bytes      int64   `json:"bytes"`
	Oldest     *string `json:"oldest"`
	Counted    *string `json:"as_of"`   // null: they were not counted yet
	Problem    string  `json:"problem"` // why none is taken
}

type ingesterJSON struct {
	Name    string        `json:"name"`
	Began   *string       `json:"began"`
	Seen    *string       `json:"last_seen"`
	Runs    bool          `json:"runs"`
	Listens []string      `json:"listens"`
	Refused []refusalJSON `json:"refused"`
}

type refusalJSON struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Refused int64  `json:"refused"` // since its start
	Refusal string `json:"last_refusal"`
}

func (h *Handlers) inboxJSON(ctx context.Context) (inboxJSON, []ingesterJSON) {
	list, w := h.ingesters(ctx)
	out := []ingesterJSON{}
	for _, i := range list {
		one := ingesterJSON{Name: i.Name, Began: moment(i.Began), Seen: moment(i.Seen.Truncate(time.Second)), Runs: !i.Quiet,
			Listens: append([]string{}, i.Listens...), Refused: []refusalJSON{}}
		for _, f := range i.Feeds {
			if f.Refused > 0 {
				one.Refused = append(one.Refused, refusalJSON{f.Name, f.Kind, f.Refused, f.Refusal})
			}
		}
		out = append(out, one)
	}
	return inboxJSON{w.Deliveries, w.Bytes, moment(w.Oldest), moment(w.Counted), w.Problem}, out
}
