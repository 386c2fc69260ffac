package db

import (
	"slices"
	"sync"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockstore"
)

// blockCache keeps blocks that were read whole from another store: to ask for one costs
// more than to unpack one, and whoever looks at an event looks at its neighbours. A version
// of a block never changes.
type blockCache struct {
	mu     sync.Mutex
	of     map[blockstore.Ref]*cachedBlock
	recent []blockstore.Ref // the one used last is last
	size   int              // bytes
}

// cachedBlock is what was read of a version; nil: that was not.
type cachedBlock struct {
	columns   *block.Columns
	originals *block.Originals
}

func (b *cachedBlock) size() (n int) {
	if b.columns != nil {
		n = b.columns.Len() * 64
	}
	if b.originals != nil {
		n += b.originals.Size()
	}
	return n
}

// mostCached is how many bytes are kept, unless one block alone has more.
const mostCached = 32 << 20

func (c *blockCache) get(ref blockstore.Ref) (b cachedBlock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if has := c.of[ref]; has != nil {
		c.use(ref)
		b = *has
	}
	return b
}

func (c *blockCache) use(ref blockstore.Ref) {
	if i := slices.Index(c.recent, ref); i >= 0 {
		c.recent = slices.Delete(c.recent, i, i+1)
	}
	c.recent = append(c.recent, ref)
}

// put adds what was read of a version.
func (c *blockCache) put(ref blockstore.Ref, b cachedBlock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[blockstore.Ref]*cachedBlock{}
	}
	has := c.of[ref]
	if has == nil {
		has = &cachedBlock{}
		c.of[ref] = has
	}
	c.size -= has.size()
	if b.columns != nil {
		has.columns = b.columns
	}
	if b.originals != nil {
		has.originals = b.originals
	}
	c.size += has.size()
	for c.use(ref); c.size > mostCached && len(c.recent) > 1; c.recent = c.recent[1:] {
		c.size -= c.of[c.recent[0]].size()
		delete(c.of, c.recent[0])
	}
}
