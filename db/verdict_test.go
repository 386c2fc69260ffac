package db_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection/verdict"
	"escutcheon/event"
	"escutcheon/intake"
	"escutcheon/store"
)

// changesKept are the changes of note as they are stored.
func (h *house) changesKept() string {
	return h.one(`SELECT group_concat(event_id || ' ' || (SELECT dest FROM host WHERE id = host_id) || ' ' || nanos || ' ' ||
		kind || ' ' || module || ' ' || image || ' ' || scope || ' ' || account || ' ' || hash, char(10)) FROM
		(SELECT * FROM change_event ORDER BY event_id)`)
}

// badFile is a file as Sysmon loads it, whose hash is publicly known bad.
func badFile(file string) logwriter.Record {
	r := logwriter.SysmonProcess(`CORP\w3`, "{1}", "1", `C:\w3wp.exe`, "w3wp", `C:\svc.exe`)
	r.EventCode, r.Data = 7, []event.Field{{Name: "ImageLoaded", Value: file},
		{Name: "Hashes", Value: "SHA256=00142E46C997FE7051AF5667953908CC876268BE30D61CD985F6265514639251"}}
	return r
}

// TestChangesOfNote imports, imports again, replaces and deletes at random: what is kept of
// the changes is what looking at all stored events anew gives, which is what an
// older database does.
func TestChangesOfNote(t *testing.T) {
	t.Parallel()
	h := newHouse(t, stats(t))
	rng := rand.New(rand.NewPCG(7, 1))
	record := func(n int) logwriter.Record {
		host := ""
		if n%3 > 0 {
			host = fmt.Sprintf("web%02d", n%3)
		}
		module := fmt.Sprintf("m%d", n%4)
		path := `/system.webServer/globalModules/add[@name="` + module + `"]`
		switch n % 7 {
		case 0:
			path = "/system.applicationHost/applicationPools/@x"
		case 1:
			path += "/@image"
		case 2:
			path = "/system.webServer/httpLogging/@dontLog"
		}
		r := logwriter.IISChange(logwriter.Change{Path: path, At: "MACHINE/WEBROOT/APPHOST", Edit: 1 + n%3, Before: "false",
			After: []string{"true", `C:\` + module + ".dll"}[n%2]})
		switch n % 11 {
		case 3:
			r = logwriter.ProcessStart("S-1-5-18", "CORP", "EXCH01$", "0x10", `C:\inetsrv\appcmd.exe`,
				`appcmd install module /name:`+module+` /image:C:\`+module+`.dll`, `C:\cmd.exe`)
		case 5:
			r = badFile(`C:\` + module + `.dll`)
		}
		r.Computer, r.Time, r.RecordNumber, r.Sid = host, base, int64(n), "S-1-5-18"
		return r
	}
	var imports []*intake.Import
	for range 60 {
		at := rng.IntN(len(imports) + 1)
		switch what := rng.IntN(4); {
		case at < len(imports) && what == 0:
			h.ok(h.DeleteImport(ctx, imports[at].ID))
			imports = append(imports[:at], imports[at+1:]...)
		case at < len(imports) && what == 1:
			n := h.replacement(imports[at], fmt.Sprintf("web%02d", rng.IntN(5)))
			h.ok(h.Replace(ctx, n.ID, "me", nil))
			imports[at] = n
		default:
			var recs []logwriter.Record
			for range 1 + rng.IntN(30) {
				recs = append(recs, record(rng.IntN(120)))
			}
			imports = append(imports, h.add("a", recs...))
		}
	}
	kept := h.changesKept()
	if strings.Count(kept, "\n") < 20 || !strings.Contains(kept, "00142e46") || !strings.Contains(kept, "EXCH01$") {
		t.Fatalf("few changes: %s", kept)
	}
	for _, q := range []string{`DELETE FROM change_event`, `UPDATE sequence SET last = 0 WHERE name = 'changes'`,
		`UPDATE sequence SET last = (SELECT last FROM sequence WHERE name = 'record') WHERE name = 'changes end'`} {
		if _, err := h.q.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for left := (store.Behind{Rules: 1}); left.Rules > 0; {
		var err error
		left, err = h.CatchUp(ctx, 10)
		h.ok(err)
	}
	if again := h.changesKept(); again != kept {
		t.Errorf("looked at anew:\n%s\nkept:\n%s", again, kept)
	}
	for _, i := range imports {
		h.ok(h.DeleteImport(ctx, i.ID))
	}
	if left := h.changesKept(); left != "" {
		t.Errorf("after everything was deleted: %s", left)
	}
	h.ok(h.RefreshRisk(ctx))
	if n := h.one(`SELECT (SELECT count(*) FROM host_verdict) + (SELECT count(*) FROM host_module) +
		(SELECT count(*) FROM module_count)`); n != "0" {
		t.Errorf("%s rows of verdicts are left", n)
	}
}

// TestStoredVerdict: lists show what is stored of a verdict, which is what is made
// of the changes when a page asks for it.
func TestStoredVerdict(t *testing.T) {
	t.Parallel()
	h := newHouse(t, stats(t))
	for i := range 3 {
		r := logwriter.IISChange(logwriter.Change{Path: `/system.webServer/globalModules/add[@name="X"]`,
			At: "MACHINE/WEBROOT/APPHOST", Edit: logwriter.EditAdd})
		r.Computer, r.Time, r.RecordNumber = fmt.Sprint("web", i), base, 1
		h.add("a", r)
	}
	hosts := []store.Host{{Dest: "web0"}, {Dest: "web1"}, {Dest: "nobody"}}
	before, err := h.Briefs(ctx, hosts, nil)
	h.ok(err)
	h.ok(h.RefreshRisk(ctx))
	if n := h.one(`SELECT count(*) FROM host_verdict WHERE gravity = ?`, int64(verdict.High)); n != "3" {
		t.Fatalf("%s verdicts are stored", n)
	}
	after, err := h.Briefs(ctx, hosts, nil)
	h.ok(err)
	for i := range after {
		if before[i].Sentence != after[i].Sentence || before[i].Gravity != after[i].Gravity ||
			!before[i].At.Equal(after[i].At) {
			t.Errorf("%+v, before it was stored %+v", after[i], before[i])
		}
	}
	if after[0].Hosts != 3 || after[0].Gravity != verdict.High || after[2].Gravity != verdict.None {
		t.Errorf("%+v", after)
	}
	earlier := base.Unix() - 1
	past, err := h.Briefs(ctx, hosts, &earlier)
	h.ok(err)
	if past[0].Gravity != verdict.None || past[0].Sentence != verdict.NoChange {
		t.Errorf("a second before: %+v", past[0])
	}
}

// TestVerdictOfCommands: what a command alone says is told whatever the log of the
// configuration covers, and the verdict says which; once a change of the log follows
// it, that is told.
func TestVerdictOfCommands(t *testing.T) {
	t.Parallel()
	h := newHouse(t, stats(t))
	const alone, uncovered = "is not among these logs", "does not cover that moment"
	const covered = "covers that moment and shows no such change"
	command := logwriter.ProcessStart("S-1-5-18", "CORP", "EXCH01$", "0x10", `C:\inetsrv\appcmd.exe`,
		`appcmd install module /name:X /image:C:\x.dll`, `C:\cmd.exe`)
	committed := logwriter.IISCommitted("MACHINE/WEBROOT/APPHOST")
	add := func(r logwriter.Record, number int64, after time.Duration) *intake.Import {
		r.Computer, r.Time, r.RecordNumber = "web0", base.Add(after), number
		return h.add(fmt.Sprint(number), r)
	}
	told := func(when, says string, asOf *int64) {
		t.Helper()
		h.ok(h.CountCoverage(ctx, time.Minute))
		h.ok(h.RefreshRisk(ctx))
		got, err := h.Briefs(ctx, []store.Host{{Dest: "web0"}}, asOf)
		h.ok(err)
		if got[0].Gravity != verdict.High || !strings.Contains(got[0].Sentence, says) {
			t.Errorf("%s: %s, %s", when, got[0].Gravity, got[0].Sentence)
		}
	}
	add(command, 1, 0)
	told("a command alone", "A command line says so; the configuration log "+alone, nil)
	late := add(committed, 2, time.Hour)
	told("the log begins later", uncovered, nil)
	before := base.Unix() + 60
	told("before the log began", alone, &before)
	early := add(committed, 3, -time.Hour)
	told("within the log", covered, nil)
	told("within the log, up to a second", covered, &before)
	h.ok(h.DeleteImport(ctx, early.ID))
	told("the early part is gone", uncovered, nil)
	add(logwriter.IISChange(logwriter.Change{Path: `/system.webServer/globalModules/add[@name="X"]`,
		At: "MACHINE/WEBROOT/APPHOST", Edit: logwriter.EditAdd}), 4, time.Second)
	told("a change follows", "Unknown module X added by an account that the log does not name at", nil)
	h.ok(h.DeleteImport(ctx, late.ID))
	told("without the late part", "Unknown module X added by an account that the log does not name at", nil)
}

// TestListByGravity: the list that is remembered is the one that is made anew, while
// hosts come and change.
func TestListByGravity(t *testing.T) {
	t.Parallel()
	h := newHouse(t, stats(t))
	rng := rand.New(rand.NewPCG(3, 9))
	list := func(d interface {
		Hosts(context.Context, store.HostFilter, store.Page) ([]store.Host, store.Cursors, error)
	}) (out []string) {
		p := store.Page{Sort: "gravity", Limit: 3}
		for {
			some, c, err := d.Hosts(ctx, store.HostFilter{Now: h.now.Unix()}, p)
			h.ok(err)
			for _, host := range some {
				out = append(out, host.Dest)
			}
			if p.After = c.After; c.After == "" {
				return out
			}
		}
	}
	for n := range 30 {
		r := logwriter.IISChange(logwriter.Change{At: "MACHINE/WEBROOT/APPHOST", Edit: logwriter.EditAdd,
			Path: fmt.Sprintf(`/system.webServer/globalModules/add[@name="m%d"]`, rng.IntN(4))})
		if rng.IntN(3) == 0 {
			r = iis("", 0, 1, "/x")
		}
		r.Computer, r.Time, r.RecordNumber = fmt.Sprint("web", rng.IntN(12)), base, int64(n)
		h.add("a", r)
		if rng.IntN(2) == 0 {
			h.ok(h.RefreshRisk(ctx))
		}
		list(h) // remembers
		got, want := list(h), list(h.open(h.Path()))
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %v, anew %v", n, got, want)
		}
	}
}
