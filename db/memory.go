package db

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"

	"escutcheon/detection/materialize"
	"escutcheon/eventstore/block"
)

// memory is what writing transactions remember of the store from one to the
// next: blocks without what lies in them, names and hosts. It holds for one
// state of the store, a number that no other state ever has: what a transaction
// remembered that was rolled back, or what another process has changed since, is
// forgotten at the start of the next one. Only who writes may use it.
type memory struct {
	state   int64
	listed  bool          // blocks holds all there are
	blocks  []blockInfo   // by first
	reaches []block.Reach // of reachBlocks of them each, from the first on; of the rest nothing is known
	columns map[int64]*block.Columns
	recent  []int64                     // whose columns are kept, the one used last is last
	names   map[string]map[string]int64 // table, name → number
	hosts   *hosts
	cursors []materialize.Cursor
	behind  map[string]int64 // how far those are that are not Ran; nil: not known, nor are cursors
}

// mostColumns is how many blocks' columns are remembered: about 60 kB each.
const mostColumns = 32

// reachBlocks is how many blocks are passed over at once.
const reachBlocks = 64

// reach is how far the n-th reachBlocks of the blocks reach.
func (m *memory) reach(n int) *block.Reach {
	for len(m.reaches) <= n {
		at := len(m.reaches) * reachBlocks
		var r block.Reach
		for i := range m.blocks[at:min(at+reachBlocks, len(m.blocks))] {
			r.Add(&m.blocks[at+i].summary)
		}
		m.reaches = append(m.reaches, r)
	}
	return &m.reaches[n]
}

// came adds a block behind the others.
func (m *memory) came(b blockInfo) {
	if !m.listed {
		return
	}
	if n := len(m.blocks) / reachBlocks; n < len(m.reaches) {
		m.reaches[n].Add(&b.summary)
	}
	m.blocks = append(m.blocks, b)
}

// remember makes the memory of the database's writer ready for a transaction.
func (d *DB) remember(t *tx) (*memory, error) {
	var now int64
	if err := t.get(`SELECT last FROM sequence WHERE name = 'store'`, nil, &now); err != nil {
		return nil, err
	}
	if d.mem == nil || d.mem.state != now {
		d.mem = &memory{state: now, columns: map[int64]*block.Columns{}, hosts: newHosts(),
			names: map[string]map[string]int64{"channel": {}, "provider": {}}}
	}
	return d.mem, nil
}

// touch notes that the transaction changes what is remembered.
func (w *work) touch() error {
	if w.touched {
		return nil
	}
	w.touched = true
	w.mem.state = rand.Int64()
	_, err := w.exec(`UPDATE sequence SET last = ? WHERE name = 'store'`, w.mem.state)
	return err
}

// directory are all blocks, by first.
func (w *work) directory() ([]blockInfo, error) {
	if w.mem.listed {
		return w.mem.blocks, nil
	}
	w.mem.blocks, w.mem.reaches = w.mem.blocks[:0], nil
	err := w.each(func(r *sql.Rows) error {
		b, err := scanInfo(r)
		w.mem.blocks = append(w.mem.blocks, b)
		return err
	}, `SELECT `+infoColumns+` FROM block ORDER BY first`)
	w.mem.listed = err == nil
	return w.mem.blocks, err
}

// info is the block that starts at a record; nil when there is none.
func (w *work) info(first int64) (*blockInfo, error) {
	all, err := w.directory()
	i, ok := slices.BinarySearchFunc(all, first, func(b blockInfo, f int64) int { return int(b.first - f) })
	if err != nil || !ok {
		return nil, err
	}
	return &all[i], nil
}

// holding is the block that holds a record; nil when there is none.
func (w *work) holding(record int64) (*blockInfo, error) {
	all, err := w.directory()
	if err != nil {
		return nil, err
	}
	i, ok := slices.BinarySearchFunc(all, record, func(b blockInfo, f int64) int { return int(b.first - f) })
	if !ok {
		i--
	}
	if i < 0 || record >= all[i].first+all[i].count {
		return nil, nil
	}
	return &all[i], nil
}

// columnsOf are the columns of a block. They are not to be changed: see change.
func (w *work) columnsOf(b *blockInfo) (*block.Columns, error) {
	if c := w.dirty[b.first]; c != nil { // they may be remembered no more, and are not stored yet
		return c, nil
	}
	if c := w.mem.columns[b.first]; c != nil {
		return c, nil
	}
	c := &block.Columns{}
	err := w.contents().columns(w.ctx, w.tx, b.first, int(b.count), block.All, c)
	if err != nil && !errors.Is(err, block.ErrDamaged) {
		return nil, err
	}
	if err != nil {
		if c, again := w.remade(b); again == nil && c != nil {
			w.dirty[b.first] = c // what they are is stored again
			return c, w.touch()
		}
		return nil, damaged(b.first, err)
	}
	w.mem.keep(b.first, c)
	return c, nil
}

func (m *memory) keep(first int64, c *block.Columns) {
	if m.columns[first] == nil {
		if len(m.recent) == mostColumns {
			delete(m.columns, m.recent[0])
			m.recent = m.recent[1:]
		}
		m.recent = append(m.recent, first)
	}
	m.columns[first] = c
}

// drop forgets a block that is not there any more.
func (m *memory) drop(first int64) {
	delete(m.columns, first)
	m.reaches = nil
	if i := slices.Index(m.recent, first); i >= 0 {
		m.recent = slices.Delete(slices.Clone(m.recent), i, i+1)
	}
	if i, ok := slices.BinarySearchFunc(m.blocks, first, func(b blockInfo, f int64) int {
		return int(b.first - f)
	}); ok {
		m.blocks = slices.Delete(m.blocks, i, i+1)
	}
}

// change are the columns of a block to be changed; settle stores them.
func (w *work) change(b *blockInfo) (*block.Columns, error) {
	if c := w.dirty[b.first]; c != nil {
		return c, nil
	}
	c, err := w.columnsOf(b)
	if err == nil {
		w.dirty[b.first] = c // what is remembered is of no use once this transaction fails
		err = w.touch()
	}
	return c, err
}

// name returns the number of a channel's or provider's name, storing it if new.
func (w *work) name(table, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if id, ok := w.mem.names[table][name]; ok {
		return id, nil
	}
	var id int64
	err := w.get(`SELECT id FROM `+table+` WHERE name = ?`, []any{name}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		if err = w.touch(); err == nil {
			err = w.get(`INSERT INTO `+table+` (name) VALUES (?) RETURNING id`, []any{name}, &id)
		}
	}
	if err == nil {
		w.mem.names[table][name] = id
	}
	return id, err
}

// enter adds a block among the others.
func (m *memory) enter(b blockInfo) {
	if !m.listed {
		return
	}
	i, _ := slices.BinarySearchFunc(m.blocks, b.first, func(o blockInfo, f int64) int { return int(o.first - f) })
	if i < len(m.blocks) {
		m.reaches = nil
		m.blocks = slices.Insert(m.blocks, i, b)
		return
	}
	m.came(b)
}
