package db

import (
	"cmp"
	"context"
	"slices"

	"escutcheon/store"
)

// heldSorts are the columns that a page of findings is put together by in memory.
var heldSorts = map[string]func(s *findingSet, f *findingItem) mark{
	"last":     func(_ *findingSet, f *findingItem) mark { return mark{Value: f.last, ID: f.id} },
	"first":    func(_ *findingSet, f *findingItem) mark { return mark{Value: f.first, ID: f.id} },
	"count":    func(_ *findingSet, f *findingItem) mark { return mark{Value: f.count, ID: f.id} },
	"status":   func(_ *findingSet, f *findingItem) mark { return mark{Value: int64(f.status), ID: f.id} },
	"severity": func(s *findingSet, f *findingItem) mark { return mark{Value: int64(s.urgencyOf(f)), ID: f.id} },
	"dest":     func(s *findingSet, f *findingItem) mark { return mark{Value: s.names[f.dest], ID: f.id} },
	"owner":    func(s *findingSet, f *findingItem) mark { return mark{Value: s.names[f.owner], ID: f.id} },
	"what":     func(s *findingSet, f *findingItem) mark { return mark{Value: s.names[f.what], ID: f.id} },
	"rule":     func(s *findingSet, f *findingItem) mark { return mark{Value: s.ruleName(f.rule), ID: f.id} },
}

func (s *findingSet) ruleName(n int32) string {
	if s.rules != nil {
		if r := s.rules.Find(s.names[n]); r != nil {
			return r.Name
		}
	}
	return s.names[n]
}

// inMemory says whether a page of a filter is put together in memory: where no index
// has it, and the text of rows does not matter.
func inMemory(f store.FindingFilter, p store.Page) bool {
	if f.Text != "" || f.Among != nil || p.Sort == "row" {
		return false
	}
	indexed := p.Sort == "" || p.Sort == "last" || f.Dest != "" && findingSorts[p.Sort] != ""
	return len(f.By) > 0 || heldSorts[p.Sort] != nil && !indexed
}

// page are the places of a page of a filter's findings, and its cursors.
func (s *findingSet) page(f store.FindingFilter, p store.Page) (list []mark, c store.Cursors, err error) {
	t := s.test(f)
	return s.pageOf(p, func(offer func(*findingItem)) {
		for i := range s.rows {
			if f := &s.rows[i]; (f.verdict == 0 || t.suppressed) && t.chooses(f) {
				offer(f)
			}
		}
	})
}

// pageOf are the places of a page of those that each offers.
func (s *findingSet) pageOf(p store.Page, each func(offer func(*findingItem))) (list []mark, c store.Cursors,
	err error) {
	place := heldSorts[cmp.Or(p.Sort, "last")]
	if place == nil {
		place = heldSorts["last"]
	}
	k, err := pick[struct{}](p, func(id int64) (m mark, ok bool) {
		i, ok := s.index[id]
		if ok {
			m = place(s, &s.rows[i])
		}
		return m, ok
	})
	if err != nil {
		return nil, c, err
	}
	each(func(f *findingItem) { k.offer(place(s, f), struct{}{}) })
	_, list, c = k.page()
	return list, c, nil
}

// heldPage is a page of findings that is put together in memory.
func (d *DB) heldPage(ctx context.Context, f store.FindingFilter, p store.Page) (out []store.Finding, c store.Cursors,
	err error) {
	err = d.withFindings(ctx, func(q conn, s *findingSet) error {
		var marks []mark
		if marks, c, err = s.page(f, p); err == nil {
			out, err = findingsAt(ctx, q, marks)
		}
		return err
	})
	return slices.DeleteFunc(out, func(f store.Finding) bool { return f.Key == "" }), c, err // it went meanwhile
}

// heldCount is CountFindings for a filter by properties.
func (d *DB) heldCount(ctx context.Context, f store.FindingFilter) (n, suppressed int64, err error) {
	err = d.withFindings(ctx, func(_ conn, s *findingSet) error {
		c, err := s.count(f)
		n, suppressed = c.n, c.suppressed
		return err
	})
	return n, suppressed, err
}

// among is a filter by properties as one by numbers of findings.
func (d *DB) among(ctx context.Context, f store.FindingFilter) (store.FindingFilter, error) {
	f, err := d.named(ctx, f)
	if err != nil || len(f.By) == 0 {
		return f, err
	}
	ids := []int64{}
	err = d.withFindings(ctx, func(_ conn, s *findingSet) error {
		t := s.test(f)
		for i := range s.rows {
			if t.chooses(&s.rows[i]) {
				ids = append(ids, s.rows[i].id)
			}
		}
		return nil
	})
	list := jsonList(ids)
	f.By, f.Among = nil, &list
	return f, err
}
