package importer

import (
	"cmp"
	"time"

	"escutcheon/intake"
)

// progressEvery is how often it is stored how far an archive is.
const progressEvery = 250 * time.Millisecond

func (im *Importer) tell() time.Duration { return cmp.Or(im.Tell, progressEvery) }

// walking makes a walk known, so that who stores its members' records can say how
// far it is, until the function that it returns is called.
func (im *Importer) walking(w *walk) (over func()) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.walks[w.imp.ID] = w
	return func() {
		im.mu.Lock()
		defer im.mu.Unlock()
		delete(im.walks, w.imp.ID)
	}
}

func (im *Importer) walkOf(id int64) *walk {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.walks[id]
}

// Members is how many members of an archive that is being read have ended, and
// how many there are, archives in it counted as one; all is 0 where nothing says
// it.
func (im *Importer) Members(id int64) (done, all int64, ok bool) {
	w := im.walkOf(id)
	if w == nil {
		return 0, 0, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.far.outer, max(0, w.files), true
}

// begin notes that a large member is next.
func (w *walk) begin(place stretch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = place
}

// stored takes into account that so much of the large member is stored.
func (w *walk) stored(m *intake.Import, bytes int64) error {
	w.mu.Lock()
	part := float64(bytes) / float64(max(1, m.Size))
	to := w.now.from + (w.now.to-w.now.from)*min(1, part)
	w.mu.Unlock()
	return w.reach(stretch{to: to, outer: max(0, w.now.outer-1)})
}

// done takes a member's end into account.
func (w *walk) done(m intake.Import, place stretch) error {
	w.note(m)
	return w.reach(place)
}

// reach notes how far what is stored goes, and stores that from time to time.
func (w *walk) reach(place stretch) error {
	w.mu.Lock()
	w.far.to, w.far.outer = max(w.far.to, place.to), max(w.far.outer, place.outer)
	at := min(int64(w.far.to*float64(w.imp.Size)), w.imp.Size-1)
	tell := time.Now().After(w.tellAt)
	w.mu.Unlock()
	if !tell {
		return nil
	}
	began := time.Now()
	err := w.im.store.Progress(w.many.ctx, w.imp.ID, at)
	w.mu.Lock() // with many members it takes its time
	w.tellAt = time.Now().Add(cmp.Or(w.im.Tell, max(progressEvery, 20*time.Since(began))))
	w.mu.Unlock()
	return err
}
