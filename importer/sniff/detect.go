package sniff

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"escutcheon/event"
	"escutcheon/importer/eventcsv"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
	"escutcheon/importer/viewertext"
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
	for _, try := range []struct {
		format Format
		may    bool
		reader func(*record.Scanner, record.Options) record.Reader
	}{
		{SplunkText, bytes.Contains(text, []byte("LogName=")), splunktext.New},
		{EventXML, bytes.Contains(text, []byte("<Event")), eventxml.New},
		{WinlogbeatJSON, bytes.IndexByte(text, '{') >= 0, eventjson.New},
		{EventViewerCSV, eventcsv.Is(text), eventcsv.New},
		{EventViewerText, viewertext.Is(text), viewertext.New},
		{IISModules, pwshinput.Is(text), pwshinput.New},
	} {
		if !try.may {
			continue
		}
		rd := try.reader(record.NewScanner(bytes.NewReader(text), record.UTF8), record.Options{})
		at, format := first(rd, try.format)
		if s, ok := rd.(eventjson.Shaped); ok && at < 0 {
			refused = s.Refused()
		}
		if at >= 0 && (least < 0 || at < least) {
			least, best = at, format
		}
	}
	if start := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\uFEFF"))); !isJSON[best] && len(start) > 0 && json(start) {
		if refused != "" && len(head) < HeadSize {
			return "", enc, &Unknown{What: refused}
		}
		if f := guessJSON(text); f != "" {
			best = f // what is within JSON is not the file's format
		}
	}
	if least < 0 && best == "" {
		best = guess(text)
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

// first is where rd's first event starts, or -1.
func first(rd record.Reader, format Format) (int64, Format) {
	var e event.Event
	for {
		err := rd.Next(&e)
		var rej *record.Rejected
		if errors.As(err, &rej) {
			continue
		}
		if err != nil {
			return -1, ""
		}
		if s, ok := rd.(eventjson.Shaped); ok {
			format = shapes[s.Shape()]
		}
		if s, ok := rd.(eventcsv.Shaped); ok {
			format = Format(s.Shape())
		}
		return e.Offset, format
	}
}

// guess finds the format of a file whose first event is not whole within its
// head: cut short, or very long.
func guess(text []byte) Format {
	if shape := eventcsv.ShapeOf(text); shape != "" {
		return Format(shape)
	}
	switch {
	case startsLine(text, "LogName=") && has(text, "EventCode="):
		return SplunkText
	case (has(text, "<Event>") || has(text, "<Event ")) && has(text, "<System", "<Provider"):
		return EventXML
	}
	return guessJSON(text)
}

// startsLine says whether a line of text starts with word.
func startsLine(text []byte, word string) bool {
	return bytes.HasPrefix(text, []byte(word)) || bytes.Contains(text, []byte("\n"+word))
}
