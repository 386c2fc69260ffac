package web_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore"
	"escutcheon/internal/consoletest"
	"escutcheon/search"
)

// gated is a store whose scans wait until it is open, or they are stopped.
type gated struct {
	search.Store
	open atomic.Bool
}

func (g *gated) Scan(ctx context.Context, q eventstore.Query,
	each func(*eventstore.Chunk) (func() error, error)) error {
	for !g.open.Load() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	return g.Store.Scan(ctx, q, each)
}

// TestBrowserRequests: requests that take long to look at show that they are looked at, can
// be stopped, and are there in the end, without anybody having loaded the page again.
func TestBrowserRequests(t *testing.T) {
	s := consoletest.New(t)
	log := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, consoletest.Noon, logwriter.W3CAllFields)
	for _, r := range []struct {
		after time.Duration
		stem  string
	}{{-time.Hour, "/old"}, {time.Minute, "/new.aspx"}} {
		log = logwriter.AppendW3C(log, &logwriter.Request{Computer: "web01", Time: consoletest.Noon.Add(r.after), Method: "GET",
			Stem: r.stem, Status: 200, Agent: "x", Client: "192.0.2.7"}, logwriter.W3CAllFields)
	}
	s.Load(t, "u_ex.log", log)
	slow := &gated{Store: s.Store}
	s.Pages.Searches.First = time.Millisecond
	s.Pages.Searches.Engine().Store = slow
	const runs, told = `document.querySelector("[data-live=on] progress") && location.search.includes("look=")`,
		`document.querySelector("[data-live=off] table")?.textContent.includes("/new.aspx")`
	bothWays(t, s, func(t *testing.T, p *tab, script bool) {
		slow.open.Store(false)
		p.open("/hosts/web01/requests?at=2026-03-02T12:00:00Z&hours=24")
		p.until(runs)
		at := eval[string](p, `location.pathname + location.search`)
		p.click(`form[action$="/stop"] button`)
		p.until(`document.querySelector("[data-live=off]")?.textContent.includes("It was stopped.")`)
		if now := eval[string](p, `location.pathname + location.search`); now != at {
			t.Errorf("stopping leads to %s, want %s", now, at)
		}
		p.click(`form.filter button[type=submit]`)
		p.until(runs)
		slow.open.Store(true)
		p.until(told)
		if now := eval[string](p, `location.search`); now == strings.TrimPrefix(at, "/hosts/web01/requests") {
			t.Error("the stopped look was shown as another")
		}
		// One that is not known any more.
		p.open("/hosts/web01/requests?at=2026-03-02T12:00:00Z&hours=24&look=0000000000000000")
		p.until(told)
		p.open(strings.Replace(at, "hours=24", "hours=1", 1)) // one of other requests
		p.until(`document.querySelector("[data-live=off]") && !document.body.textContent.includes("It was stopped.")`)
	})
}
