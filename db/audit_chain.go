package db

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"escutcheon/store"
)

// noHash stands where a row has none before it.
var noHash = strings.Repeat("0", 2*sha256.Size)

// chain makes hashes of rows of the audit trail: SHA-256 over all columns in their
// order, each after its length as eight bytes, the greatest first. Numbers are decimal.
type chain struct {
	h   hash.Hash
	buf []byte
}

func newChain() *chain { return &chain{h: sha256.New()} }

// hash is that of a row, in hex.
func (c *chain) hash(r *store.AuditRow) string {
	return c.of(r, strconv.FormatInt(r.At.UnixNano(), 10), r.Prev)
}

// of is that of a row with another time and another hash of the row before.
func (c *chain) of(r *store.AuditRow, at, prev string) string {
	c.h.Reset()
	c.text(strconv.FormatInt(r.ID, 10))
	for _, s := range []string{at, r.Person, r.Action, r.Object, r.Field, r.Old, r.New, r.Address, prev} {
		c.text(s)
	}
	return hex.EncodeToString(c.h.Sum(c.buf[:0]))
}

func (c *chain) text(s string) {
	c.buf = append(binary.BigEndian.AppendUint64(c.buf[:0], uint64(len(s))), s...)
	c.h.Write(c.buf)
}
