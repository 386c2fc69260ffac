package sniff

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Detect finds format and encoding from the start of a decompressed stream, of
// which HeadSize bytes are enough. It tries each decoder: the one whose first
// event starts first is right, as a message may well quote another format.
// The error is an *Unknown.
func Detect(head []byte) (Format, record.Encoding, error) {
	enc := record.DetectEncoding(head)
	if what := magic(head); what != "" {
		return "", enc, &Unknown{What: what}
	}
	text := decoded(head, enc)
	var best Format
	var refused string
	least := int64(-1)
	for _, d := range decoders() {
		if d.New == nil || !d.Is(text) {
			continue
		}
		rd := d.New(record.NewScanner(bytes.NewReader(text), record.UTF8), record.Options{})
		at := first(rd)
		if r, ok := rd.(refuser); ok && at < 0 {
			refused = r.Refused()
		}
		if at >= 0 && (least < 0 || at < least) {
			least, best = at, formatOf(rd, d)
		}
	}
	start := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\uFEFF")))
	if s := spec(best); (s == nil || s.Kind != JSON) && len(start) > 0 && json(start) {
		if refused != "" && len(head) < HeadSize {
			return "", enc, &Unknown{What: refused}
		}
		if f := guess(text, JSON); f != "" {
			best = f // what is within JSON is not the file's format
		}
	}
	if least < 0 && best == "" {
		best = guess(text, CSV, "", Text, JSON)
	}
	if best == "" {
		return "", enc, &Unknown{What: describe(head, text, enc)}
	}
	if enc == record.UTF8 && !validUTF8(head) {
		enc = record.Windows1252
	}
	return best, enc, nil
}

// validUTF8 says whether head is UTF-8; its last character may be cut.
func validUTF8(head []byte) bool {
	for n := 0; n < utf8.UTFMax && n < len(head); n++ {
		if c := head[len(head)-1-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(head[len(head)-1-n:]) {
				head = head[:len(head)-1-n]
			}
			break
		}
	}
	return utf8.Valid(head)
}

func decoded(head []byte, enc record.Encoding) []byte {
	if enc == record.UTF8 {
		return head
	}
	sc := record.NewScanner(bytes.NewReader(head), enc)
	for sc.More() {
		continue
	}
	return sc.Window()
}

// refuser is a reader that knows things that are no events.
type refuser interface {
	// Refused is a sentence that says what the first of these is, or "".
	Refused() string
}

// first is where rd's first event starts, or -1.
func first(rd record.Reader) int64 {
	var e event.Event
	for {
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case errors.As(err, &rej):
		case err != nil:
			return -1
		default:
			return e.Offset
		}
	}
}

// guess finds the format of a file whose first event is not whole within its
// head, of the kinds given, the surest first: the header line of CSV says more
// than words that may stand in any text.
func guess(text []byte, kinds ...Kind) Format {
	for _, k := range kinds {
		for i := range table {
			if s := &table[i]; s.Kind == k && s.Guess != nil && s.Guess(text) {
				return s.ID
			}
		}
	}
	return ""
}
