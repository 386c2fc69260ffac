// Package signing signs what leaves an installation that has a key, in minisign's
// form, and checks such signatures. docs/custody.md has where they stand.
package signing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"aead.dev/minisign"

	"escutcheon/fault"
)

// byUs begins the comment of a signature that minisign does not sign.
const byUs = "signature by Escutcheon, key "

// Key signs.
type Key struct{ private minisign.PrivateKey }

// KeyPath is where the key of a database's installation is kept.
func KeyPath(database string) string { return database + "-key" }

// Load returns the key of an installation; nil where it has none.
func Load(database string) (*Key, error) {
	text, err := os.ReadFile(KeyPath(database))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The key %q cannot be read: %v.", KeyPath(database), err)
	}
	k := &Key{}
	if err := k.private.UnmarshalText(text); err != nil {
		return nil, fault.New(fault.Invalid, "%q is no key: put the one that was saved back, or remove the file.",
			KeyPath(database))
	}
	return k, nil
}

// Create makes the key of an installation; one that is there stays.
func Create(database string) (*Key, error) {
	_, private, err := minisign.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	text, err := private.MarshalText()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(KeyPath(database), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.New(fault.Conflict, "This installation has a key: %q. What it signed could not be checked any "+
			"more with another one.", KeyPath(database))
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The key cannot be written: %v.", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(f.Name())) // half a key is none, and would keep servers from starting
	}
	return &Key{private}, nil
}

// Public is the public key as minisign takes it: one line.
func (k *Key) Public() string {
	p, ok := k.private.Public().(minisign.PublicKey)
	if !ok {
		return ""
	}
	return p.String()
}

// ID is what a key is called in words.
func (k *Key) ID() string { return id(k.private.ID()) }

func id(n uint64) string { return fmt.Sprintf("%016X", n) }

// dashes are those that an HTML comment cannot hold, or that Split takes for such.
var dashes = strings.NewReplacer("--", "‐‐", "- -", "‐ ‐")

// Sign signs bytes, with a comment that is signed too.
func (k *Key) Sign(data []byte, comment string, at time.Time) []byte {
	r := minisign.NewReader(bytes.NewReader(data))
	_, _ = io.Copy(io.Discard, r) // of memory
	comment = dashes.Replace(strings.Join(strings.Fields(comment), " ")) + ", " + at.UTC().Format(time.RFC3339)
	return r.SignWithComments(k.private, comment, byUs+k.ID())
}

// Where a signature stands in a document: at its end as a comment of HTML and
// Markdown, in JSON as the first member. Signed is the document without it.
const (
	begins    = "\n<!-- minisign\n"
	ends      = "\n-->\n"
	jsonBegin = "{\n  \"signature\": "
)

// Embed is a document with its signature.
func Embed(document []byte, k *Key, comment string, at time.Time) []byte {
	return embed(document, k.Sign(document, comment, at))
}

func embed(document, sig []byte) []byte {
	if bytes.HasPrefix(document, []byte("{\n")) {
		text, _ := json.Marshal(string(sig)) // a string
		return slicesJoin([]byte(jsonBegin), text, []byte(",\n"), document[2:])
	}
	sig = bytes.TrimSpace(sig)
	return slicesJoin(document, []byte(begins), bytes.ReplaceAll(sig, []byte("--"), []byte("- -")), []byte(ends))
}

func slicesJoin(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// AsWritten says whether a document and its signature are byte by byte as Embed wrote
// them: minisign leaves its first line, and how its numbers are written, open.
func AsWritten(document []byte) bool {
	signed, text, ok := Split(document)
	var sig minisign.Signature
	if !ok || sig.UnmarshalText(text) != nil || sig.UntrustedComment != byUs+id(sig.KeyID) {
		return false
	}
	again, err := sig.MarshalText()
	return err == nil && bytes.Equal(embed(signed, again), document)
}

// Split parts a document and its signature; false where it has none.
func Split(document []byte) (signed, signature []byte, ok bool) {
	if rest, found := bytes.CutPrefix(document, []byte(jsonBegin)); found {
		line, after, found := bytes.Cut(rest, []byte(",\n"))
		var sig string
		if !found || json.Unmarshal(line, &sig) != nil {
			return document, nil, false
		}
		return slicesJoin([]byte("{\n"), after), []byte(sig), true
	}
	at := bytes.LastIndex(document, []byte(begins))
	if at < 0 || !bytes.HasSuffix(document, []byte(ends)) {
		return document, nil, false
	}
	sig := document[at+len(begins) : len(document)-len(ends)]
	return document[:at], append(bytes.ReplaceAll(sig, []byte("- -"), []byte("--")), '\n'), true
}

// Signer is whose signature something has.
type Signer struct{ ID, Public, Comment string }

// Check says whether a signature is that of a public key over bytes.
func Check(data, signature []byte, public string) (s Signer, err error) {
	var key minisign.PublicKey
	if err := key.UnmarshalText([]byte(strings.TrimSpace(public))); err != nil {
		return s, fault.New(fault.Invalid, "%q is no public key of minisign.", public[:min(len(public), 80)])
	}
	var sig minisign.Signature
	if err := sig.UnmarshalText(signature); err != nil {
		return s, fault.New(fault.Invalid, "The signature cannot be read: %v.", err)
	}
	s = Signer{id(key.ID()), key.String(), sig.TrustedComment}
	if sig.KeyID != key.ID() {
		return s, fault.New(fault.Invalid, "It is signed with key %s, not with %s.", id(sig.KeyID), s.ID)
	}
	r := minisign.NewReader(bytes.NewReader(data))
	_, _ = io.Copy(io.Discard, r) // of memory
	if !r.Verify(key, signature) && !minisign.Verify(key, data, signature) {
		return s, fault.New(fault.Invalid, "The signature of key %s does not fit: it is not as it was when it was signed.",
			s.ID)
	}
	return s, nil
}

// KeyOf is the number of the key that a signature says it is of.
func KeyOf(signature []byte) string {
	var sig minisign.Signature
	if sig.UnmarshalText(signature) != nil {
		return ""
	}
	return id(sig.KeyID)
}
