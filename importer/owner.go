package importer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
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

// newOwner names this process: where it runs, its id there, and a random part.
func newOwner() string {
	return fmt.Sprintf("%s/%d/%s", place(), os.Getpid(), rand.Text()[:8])
}

// place names the system, its start and the namespace that process ids are
// of: in another one a process id says nothing.
func place() string {
	host, _ := os.Hostname() // "" where it has none
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, _ := os.Readlink("/proc/self/ns/pid")
	sum := sha256.Sum256([]byte(host + "\x00" + string(boot) + "\x00" + space))
	return hex.EncodeToString(sum[:6])
}

// orphaned says whether the process that ran an import is gone: it said so
// itself (no owner), there is no such process where this one runs, or it has
// given no sign of life.
func (im *Importer) orphaned(i intake.Import, now time.Time) bool {
	if i.Owner == "" {
		return true
	}
	if i.Owner == im.owner {
		return false
	}
	if at, rest, ok := strings.Cut(i.Owner, "/"); ok && at == place() {
		id, _, _ := strings.Cut(rest, "/")
		if pid, err := strconv.Atoi(id); err == nil && (pid == os.Getpid() || !processExists(pid)) {
			return true
		}
	}
	return now.Sub(i.Beat) > deadAfter
}

// Alive gives signs of life for this process's imports until the function that
// it returns is called.
func (im *Importer) Alive(ctx context.Context) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = im.store.Beat(ctx, im.owner) // the next one may go through
			}
		}
	}()
	return stop
}
