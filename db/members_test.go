package db_test

import (
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/intake"
)

// TestAddMember: a run that begins again finds what the one before recorded; of
// several members of a name, by their order.
func TestAddMember(t *testing.T) {
	h := newHouse(t)
	archive := h.begin(intake.Import{Name: "zip"})
	add := func(name string, nth int64, ordinal int64, path string) intake.Import {
		t.Helper()
		m, err := h.AddMember(ctx, intake.Import{Name: name, Parent: archive.ID, Ordinal: ordinal, Path: path,
			Owner: "p" + path}, nth)
		h.ok(err)
		return m
	}
	one, two := add("log", 0, 1, "1"), add("log", 1, 5, "2")
	h.is("new ones", []any{one.Status, two.Status, one.ID != two.ID}, []any{intake.Queued, intake.Queued, true})
	again := add("log", 1, 6, "9")
	h.is("found again", []any{again.ID, again.Ordinal, again.Path, again.Owner}, []any{two.ID, int64(5), "9", "p9"})
	h.is("stored", h.byID(two.ID), again)
	h.ok(h.FinishImport(ctx, one.ID, "p1", intake.Failed, "bad"))
	ended := add("log", 0, 1, "8")
	h.is("what it became stays", []any{ended.ID, ended.Status, ended.Reason, ended.Path},
		[]any{one.ID, intake.Failed, "bad", ""})
	h.ok(h.Ask(ctx, two.ID))
	h.is("one that asks keeps its file", add("log", 1, 5, "7").Path, "9")
	got, err := h.Member(ctx, archive.ID, "log", 1)
	h.ok(err)
	h.is("by name", got.ID, two.ID)
	for _, c := range []struct {
		name string
		nth  int64
	}{{"log", 2}, {"LOG", 0}} {
		_, err := h.Member(ctx, archive.ID, c.name, c.nth)
		h.refuses(c.name, err, fault.NotFound, "no member")
	}
}

// TestProgressSettle: an archive's counts are those of its members, and it ends
// once all of them have.
func TestProgressSettle(t *testing.T) {
	h := newHouse(t)
	archive := h.begin(intake.Import{Name: "zip"})
	a := h.begin(intake.Import{Name: "a", Parent: archive.ID, Ordinal: 1})
	b := h.begin(intake.Import{Name: "b", Parent: archive.ID, Ordinal: 2})
	h.put(a, iis("web01", 0, 1, "/x"), iis("web01", 1, 2, "/x"), iis("", 1, 3, "/x"))
	h.put(b, iis("web01", 0, 1, "/x"))
	h.now = base.Add(time.Minute)
	h.ok(h.Progress(ctx, archive.ID, 77))
	i := h.byID(archive.ID)
	h.is("counts", i.Counts, intake.Counts{Bytes: 77, Records: 4, Read: 4, New: 3, Duplicate: 1, Nameless: 1})
	h.is("beat", i.Beat, h.now)
	h.ok(h.FinishImport(ctx, a.ID, "me", intake.Failed, "x"))
	h.ok(h.SettleParent(ctx, archive.ID))
	h.is("it does not wait for members", h.byID(archive.ID).Status, intake.Running)
	h.ok(h.Ask(ctx, archive.ID))
	h.ok(h.Ask(ctx, b.ID))
	h.ok(h.SettleParent(ctx, archive.ID))
	h.is("a member asks", h.byID(archive.ID).Status, intake.Asking)
	h.is("one is no log", h.byID(archive.ID).Skipped, 1)
	h.ok(h.FinishImport(ctx, b.ID, "", intake.Done, ""))
	h.now = base.Add(time.Hour)
	h.ok(h.SettleParent(ctx, archive.ID))
	i = h.byID(archive.ID)
	h.is("all ended", []any{i.Status, i.Finished}, []any{intake.Done, h.now})
}

// TestRecognise: the same file with the same answers as one that is done.
func TestRecognise(t *testing.T) {
	h := newHouse(t)
	like := intake.Import{Name: "a", SHA256: "ab", Size: 9, Zone: "UTC", Computer: "c", Dates: "mdy"}
	first := h.begin(like)
	h.put(first, iis("web01", 0, 1, "/x"), iis("web01", 1, 2, "/x"))
	repeat := func(change func(*intake.Import)) (intake.Import, bool) {
		t.Helper()
		i := like
		change(&i)
		got := h.begin(i)
		same, err := h.Recognise(ctx, h.byID(got.ID), "me")
		h.ok(err)
		return h.byID(got.ID), same
	}
	if _, same := repeat(func(*intake.Import) {}); same {
		t.Error("one that is not done was repeated")
	}
	h.ok(h.FinishImport(ctx, first.ID, "me", intake.Done, ""))
	for what, change := range map[string]func(*intake.Import){
		"bytes": func(i *intake.Import) { i.SHA256 = "ac" }, "size": func(i *intake.Import) { i.Size = 8 },
		"computer": func(i *intake.Import) { i.Computer = "d" }, "dates": func(i *intake.Import) { i.Dates = "dmy" },
	} {
		if i, same := repeat(change); same || i.Status != intake.Running {
			t.Errorf("other %s, and it was recognised: %+v", what, i)
		}
	}
	h.now = base.Add(time.Minute)
	got, same := repeat(func(i *intake.Import) { i.Name = "b" })
	if !same || got.Status != intake.Done || got.SameAs != first.ID || got.Path != "" || got.Finished != h.now ||
		got.Format != first.Format {
		t.Errorf("the same was not recognised: %v %+v", same, got)
	}
	h.is("counts", got.Counts, intake.Counts{Bytes: 9, Records: 2, Read: 2, Duplicate: 2})
	third, same := repeat(func(*intake.Import) {})
	h.is("of the first, not of one that repeats it", []any{same, third.SameAs}, []any{true, first.ID})
	other := h.begin(like)
	if same, err := h.Recognise(ctx, h.byID(other.ID), "you"); same || err != nil {
		t.Errorf("another process's was recognised: %v, %v", same, err)
	}
	heir, err := h.Heir(ctx, first.ID)
	h.ok(err)
	h.is("heir", heir, got.ID)
	by, err := h.ReplacedBy(ctx, first.ID)
	h.ok(err)
	h.is("not replaced", by, 0)
}
