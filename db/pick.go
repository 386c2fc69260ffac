package db

import (
	"slices"

	"escutcheon/store"
)

// picker takes the rows of one page out of many that are offered in any order. It
// holds no more of them than the page has.
type picker[T any] struct {
	k     keyset
	after *mark
	order func(a, b mark) int
	best  []picked[T]
}

type picked[T any] struct {
	at  mark
	row T
}

// pick begins a page. Where its cursor's value is too long to stand there, long
// finds the place of the row by its number.
func pick[T any](p store.Page, long func(id int64) (mark, bool)) (*picker[T], error) {
	k := &picker[T]{k: keyset{page: p}, order: compare, best: make([]picked[T], 0, p.Limit+2)}
	if p.Asc == k.k.reversed() {
		k.order = func(a, b mark) int { return compare(b, a) }
	}
	if cursor := p.After + p.Before; cursor != "" {
		m, err := parseMark(cursor)
		if err != nil {
			return nil, err
		}
		if m.long {
			m, _ = long(m.ID)
		}
		k.after = &m
	}
	return k, nil
}

// offer takes a row where it belongs on the page.
func (k *picker[T]) offer(at mark, row T) {
	most := k.k.page.Limit
	if k.after != nil && k.order(at, *k.after) <= 0 || len(k.best) > most && k.order(at, k.best[most].at) >= 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(k.best, at, func(p picked[T], at mark) int { return k.order(p.at, at) })
	k.best = slices.Insert(k.best, i, picked[T]{at, row})
	k.best = k.best[:min(len(k.best), most+1)]
}

// page are the rows of the page in the order shown, with their places.
func (k *picker[T]) page() (rows []T, marks []mark, c store.Cursors) {
	n := k.k.trim(len(k.best))
	if k.best = k.best[:n.end]; k.k.reversed() {
		slices.Reverse(k.best)
	}
	for _, p := range k.best {
		rows, marks = append(rows, p.row), append(marks, p.at)
	}
	return rows, marks, k.k.cursors(marks, n.more)
}
