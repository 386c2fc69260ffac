package sniff

import (
	"bytes"
	"unicode/utf8"

	"escutcheon/importer/iislog"
	"escutcheon/importer/record"
)

// Unknown is the error for what is no log that is read here.
type Unknown struct {
	What string // sentences that say what was found
}

func (u *Unknown) Error() string { return u.What + " " + Accepted() }

// magics are the first bytes of common files, and what they are.
var magics = []struct{ start, what string }{
	{"\x89PNG\r\n\x1a\n", "This is a PNG image."},
	{"\xff\xd8\xff", "This is a JPEG image."},
	{"GIF87a", "This is a GIF image."},
	{"GIF89a", "This is a GIF image."},
	{"%PDF-", "This is a PDF document."},
	{"PK\x03\x04", "This is a ZIP archive or an Office document. Unpack it first."},
	{"PK\x05\x06", "This is an empty ZIP archive."},
	{"7z\xbc\xaf\x27\x1c", "This is a 7z archive. Unpack it first."},
	{"Rar!\x1a\x07", "This is a RAR archive. Unpack it first."},
	{"\x28\xb5\x2f\xfd", "This is a zstd file. Unpack it first."},
	{"\xfd7zXZ\x00", "This is an xz file. Unpack it first."},
	{"BZh", "This is a bzip2 file. Unpack it first."},
	{"\x1f\x8b", "This is a gzip file. Unpack it first."},
	{"0\x00\x00\x00LfLe", "This is an EVT file of Windows XP or Server 2003, which is not read."},
	{"SQLite format 3\x00", "This is an SQLite database."},
	{"\x7fELF", "This is a Linux program (ELF)."},
	{"MZ", "This is a Windows program (PE)."},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an old Office document or an MSI package."},
	{"OggS", "This is an Ogg media file."},
	{"ID3", "This is an MP3 file."},
}

// magic names what begins with a signature. Text may begin with MZ or BZh, so
// these need a byte that is not text as well.
func magic(head []byte) string {
	for _, m := range magics {
		if !bytes.HasPrefix(head, []byte(m.start)) {
			continue
		}
		if len(m.start) <= 3 && bytes.IndexFunc(head[:min(len(head), 512)], notText) < 0 {
			continue
		}
		return m.what
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "This is a tar archive. Unpack it first."
	}
	return ""
}

func notText(r rune) bool {
	return r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f'
}

// longLine is from where on a line is worth mentioning.
const longLine = 256 << 10

// describe says what a file without a signature is. text is head as UTF-8.
func describe(head, text []byte, enc record.Encoding) string {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\uFEFF")))
	lower := bytes.ToLower(trimmed[:min(len(trimmed), 1024)])
	switch {
	case len(head) == 0:
		return "This file is empty."
	case len(bytes.Trim(head, "\x00")) == 0:
		return "This file holds only zero bytes: it was cut or never written."
	case len(trimmed) == 0:
		return "This file holds only white space."
	case carrierOf(head) != "":
		return "This is " + carrierOf(head) + ", and there is no Windows event in its first megabyte."
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return "This is an HTML page."
	case !binary(text) && partial(trimmed) != "":
		return partial(trimmed)
	case bytes.HasPrefix(lower, []byte("<?xml")), trimmed[0] == '<' && bytes.HasSuffix(trimmed, []byte(">")):
		return "This is XML that holds no Windows event."
	case binary(text):
		return "This is a binary file of a kind that is not known here."
	case len(text) > longLine && bytes.IndexByte(text[:longLine], '\n') < 0:
		return "This is one very long line that holds no Windows event."
	case json(trimmed):
		return "This is JSON whose objects are no Windows events of a shape that is known here."
	case iislog.What(text) != "":
		return iislog.What(text)
	case enc != record.UTF8:
		return "This is " + enc + " text that holds no Windows event."
	}
	return "This is plain text that holds no Windows event."
}

// binary says whether a file's start is no text: more than a few of its first
// bytes are none.
func binary(text []byte) bool {
	text = text[:min(len(text), 4096)]
	bad := 0
	for rest := text; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if notText(r) && !(r == utf8.RuneError && n == 1 && rest[0] >= 0xA0) {
			bad++
		}
		rest = rest[n:]
	}
	return bad*20 > len(text)
}

// json says whether a text begins as JSON does.
func json(t []byte) bool {
	rest := bytes.TrimLeft(t[1:], " \t\r\n[")
	switch t[0] {
	case '{':
		return len(rest) > 0 && (rest[0] == '"' || rest[0] == '}')
	case '[':
		return len(rest) > 0 && (rest[0] == '{' || rest[0] == ']' || rest[0] == '"')
	}
	return false
}
