package db_test

import (
	"fmt"
	"testing"

	"escutcheon/intake"
	"escutcheon/store"
)

// TestRisksOfImports: which hosts of an import, or of its members, have risk now,
// the gravest first, and no others; what changes is told.
func TestRisksOfImports(t *testing.T) {
	h := newHouse(t, stats(t))
	archive := h.begin(intake.Import{Name: "zip"})
	for n, host := range []string{"web01", "WEB02", "web03"} {
		m := h.begin(intake.Import{Name: host, Parent: archive.ID, Ordinal: int64(n + 1)})
		change := `/system.webServer/globalModules/add[@name="Odd"]`
		if n == 2 {
			change = "/x"
		}
		h.put(m, iis(host, n, int64(n+1), change))
		h.ok(h.FinishImport(ctx, m.ID, "", intake.Done, ""))
	}
	h.ok(h.FinishImport(ctx, archive.ID, "", intake.Done, ""))
	other := h.add("other", iis("web04", 50, 4, "/y"))
	words := func(ids ...int64) (out []string) {
		t.Helper()
		risks, err := h.RisksOfImports(ctx, ids, h.now.Unix(), 2)
		h.ok(err)
		for _, r := range risks {
			s := fmt.Sprint(r.Hosts)
			for _, x := range r.First {
				s += fmt.Sprintf(" %s/%s/%s", x.Dest, x.Spelling, x.Gravity)
			}
			out = append(out, s)
		}
		return out
	}
	for range 2 { // made, and remembered
		h.is("risks", words(archive.ID, other.ID, 99),
			[]string{"3 web02/WEB02/medium web01/web01/medium", "1 web04/web04/none", "0"})
	}
	h.is("none asked for", words(), []string(nil))
	dests, err := h.DestsOfImport(ctx, archive.ID)
	h.ok(err)
	h.is("hosts", dests, []string{"web01", "web02", "web03"})
	list := `["web04","web01"]`
	hosts, _, err := h.Hosts(ctx, store.HostFilter{Among: &list, Now: h.now.Unix()}, store.Page{Sort: "gravity", Limit: 9})
	h.ok(err)
	h.is("the list of hosts among them", len(hosts), 2)
}

// TestMembersRejecting: the members that have rejected records, by pages.
func TestMembersRejecting(t *testing.T) {
	h := newHouse(t)
	archive := h.begin(intake.Import{Name: "zip"})
	for n := range 5 {
		m := h.begin(intake.Import{Name: "m", Parent: archive.ID, Ordinal: int64(n + 1)})
		b := h.batch(m, iis("web01", n, int64(n+1), "/x"))
		b.Rejections = make([]intake.Rejection, n%2)
		b.Records += int64(n % 2)
		_, err := h.StoreBatch(ctx, b)
		h.ok(err)
	}
	n, err := h.CountRejecting(ctx, archive.ID)
	h.ok(err)
	h.is("count", n, int64(2))
	for after, want := range map[int64]int{0: 2, 2: 1, 4: 0} {
		some, err := h.MembersRejecting(ctx, archive.ID, after, 9)
		h.ok(err)
		h.is("after", len(some), want)
	}
}
