package db_test

import (
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/fault"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// TestStoreWhole: files stored whole are there as they ended, one that is known
// is recognised, one that is queued ends, and where one cannot be stored none is.
func TestStoreWhole(t *testing.T) {
	h := newHouse(t, stats(t))
	whole := func(name, sha string, records ...logwriter.Record) intake.Whole {
		w := intake.Whole{Import: intake.Import{Name: name, SHA256: sha, Size: 9, Zone: "UTC", Format: sniff.EventXML,
			Status: intake.Done}}
		w.Batch = h.batch(&w.Import, records...)
		return w
	}
	one, two := iis("web01", 1, 1, "/x"), iis("web01", 2, 2, "/x")
	bad := whole("bad", "s2")
	bad.Status, bad.Reason, bad.Batch = intake.Failed, "No log.", nil
	out, err := h.StoreWhole(ctx, "me", []intake.Whole{whole("a", "s1", one, two), bad, whole("again", "s1", one, two)})
	h.ok(err)
	h.is("statuses", []intake.Status{out[0].Status, out[1].Status, out[2].Status},
		[]intake.Status{intake.Done, intake.Failed, intake.Done})
	h.is("new", []int64{out[0].New, out[0].Read, out[2].New, out[2].Duplicate, out[2].SameAs},
		[]int64{2, 2, 0, 2, out[0].ID})
	h.is("reason", []any{out[1].Reason, out[1].Finished.IsZero()}, []any{"No log.", false})

	queued := whole("q", "s3", iis("web02", 3, 3, "/x"))
	queued.ID, err = h.AddImport(ctx, intake.Import{Name: "q", SHA256: "s3", Size: 9, Zone: "UTC", Owner: "gone"})
	h.ok(err)
	queued.From = "gone"
	out, err = h.StoreWhole(ctx, "me", []intake.Whole{queued})
	h.ok(err)
	h.is("queued", []any{out[0].ID, out[0].Status, out[0].New}, []any{queued.ID, intake.Done, int64(1)})

	_, err = h.StoreWhole(ctx, "me", []intake.Whole{whole("b", "s4", one), queued}) // which has ended
	h.is("conflict", fault.CodeOf(err), fault.Conflict)
	member := whole("m", "s5", one)
	member.Parent = queued.ID // which does not run
	_, err = h.StoreWhole(ctx, "me", []intake.Whole{member})
	h.is("conflict of a member", fault.CodeOf(err), fault.Conflict)
	h.is("imports", h.one(`SELECT count(*) FROM import`), "4")
}
