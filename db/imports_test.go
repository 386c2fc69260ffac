package db_test

import (
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// TestImportLifecycle: queued, running, done; each time is the caller's clock.
func TestImportLifecycle(t *testing.T) {
	h := newHouse(t)
	want := intake.Import{Name: "a.xml", SHA256: "ab", Size: 70, Source: intake.Upload, Path: "/spool/a", Owner: "p1",
		Zone: "UTC", Computer: "web09",
		Dates: "mdy", Ask: true, Replaces: 3, Ordinal: 2}
	id, err := h.AddImport(ctx, want)
	h.ok(err)
	want.ID, want.Status, want.Created, want.Beat = id, intake.Queued, base, base
	h.is("added", h.byID(id), want)
	h.now = base.Add(time.Minute)
	got, err := h.StartImport(ctx, id, "p1", "p2")
	h.ok(err)
	want.Status, want.Owner, want.Started, want.Beat = intake.Running, "p2", h.now, h.now
	h.is("started", got, want)
	_, err = h.StartImport(ctx, id, "p1", "p3")
	h.refuses("another process that found it abandoned", err, fault.Conflict, "not waiting")
	h.now = base.Add(2 * time.Minute)
	got, err = h.StartImport(ctx, id, "p2", "p3")
	h.ok(err)
	want.Owner, want.Beat = "p3", h.now // and Started stays
	h.is("taken over", got, want)
	want.Format, want.Encoding, want.Compression, want.Note = "xml", "utf-8", "gzip", "a note"
	h.ok(h.DescribeImport(ctx, want))
	h.ok(h.FinishImport(ctx, id, "p2", intake.Failed, "not its owner's"))
	h.is("described, and not ended by another", h.byID(id), want)
	h.now = base.Add(3 * time.Minute)
	h.ok(h.FinishImport(ctx, id, "p3", intake.Failed, "why"))
	want.Status, want.Reason, want.Finished, want.Path = intake.Failed, "why", h.now, ""
	h.is("ended", h.byID(id), want)
	h.ok(h.FinishImport(ctx, id, "", intake.Cancelled, "late"))
	h.is("ended stays ended", h.byID(id), want)
	_, err = h.StartImport(ctx, id, "p3", "p4")
	h.refuses("an ended one", err, fault.Conflict, "not waiting")
	_, err = h.ImportByID(ctx, 99)
	h.refuses("none", err, fault.NotFound, "no import 99")
}

// TestFinishAsking: nobody's name ends anybody's, one that asks too.
func TestFinishAsking(t *testing.T) {
	h := newHouse(t)
	id, err := h.AddImport(ctx, intake.Import{Name: "a", Status: intake.Asking, Owner: "p1"})
	h.ok(err)
	_, err = h.StartImport(ctx, id, "p1", "p2")
	h.refuses("one that asks", err, fault.Conflict, "not waiting")
	h.ok(h.FinishImport(ctx, id, "", intake.Cancelled, "by hand"))
	h.is("ended", h.byID(id).Status, intake.Cancelled)
}

// TestBeatRelease: a sign of life is for the imports of one process that have
// not ended; released ones are nobody's.
func TestBeatRelease(t *testing.T) {
	h := newHouse(t)
	add := func(owner string, status intake.Status) int64 {
		id, err := h.AddImport(ctx, intake.Import{Name: "x", Owner: owner, Status: status})
		h.ok(err)
		return id
	}
	mine, running, asks, theirs, done := add("me", ""), add("me", intake.Running), add("me", intake.Asking),
		add("you", ""), add("me", intake.Done)
	h.now = base.Add(time.Hour)
	h.ok(h.Beat(ctx, "me"))
	for id, beat := range map[int64]time.Time{mine: h.now, running: h.now, asks: base, theirs: base, done: base} {
		h.is("beat", h.byID(id).Beat, beat)
	}
	h.ok(h.Release(ctx, "me"))
	for id, owner := range map[int64]string{mine: "", running: "", asks: "me", theirs: "you", done: "me"} {
		h.is("owner", h.byID(id).Owner, owner)
	}
}

func ids(list []intake.Import) (out []int64) {
	for _, i := range list {
		out = append(out, i.ID)
	}
	return out
}

// TestImportLists: which imports a list has, and in which order.
func TestImportLists(t *testing.T) {
	h := newHouse(t)
	for _, i := range []intake.Import{
		{Name: "1", Status: intake.Done, Size: 10}, {Name: "2", Status: intake.Running, Size: 20, Path: "/2"},
		{Name: "3", Status: intake.Queued, Size: 30}, {Name: "4", Parent: 2, Ordinal: 9, Status: intake.Running, Path: "/4",
			Size: 40},
		{Name: "5", Parent: 2, Ordinal: 1, Status: intake.Asking, Path: "/5"}, {Name: "6", Parent: 2, Ordinal: 5,
			Status: intake.Asking},
		{Name: "7", Status: intake.Asking, Path: "/7"}, {Name: "8", Status: intake.Failed},
	} {
		_, err := h.AddImport(ctx, i)
		h.ok(err)
	}
	list := func(want []int64, what string, got []intake.Import, err error) {
		t.Helper()
		h.ok(err)
		h.is(what, ids(got), want)
	}
	got, err := h.Imports(ctx, 0, 3)
	list([]int64{8, 7, 3}, "newest", got, err)
	got, err = h.Imports(ctx, 3, 9)
	list([]int64{2, 1}, "older than", got, err)
	got, err = h.Members(ctx, 2)
	list([]int64{5, 6, 4}, "members", got, err)
	got, err = h.MembersAfter(ctx, 2, "", 1, 9)
	list([]int64{6, 4}, "members after", got, err)
	got, err = h.MembersAfter(ctx, 2, intake.Asking, 0, 1)
	list([]int64{5}, "members that ask", got, err)
	got, err = h.ActiveImports(ctx)
	list([]int64{2, 3, 4}, "active", got, err)
	got, err = h.Waiting(ctx, 1)
	list([]int64{5}, "first that waits", got, err)
	got, err = h.Waiting(ctx, 9)
	list([]int64{5, 7}, "waiting", got, err)
	waiting, err := h.CountWaiting(ctx)
	h.ok(err)
	h.is("count of waiting", waiting, 2)
	n, done, all, err := h.Active(ctx)
	h.ok(err)
	h.is("active", []int64{int64(n), done, all}, []int64{2, 0, 50}) // members are in their archive
	got, err = h.Uploads(ctx, 9)
	list([]int64{2, 3}, "uploads under way", got, err)
	counts, err := h.MemberCounts(ctx, 2)
	h.ok(err)
	h.is("counts", counts, map[intake.Status]int64{intake.Asking: 2, intake.Running: 1})
	paths, err := h.SpoolPaths(ctx)
	h.ok(err)
	h.is("paths", paths, []string{"/2", "/4", "/5", "/7"})
}

// TestAnswer: an import that asks is queued by its answers, once, and only while
// its file is there.
func TestAnswer(t *testing.T) {
	h := newHouse(t)
	add := func(path string) int64 {
		id, err := h.AddImport(ctx, intake.Import{Name: "x", Path: path, Status: intake.Asking, Ask: true, Zone: "UTC"})
		h.ok(err)
		return id
	}
	id, archive, gone := add("/a"), add("/b"), add("")
	h.now = base.Add(time.Minute)
	h.ok(h.Answer(ctx, id, "me", "Europe/Berlin", "web09", "dmy"))
	i := h.byID(id)
	h.is("answered", []any{i.Status, i.Owner, i.Zone, i.Computer, i.Dates, i.Ask, i.Beat},
		[]any{intake.Queued, "me", "Europe/Berlin", "web09", "dmy", false, h.now})
	h.ok(h.Requeue(ctx, archive, "me"))
	i = h.byID(archive)
	h.is("queued again", []any{i.Status, i.Owner, i.Zone, i.Ask, i.Beat}, []any{intake.Queued, "me", "UTC", true, h.now})
	for what, err := range map[string]error{"twice": h.Answer(ctx, id, "you", "UTC", "", ""),
		"again twice": h.Requeue(ctx, archive, "you"),
		"no file":     h.Answer(ctx, gone, "me", "UTC", "", ""), "again no file": h.Requeue(ctx, gone, "me")} {
		h.refuses(what, err, fault.Conflict, "does not wait")
	}
	h.ok(h.Ask(ctx, id))
	i = h.byID(id)
	h.is("it asks again", []any{i.Status, i.Owner}, []any{intake.Asking, ""})
	h.ok(h.FinishImport(ctx, id, "", intake.Done, ""))
	h.ok(h.Ask(ctx, id))
	h.is("an ended one does not ask", h.byID(id).Status, intake.Done)
}

// TestHostsOfImport: whose new events an import or its members brought, most
// first.
func TestHostsOfImport(t *testing.T) {
	h := newHouse(t)
	h.add("before", iis("web03", 0, 1, "/x"))
	archive := h.begin(intake.Import{Name: "zip"})
	for n, host := range []string{"WEB01", "web02", "web02", "web04"} {
		m := h.begin(intake.Import{Name: host, Parent: archive.ID, Ordinal: int64(n + 1)})
		h.put(m, iis(host, n, int64(n+1), "/x"), iis("web03", 0, 1, "/x"))
		h.put(m, iis(host, n+9, int64(n+10), "/x"))
	}
	var got []string
	hosts, err := h.HostsOfImport(ctx, archive.ID, 2)
	h.ok(err)
	for _, x := range hosts {
		got = append(got, x.Dest+" "+x.Spelling)
		h.is(x.Dest, x.Events, map[string]int64{"web02": 4, "web01": 2}[x.Dest])
	}
	h.is("hosts", got, []string{"web02 web02", "web01 WEB01"})
}
