package db_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"escutcheon/db"
	"escutcheon/detection"
	"escutcheon/detection/materialize"
	mt "escutcheon/detection/materialize/materializetest"
	"escutcheon/event"
)

// fleetChanges are n changes to the IIS configuration of 5,000 hosts in the
// course of two weeks, half of them of few hosts: about as many findings as
// half of the events.
func fleetChanges(n int) []event.Event {
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]event.Event, n)
	for i := range out {
		host := r.IntN(5000)
		if r.IntN(2) == 0 {
			host = int(1/(0.0002+r.Float64())) - 1
		}
		what := fmt.Sprintf("applicationPools/add[@name=\"Pool%d\"]", r.IntN(40))
		if r.IntN(5) == 0 {
			what = fmt.Sprintf("globalModules/add[@name=\"Module%d\"]", r.IntN(9))
		}
		out[i] = *mt.Change(fmt.Sprintf("web%05d.corp.example", host), 1_764_000_000+int64(i)*14*86400/int64(n),
			"Changes to '/system.webServer/"+what+"' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.")
	}
	return out
}

// ledgerBench stores events in transactions as large as those of an import.
type ledgerBench struct {
	b     *testing.B
	d     *db.DB
	rules *detection.Rules
	log   mt.Log
	last  int64
}

func newLedgerBench(b *testing.B) *ledgerBench {
	all, err := detection.BuiltIn()
	if err != nil {
		b.Fatal(err)
	}
	l := &ledgerBench{b: b, d: open(b, filepath.Join(b.TempDir(), "x.db")), log: mt.Log{},
		rules: detection.NewRules(all[:1])}
	l.do(func(c *materialize.Cascade) error { _, err := c.Adopt(); return err })
	return l
}

func (l *ledgerBench) do(f func(*materialize.Cascade) error) {
	err := l.d.WriteLedger(ctx, func(tx materialize.Tx) error {
		c, err := materialize.New(tx, l.log, l.rules)
		if err == nil {
			err = f(c)
		}
		if err == nil {
			err = c.Settle()
		}
		return err
	})
	if err != nil {
		l.b.Fatal(err)
	}
}

// came stores events by so many.
func (l *ledgerBench) came(events []event.Event, most int) {
	for len(events) > 0 {
		n := min(most, len(events))
		l.one(events[:n])
		events = events[n:]
	}
}

func (l *ledgerBench) one(events []event.Event) {
	l.b.StopTimer()
	ids := make([]int64, len(events))
	var matches []detection.Match
	for i := range events {
		l.last++
		ids[i], l.log[l.last] = l.last, &events[i]
		matches = l.rules.Match(matches, i, &events[i])
	}
	l.b.StartTimer()
	l.do(func(c *materialize.Cascade) error { return c.Came(events, ids, matches, l.rules) })
}

// gone takes the newest events away again, in one transaction.
func (l *ledgerBench) gone(n int) {
	l.do(func(c *materialize.Cascade) error {
		for range n {
			delete(l.log, l.last)
			if err := c.Vanished(l.last); err != nil {
				return err
			}
			l.last--
		}
		return nil
	})
}

// BenchmarkLedger is what events cost that a rule matches, beyond matching them:
// 20,000 of a fleet into an empty database, the same again, which is all of
// known findings and windows, and 3,200 that are deleted.
func BenchmarkLedger(b *testing.B) {
	events := fleetChanges(20_000)
	per := func(b *testing.B, events int) {
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*events), "µs/event")
	}
	b.Run("fleet", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			l := newLedgerBench(b)
			b.StartTimer()
			l.came(events, 1300)
		}
		per(b, len(events))
	})
	l := newLedgerBench(b)
	l.came(events, 10_000)
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.came(events, 1300)
		}
		per(b, len(events))
	})
	b.Run("deleted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.gone(3200)
		}
		per(b, 3200)
	})
}
