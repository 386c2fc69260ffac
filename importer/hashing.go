package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// hashStep is how many bytes are hashed at once.
const hashStep = 256 << 10

// hashing is a hash of what is written to it, made on a goroutine of its own: a
// log is not read more slowly for it.
type hashing struct {
	buf  []byte
	full chan []byte
	free chan []byte
	done chan string
	once sync.Once
}

func newHashing() *hashing {
	h := &hashing{full: make(chan []byte, 2), free: make(chan []byte, 4), done: make(chan string, 1)}
	go func() {
		sum := sha256.New()
		for b := range h.full {
			sum.Write(b)
			h.free <- b[:0] // never full: there are no more than four
		}
		h.done <- hex.EncodeToString(sum.Sum(nil))
	}()
	return h
}

// Write takes p.
func (h *hashing) Write(p []byte) (int, error) {
	if h.buf == nil {
		h.buf = h.room()
	}
	if h.buf = append(h.buf, p...); len(h.buf) >= hashStep {
		h.full <- h.buf
		h.buf = nil
	}
	return len(p), nil
}

// room is memory for the next bytes.
func (h *hashing) room() []byte {
	select {
	case b := <-h.free:
		return b
	default:
		return make([]byte, 0, 2*hashStep)
	}
}

// stop ends the goroutine.
func (h *hashing) stop() { h.once.Do(func() { close(h.full) }) }

// hex is the hash of all that was written. It ends it.
func (h *hashing) hex() string {
	if h.buf != nil {
		h.full <- h.buf
	}
	h.stop()
	return <-h.done
}
