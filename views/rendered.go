package views

import (
	lru "container/list"
	"crypto/sha256"
	"sync"
)

// keptBytes is how much of what was rendered stays in memory.
const keptBytes = 16 << 20

// rendered is what texts of analysts are as HTML: pages are looked at more often than
// texts change.
var rendered = newRenders(keptBytes)

// renders keeps what was made of texts, by their hash, up to so many bytes: those that
// were asked for longest ago go first.
type renders struct {
	most int

	mu    sync.Mutex
	size  int
	of    map[[sha256.Size]byte]*lru.Element
	order *lru.List // of *made, the newest first
}

type made struct {
	key  [sha256.Size]byte
	html string
}

func newRenders(most int) *renders {
	return &renders{most: most, of: map[[sha256.Size]byte]*lru.Element{}, order: lru.New()}
}

// once is what render makes of a text, in a way that has a name.
func (k *renders) once(way, text string, render func() string) string {
	key := sha256.Sum256([]byte(way + "\x00" + text))
	k.mu.Lock()
	if at := k.of[key]; at != nil {
		k.order.MoveToFront(at)
		k.mu.Unlock()
		return at.Value.(*made).html
	}
	k.mu.Unlock()
	html := render()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of[key] != nil || len(html) > k.most/4 {
		return html
	}
	k.of[key] = k.order.PushFront(&made{key, html})
	for k.size += len(html) + madeBytes; k.size > k.most; {
		last := k.order.Back()
		gone := k.order.Remove(last).(*made)
		delete(k.of, gone.key)
		k.size -= len(gone.html) + madeBytes
	}
	return html
}

// madeBytes is about what is kept beside the HTML of a text.
const madeBytes = 256
