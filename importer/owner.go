package importer

import (
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"escutcheon/intake"
)

// Signs of life: a process gives one every beatEvery for its imports, and is
// taken for dead after deadAfter without one.
const (
	beatEvery = 5 * time.Second
	deadAfter = 3 * beatEvery
)

// newOwner names this process: its id, when it began, and a random part.
func newOwner(now time.Time) string {
	return fmt.Sprintf("%d/%d/%s", os.Getpid(), now.Unix(), rand.Text()[:8])
}

// orphaned says whether the process that ran an import is gone: it said so
// itself (no owner), this system knows no such process, or it has given no
// sign of life.
func (im *Importer) orphaned(i intake.Import, now time.Time) bool {
	if i.Owner == "" {
		return true
	}
	if i.Owner == im.owner {
		return false
	}
	if pid, err := strconv.Atoi(strings.Split(i.Owner, "/")[0]); err == nil && (pid == os.Getpid() || !processExists(pid)) {
		return true
	}
	return now.Sub(i.Beat) > deadAfter
}
