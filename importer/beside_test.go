package importer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/intake"
)

// plainHostOf is hostOf as docs/formats.md says it, log by log.
func plainHostOf(logs []intake.MemberHost, path string) string {
	for dir := folder(path); ; dir = folder(dir[:len(dir)-1]) {
		votes, all := map[string]int{}, 0
		for _, l := range logs {
			if strings.HasPrefix(l.Name, dir) {
				votes[l.Host]++
				all++
			}
		}
		best, most := "", 0
		for host, n := range votes {
			for other, m := range votes {
				if other != host && (short(other) == other || short(host) == host) && short(other) == short(host) {
					n += m
				}
			}
			if n > most || n == most && (len(host) > len(best) || len(host) == len(best) && host < best) {
				best, most = host, n
			}
		}
		if all > 0 && 3*most < 2*all {
			best = ""
		}
		if all > 0 || dir == "" {
			return best
		}
	}
}

// TestHostBeside: whatever the folders and the hosts, a file's host is what its folder's
// logs say, asked in any order.
func TestHostBeside(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(16, 7))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	path := func() (out string) {
		for range r.IntN(5) {
			out += pick("a", "b", "ab", "", "a.zip", "é") + pick("/", `\`, "!", "/")
		}
		return out + pick("x", "y.log", "")
	}
	told := 0
	for n := range 500 {
		var logs []intake.MemberHost
		for range r.IntN(12) {
			logs = append(logs, intake.MemberHost{Name: path(), Host: pick("web01", "WEB01.corp.example", "web01.corp.example",
				"web01.other.example", "WEB01", "web02")})
		}
		b := newBeside(append([]intake.MemberHost(nil), logs...))
		for range 20 {
			p := path()
			got, want := b.hostOf(p), plainHostOf(logs, p)
			if got != want {
				t.Fatalf("round %d: %q is of %q, want %q, of %v", n, p, got, want, logs)
			}
			if want != "" {
				told++
			}
		}
	}
	if told < 1000 {
		t.Errorf("only %d files were of a host", told)
	}
}

// BenchmarkHostBeside asks for the hosts of all files of a collection, half of them logs: of
// 2,000 members, and of ten times as many.
func BenchmarkHostBeside(b *testing.B) {
	for _, members := range []int{2_000, 20_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			var logs []intake.MemberHost
			for n := range members / 2 {
				logs = append(logs, intake.MemberHost{Name: fmt.Sprintf("C/logs/%d.evtx", n), Host: fmt.Sprintf("web%d", n%3)})
			}
			b.ReportAllocs()
			for b.Loop() {
				asked := newBeside(logs)
				for n := range members / 2 {
					asked.hostOf(fmt.Sprintf("C/files/%d/applicationHost.config", n))
				}
			}
		})
	}
}
