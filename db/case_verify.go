package db

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"escutcheon/store"
)

// asAudited compares what a case holds with what the audit trail says was put into it
// and not taken out: a row that is gone cannot say so itself.
func (y *verifying) asAudited(id int64, items []store.CaseItem, files []store.CaseFile) error {
	added, attached := map[string]bool{}, map[string]string{}
	if err := each(y.ctx, y.q, func(r *sql.Rows) error {
		var action, field, old, new string
		if err := r.Scan(&action, &field, &old, &new); err != nil {
			return err
		}
		switch {
		case action == "added":
			added[new] = true
		case action == "attached":
			attached[field] = new
		case field == "item":
			delete(added, old)
		default:
			delete(attached, field)
		}
		return nil
	}, `SELECT action, field, old, new FROM audit WHERE object = ? AND action IN ('added', 'attached', 'removed')
		ORDER BY id`, "case "+store.CaseNumber(id)); err != nil {
		return err
	}
	for _, i := range items {
		delete(added, keptText(i.Kind+" "+i.Ref))
		if _, ok := y.pins[i.Pin]; !ok && store.Pinned(i.Kind) {
			y.differs(fmt.Sprintf("item %d", i.ID), "the evidence of %s %s is not there any more", i.Kind, i.Ref)
		}
	}
	for _, gone := range slices.Sorted(maps.Keys(added)) {
		y.differs("items", "%s was added, and nobody removed it: it is not there any more", gone)
	}
	for _, f := range files {
		object := fmt.Sprintf("file %d", f.ID)
		is := keptText(f.Name + " " + f.SHA256)
		if was, ok := attached[object]; ok && was != is {
			y.differs(object, "it is %s, the audit has %s", is, was)
		}
		delete(attached, object)
	}
	for _, object := range slices.Sorted(maps.Keys(attached)) {
		y.differs(object, "%s was attached, and nobody removed it: it is not there any more", attached[object])
	}
	return nil
}
