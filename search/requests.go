package search

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/requests"
	"escutcheon/detection/spl"
	"escutcheon/event"
	"escutcheon/eventstore"
	"escutcheon/fault"
)

// RequestsOf asks for what the requests of a host tell beside a change.
type RequestsOf struct {
	Hosts  []string // its names, normalised
	At     time.Time
	Around time.Duration
	Until  time.Time // no request from then on counts; zero: all do
	States string    // the search for view states that ASP.NET did not take; "": they are not counted
}

// span is the time whose requests count.
func (of *RequestsOf) span() (earliest, latest time.Time) {
	latest = of.At.Add(of.Around)
	if !of.Until.IsZero() && of.Until.Before(latest) {
		latest = of.Until
	}
	return of.At.Add(-of.Around), latest
}

// RequestsBeside is the answer.
type RequestsBeside struct {
	*requests.Report
	Collected bool // there are requests of the host, whatever their time
	Damaged   int  // records that cannot be read, at most
	Complete  bool // all were looked at
	States    ViewStates
}

// ViewStates are those that ASP.NET did not take.
type ViewStates struct {
	Count       int
	First, Last time.Time
}

// requestFields are those that are decoded.
var requestFields = []string{"cs_method", "cs_uri_stem", "c_ip", "cs_User_Agent", "sc_status", "sourcetype", "_time",
	"EventCode", "LogName"}

// Requests looks at the requests of a host around a change, when it is its turn. When
// its time is over nothing is said to be new: Why says how far it came.
func (j *Jobs) Requests(ctx context.Context, of RequestsOf) (RequestsBeside, error) {
	at := j.turns.enter()
	defer j.turns.leave(at)
	if !j.turns.wait(ctx, at) {
		return RequestsBeside{}, ctx.Err()
	}
	return j.engine.Requests(ctx, of, &Progress{}, nil)
}

// Requests is Jobs.Requests at once. found is told of each request.
func (e *Engine) Requests(ctx context.Context, of RequestsOf, p *Progress, found func()) (out RequestsBeside,
	err error) {
	defer fault.Wrap(&err, "look at the requests of %q", of.Hosts)
	earliest, latest := of.span()
	in := Range{earliest, latest}
	if out.States, err = e.viewStates(ctx, of, in); err != nil {
		return out, err
	}
	most := e.Bounds.orDefault().Time
	late := errors.New("the time is over")
	ctx, cancel := context.WithTimeoutCause(ctx, most, late)
	defer cancel()
	t := requests.New(of.At, of.Around)
	src := &source{e: e, p: p}
	err = e.eachRequest(ctx, src, of.Hosts, in, func(r *requests.Request) {
		t.Add(r)
		if found != nil {
			found()
		}
	})
	stopped := err != nil && errors.Is(context.Cause(ctx), late)
	if err != nil && !stopped {
		return out, err
	}
	out.Report, out.Complete = t.Report(), !stopped
	out.To = latest
	for _, n := range src.damage.lost {
		out.Damaged += n
	}
	if out.Collected = out.Before+out.After > 0; stopped {
		err = nil
		out.Lists, out.Refused, out.Collected = nil, 0, true
		out.Why = fmt.Sprintf("These requests are too many to be looked at within %s: %d of %d parts of the store were. "+
			"Choose a shorter time.", most, p.Done.Load(), p.Of.Load())
	} else if !out.Collected {
		out.Collected, err = e.HasRequests(ctx, of.Hosts)
	}
	return out, err
}

// viewStates counts the view states that ASP.NET could not read, or whose seal was wrong.
func (e *Engine) viewStates(ctx context.Context, of RequestsOf, in Range) (v ViewStates, err error) {
	if of.States == "" {
		return v, nil
	}
	s, err := e.Prepare(of.States+" | stats count min(_time) as first max(_time) as last", time.Time{})
	if err != nil {
		return v, err
	}
	answer, err := s.Run(ctx, in, nil, nil)
	if err != nil || len(answer.Rows) == 0 {
		return v, err
	}
	row := answer.Rows[0].Row
	if n, ok := row.Get("count"); ok {
		v.Count, _ = strconv.Atoi(n)
	}
	v.First, v.Last = spoken(row, "first"), spoken(row, "last")
	return v, nil
}

// spoken is a time in seconds since 1970 that a row says.
func spoken(row spl.Row, column string) time.Time {
	v, _ := row.Get(column)
	whole, _, _ := strings.Cut(v, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

// eachRequest gives the requests that hosts logged in some time, in no order.
func (e *Engine) eachRequest(ctx context.Context, src *source, hosts []string, in Range,
	each func(*requests.Request)) error {
	s, err := e.Prepare("sourcetype="+event.RequestLog, time.Time{})
	if err != nil {
		return err
	}
	scan := s.query.Scans()[0]
	scan.Earliest, scan.Latest = in.Earliest, in.Latest
	a, err := e.ask(ctx, &scan)
	if err != nil {
		return err
	}
	q := a.query
	q.Hosts, q.Originals, q.Brief, q.Columns = hosts, true, true, kindColumns
	q.Progress, q.Damaged = src.told, src.damage.of
	l := &looker{source: src, ctx: ctx, asked: a, scan: &scan, varied: map[int64]bool{}}
	decode := e.Fields(requestFields...)
	return e.Store.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		found := make([]requests.Request, 0, len(c.Rows))
		err := l.chunk(c, decode, func(r *row) error {
			said := func(name string) string { // the chunk's memory is used again
				v, _ := r.e.Get(name)
				return strings.Clone(v)
			}
			found = append(found, requests.Request{At: r.e.Time(), Method: said("cs_method"), Path: said("cs_uri_stem"),
				Client: said("c_ip"), Agent: said("cs_User_Agent"), Status: said("sc_status")})
			return nil
		})
		return func() error {
			for i := range found {
				each(&found[i])
			}
			return nil
		}, err
	})
}

// HasRequests says whether any request of hosts is stored.
func (e *Engine) HasRequests(ctx context.Context, hosts []string) (any bool, err error) {
	q := eventstore.Query{Hosts: hosts, Channels: []string{event.RequestLog}, Columns: kindColumns, Damaged: passed}
	err = e.Store.Scan(ctx, q, func(c *eventstore.Chunk) (func() error, error) {
		for _, at := range c.Rows {
			if c.Names.Channel(c.Columns.Channel[at]) == event.RequestLog {
				return func() error {
					any = true
					return eventstore.ErrStop
				}, nil
			}
		}
		return func() error { return nil }, nil
	})
	return any, err
}
