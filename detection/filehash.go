package detection

import (
	_ "embed"
	"strings"
	"sync"

	"escutcheon/event"
)

//go:embed knownbadhashes.tsv
var knownBadHashesTSV string

// digest is a SHA-256, or a SHA-1 with zeros behind it.
type digest [32]byte

// badHashes are the files that public reports list by their hashes.
var badHashes = sync.OnceValue(func() map[digest]KnownBad {
	out := map[digest]KnownBad{}
	for f := range tsvRows(knownBadHashesTSV, 3) {
		if d, name, ok := readDigest(f[0]); ok {
			out[d] = KnownBad{Name: f[0], Family: f[1], Source: f[2], Hash: name}
		}
	}
	return out
})

// readDigest reads a SHA-256 or SHA-1 in hex, and says which it is.
func readDigest(s string) (d digest, name string, ok bool) {
	switch len(s) {
	case 64:
		name = "SHA-256"
	case 40:
		name = "SHA-1"
	default:
		return d, "", false
	}
	for i := range len(s) {
		c := s[i] | 0x20 // lower case; digits have the bit
		switch {
		case c >= '0' && c <= '9' && s[i] == c:
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			return d, "", false
		}
		d[i/2] = d[i/2]<<4 | c
	}
	return d, name, true
}

// IsHash says whether a text is a SHA-256 or SHA-1 in hex.
func IsHash(s string) bool {
	_, _, ok := readDigest(s)
	return ok
}

// LookupBadHash looks up a SHA-256 or SHA-1 among the files that reports list; nil
// when it is not there.
func LookupBadHash(hash string) *KnownBad {
	d, _, ok := readDigest(hash)
	if !ok {
		return nil
	}
	if bad, ok := badHashes()[d]; ok {
		return &bad
	}
	return nil
}

// badFileOf is the file of an event that has its hashes, as Sysmon's do, where one
// of them is publicly known bad.
func badFileOf(e *event.Event) (c ChangeEvent, ok bool) {
	hashes, file := "", ""
	for i := range e.Fields {
		switch f := &e.Fields[i]; f.Name {
		case "Hashes", "Hash":
			hashes = f.Value
		case "ImageLoaded", "TargetFilename":
			file = f.Value
		case "Image": // the process, where another file is named
			if file == "" {
				file = f.Value
			}
		}
	}
	if hashes == "" || file == "" {
		return c, false
	}
	for part := range strings.SplitSeq(hashes, ",") {
		_, value, _ := strings.Cut(part, "=")
		if bad := LookupBadHash(strings.TrimSpace(value)); bad != nil {
			return ChangeEvent{Kind: BadFile, Image: file, Hash: bad.Name}, true
		}
	}
	return c, false
}
