package main_test

import (
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/eventstore/clickhouse/clickhousetest"
)

// scaleFor is for how long, and scaleRate how many events a second come to the ingester,
// where ESCUTCHEON_SCALE does not say it ("5m 2894": a quarter of a billion a day).
const (
	scaleFor  = 3 * time.Second
	scaleRate = 1000
	scaleHost = 2500 // from which they come
)

// TestScale drives one ingester at its share of what comes, ClickHouse and the console
// behind it: what was sent is there once, and the log says what each of the three needs
// for an event.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("sends events for long; not in -short")
	}
	long, rate := scaleFor, scaleRate
	if v := os.Getenv("ESCUTCHEON_SCALE"); v != "" {
		var text string
		if _, err := fmt.Sscan(v, &text, &rate); err != nil {
			t.Fatalf("ESCUTCHEON_SCALE is a time and a rate, as in %q: %v", "5m 2894", err)
		}
		var err error
		if long, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	engine := clickhousetest.Start(t, "")
	events, at, c := engine.Address(), freeAddress(t), newCLI(t)
	front, console := ingester(t, events, at), serve(t, c.db, "--events", events)
	before := [3]float64{used(front.cmd.Process.Pid), used(engine.PID()), used(console.cmd.Process.Pid)}
	over := make(chan struct{})
	time.AfterFunc(long, func() { close(over) })
	var wg sync.WaitGroup
	const senders, some = 4, 100
	sent, wire := make([]int, senders), make([]int, senders)
	began := time.Now()
	for k := range senders {
		wg.Go(func() {
			next, stop := iter.Pull(usual(uint64(k)))
			defer stop()
			tick := time.NewTicker(time.Second * some * senders / time.Duration(rate))
			defer tick.Stop()
			for {
				select {
				case <-over:
					return
				case <-tick.C:
				}
				list := make([]logwriter.Record, 0, some)
				for range some {
					r, _ := next()
					list = append(list, r)
				}
				_, _, body := feedForms[0](list)
				send(at, feedForms[0], list)
				sent[k], wire[k] = sent[k]+some, wire[k]+len(body)
			}
		})
	}
	var lag time.Duration
	for n := int64(1); ; n++ {
		lag = max(lag, probe(t, console, at, n))
		select {
		case <-over:
		case <-time.After(time.Second):
			continue
		}
		break
	}
	wg.Wait()
	emptied(t, console)
	took := time.Since(began)
	n, bytes := 0, 0
	for k := range sent {
		n, bytes = n+sent[k], bytes+wire[k]
	}
	after := [3]float64{used(front.cmd.Process.Pid), used(engine.PID()), used(console.cmd.Process.Pid)}
	memory := [2]int{resident(front), resident(console)}
	lies := engine.Query(t, `SELECT table, sum(bytes) FROM system.parts WHERE active AND database LIKE 'test%'
		GROUP BY table ORDER BY table`)
	front.kill()
	console.kill()
	out := c.ok("search", "--format", "csv", "ComputerName=scale* | stats count")
	if !strings.Contains(out, strconv.Itoa(n)) {
		t.Errorf("%d events were sent: %s", n, out)
	}
	size := int64(0)
	if info, err := os.Stat(c.db); err == nil {
		size = info.Size()
	}
	each := func(of int) float64 { return (after[of] - before[of]) / float64(n) * 1e6 }
	t.Logf("%d events in %s, %.0f a second, %.0f bytes each as sent; a change was in findings after %s at most",
		n, took.Round(time.Millisecond), float64(n)/took.Seconds(), float64(bytes)/float64(n), lag.Round(time.Millisecond))
	t.Logf("CPU an event: ingester %.1f µs, ClickHouse %.1f, console %.1f; resident: ingester %d KiB, console %d",
		each(0), each(1), each(2), memory[0], memory[1])
	t.Logf("the console's file has %.1f bytes an event; ClickHouse in all:\n%s", float64(size)/float64(n), lies)
}

// usual are records as servers write them: one of a thousand changes the configuration.
func usual(seed uint64) iter.Seq[logwriter.Record] {
	return func(yield func(logwriter.Record) bool) {
		n := int64(0)
		for r := range logwriter.Bulk(1<<40, seed) {
			if strings.Contains(r.Channel, "IIS") && n%1000 != 0 {
				continue
			}
			n++
			one := *r
			one.Computer = fmt.Sprintf("scale%d-%04d.corp.example", seed, n%scaleHost)
			one.RecordNumber, one.Time = n, time.Now().UTC().Truncate(time.Microsecond)
			if !yield(one) {
				return
			}
		}
	}
}

// used is how many seconds of CPU a process has used; 0 where the system does not say.
func used(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	const second = 100 // of the kernel's clock, as it tells it
	return (user + system) / second
}
