package signin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"time"

	"escutcheon/access"
)

// How wrong passwords are slowed down: a few are free, each next one doubles the wait.
const (
	freeTries   = 5
	longestWait = time.Minute
	mostBuckets = 10_000
	forgotten   = time.Hour
)

// tries counts wrong passwords by bucket: a name at a client. No name alone has a
// bucket, so that nobody can keep its owner out from elsewhere.
type tries struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]try
}

type try struct {
	failed int
	last   time.Time
}

// wait is how long a bucket is to wait.
func (t *tries) wait(bucket string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.by[bucket]
	if b.failed < freeTries {
		return 0
	}
	pause := min(longestWait, time.Second<<min(b.failed-freeTries, 10))
	return max(0, b.last.Add(pause).Sub(t.now()))
}

func (t *tries) failed(bucket string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.by == nil || len(t.by) >= mostBuckets {
		t.sweep(now)
	}
	b := t.by[bucket]
	t.by[bucket] = try{b.failed + 1, now}
}

// sweep forgets old buckets; of too many young ones all.
func (t *tries) sweep(now time.Time) {
	young := map[string]try{}
	for k, b := range t.by {
		if now.Sub(b.last) < forgotten {
			young[k] = b
		}
	}
	if len(young) >= mostBuckets {
		young = map[string]try{}
	}
	t.by = young
}

func (t *tries) forget(bucket string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, bucket)
}

// deviceCookie tells a client that signed in before from those that try from the same
// address.
const deviceCookie = "escutcheon-device"

var deviceKey = sync.OnceValue(func() []byte { return []byte(access.NewSecret()) })

func deviceSum(name, id string) string {
	h := hmac.New(sha256.New, deviceKey())
	h.Write([]byte(strings.ToLower(name) + "\n" + id))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// device is the cookie of a client that has just signed in.
func (g *Gate) device(_ *http.Request, name string) string {
	id := access.NewSecret()
	return id + "." + deviceSum(name, id)
}

// bucket is what a try is counted under, and whether the client signed in before.
func (g *Gate) bucket(r *http.Request, name string) (bucket string, known bool) {
	name = strings.ToLower(name)
	if c, err := r.Cookie(deviceCookie); err == nil {
		id, sum, _ := strings.Cut(c.Value, ".")
		if hmac.Equal([]byte(sum), []byte(deviceSum(name, id))) {
			return "device " + id, true
		}
	}
	return "client " + clientOf(r) + " " + name[:min(len(name), 200)], false
}
