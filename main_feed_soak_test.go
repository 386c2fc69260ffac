package main_test

import (
	"fmt"
	"iter"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// soakFor is how long forwarders send where ESCUTCHEON_SOAK does not say it, and
// soakRate how many events a second.
const (
	soakFor  = 6 * time.Second
	soakRate = 2000
)

// TestFeedSoak has forwarders send 2,000 events a second, with a restart of the server
// in the middle: what was sent is stored once, what the server holds does not grow, and
// the log says how long a change takes to be in findings.
func TestFeedSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("sends events for long; not in -short")
	}
	long := soakFor
	if v := os.Getenv("ESCUTCHEON_SOAK"); v != "" {
		var err error
		if long, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
	}
	c, at := newCLI(t), freeAddress(t)
	s := feeding(t, c.db, at)
	over := make(chan struct{})
	time.AfterFunc(long, func() { close(over) })
	var wg sync.WaitGroup
	all := forwarders(t, at)
	counts := make([]int, len(all))
	for k, f := range all {
		wg.Go(func() {
			next, stop := iter.Pull(logwriter.Bulk(1<<30, uint64(k+1)))
			defer stop()
			const most = 1000
			tick := time.NewTicker(time.Second * 50 * time.Duration(len(all)) / soakRate)
			defer tick.Stop()
			for began := time.Now(); ; {
				select {
				case <-over:
					return
				case <-tick.C:
				}
				// What could not be sent yet waits, as in a forwarder's queue.
				due := int(time.Since(began).Seconds()*soakRate)/len(all) - counts[k]
				some := min(due, most)
				if some < 1 {
					continue
				}
				list := make([]logwriter.Record, 0, some)
				for range some {
					r, _ := next()
					one := *r
					one.Computer = fmt.Sprintf("f%d-%s", k, one.Computer)
					one.Time = time.Now().UTC().Truncate(time.Second)
					list = append(list, one)
				}
				f.send(list)
				counts[k] += some
			}
		})
	}
	var lag []time.Duration
	first, last := 0, 0
	began, restarted := time.Now(), false
	for n := int64(1); ; n++ {
		lag = append(lag, probe(t, s, at, n))
		if took := time.Since(began); took > long/4 && first == 0 {
			first = resident(s)
		} else if took > long/2 && !restarted {
			restarted = true
			s.kill()
			s = feeding(t, c.db, at)
		}
		select {
		case <-over:
		case <-time.After(time.Second):
			continue
		}
		break
	}
	wg.Wait()
	last = resident(s)
	sent := 0
	for k, f := range all {
		stored := c.counted(fmt.Sprintf("ComputerName=f%d-*", k), counts[k])
		if sent += counts[k]; stored != counts[k] {
			t.Errorf("%s sent %d events: %d are stored", f.name, counts[k], stored)
		}
		t.Logf("%s: %d", f.name, stored)
	}
	s.kill()
	most := time.Duration(0)
	for _, l := range lag {
		most = max(most, l)
	}
	t.Logf("%d events in %s, %.0f a second; a change was in findings after %s at most, of %d; %d then %d KiB resident",
		sent, long, float64(sent)/long.Seconds(), most.Round(time.Millisecond), len(lag), first, last)
	if runtime.GOOS == "linux" && last > 2*first+64<<10 {
		t.Errorf("it held %d KiB, and holds %d", first, last)
	}
}

// probe sends a change of a host of its own, and says how long it takes until it is in
// findings.
func probe(t *testing.T, s *served, at string, n int64) time.Duration {
	t.Helper()
	began := time.Now()
	host := fmt.Sprintf("probe%d.example", n)
	send(at, feedForms[0], []logwriter.Record{*change(host, n, began.UTC(),
		`/system.webServer/globalModules/add[@name="P"]`)})
	for range 3000 {
		if strings.Contains(s.get(t, "/findings.csv?dest="+host), host) {
			return time.Since(began)
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the change of %s is in no finding", host)
	return 0
}

// counted is how many events a search finds, which is looked at until there are n, for
// a minute: a forwarder may have some yet.
func (c *cli) counted(search string, n int) (found int) {
	for range 60 {
		lines := strings.Fields(c.ok("search", "--format", "csv", search+" | stats count"))
		if found, _ = strconv.Atoi(strings.Trim(lines[len(lines)-1], `"`)); found >= n {
			break
		}
		time.Sleep(time.Second)
	}
	return found
}

// resident is how many KiB of memory a server has of its own, without the pages of the
// database that it has mapped; 0 where the system does not say.
func resident(s *served) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	var n int
	_, _ = fmt.Sscan(rest, &n)
	return n
}
