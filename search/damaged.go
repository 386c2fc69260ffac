package search

import (
	"fmt"
	"sync"

	"escutcheon/detection/spl"
)

// damage is what of the stored events could not be read, and is missing from an answer.
type damage struct {
	mu   sync.Mutex
	lost map[int64]int // records from a number on
}

// of notes records that cannot be read.
func (d *damage) of(first int64, count int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost == nil {
		d.lost = map[int64]int{}
	}
	d.lost[first] = count
}

// tell says in an answer that it is not whole.
func (d *damage) tell(a *spl.Answer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a == nil || len(d.lost) == 0 {
		return
	}
	records := 0
	for _, n := range d.lost {
		records += n
	}
	a.Complete = false
	text := fmt.Sprintf("Some of the stored events are damaged: up to %d records cannot be read, and are not in what "+
		"was found. \"escutcheon check\" names them. Import their logs again into another database, or restore a backup.",
		records)
	a.Messages = append(a.Messages, spl.Message{Level: "error", Text: text})
}
