package db

import (
	"cmp"
	"slices"

	"escutcheon/store"
)

// sorted pages a list that is sorted here, and not by SQL, as keyset does the
// others: by a value of its rows, a number or a text, and a number that tells
// rows apart. It changes the order of rows.
func sorted[T any](rows []T, p store.Page, place func(T) mark) ([]T, store.Cursors, error) {
	k := keyset{page: p}
	type placed struct {
		row T
		at  mark
	}
	list := make([]placed, len(rows))
	for i, r := range rows {
		list[i] = placed{r, place(r)}
	}
	order := func(a, b mark) int {
		if p.Asc != k.reversed() {
			return compare(a, b)
		}
		return compare(b, a)
	}
	slices.SortFunc(list, func(a, b placed) int { return order(a.at, b.at) })
	if cursor := p.After + p.Before; cursor != "" {
		at, err := parseMark(cursor)
		if err != nil {
			return nil, store.Cursors{}, err
		}
		if i := slices.IndexFunc(list, func(r placed) bool { return r.at.ID == at.ID }); at.long && i >= 0 {
			at = list[i].at
		}
		list = slices.DeleteFunc(list, func(r placed) bool { return at.long || order(r.at, at) <= 0 })
	}
	n := k.trim(len(list))
	list = list[:n.end]
	if k.reversed() {
		slices.Reverse(list)
	}
	out, marks := make([]T, len(list)), make([]mark, len(list))
	for i, r := range list {
		out[i], marks[i] = r.row, r.at
	}
	return out, k.cursors(marks, n.more), nil
}

// compare orders places as SQLite does: numbers before texts, equal values by
// the number that tells rows apart.
func compare(a, b mark) int {
	x, isNumber := a.Value.(int64)
	y, areNumbers := b.Value.(int64)
	switch {
	case isNumber && areNumbers:
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.ID, b.ID))
	case isNumber:
		return -1
	case areNumbers:
		return 1
	}
	v, _ := a.Value.(string)
	w, _ := b.Value.(string)
	return cmp.Or(cmp.Compare(v, w), cmp.Compare(a.ID, b.ID))
}
