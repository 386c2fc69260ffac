package sniff

import (
	"bytes"
	"io"

	"escutcheon/importer/eventcsv"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
	"escutcheon/importer/viewertext"
)

// The decoders that the table's rows name.
var (
	evtxs    = &Decoder{Is: isEVTX, NewBinary: newEVTX, One: evtxlog.One, Split: evtxlog.Split}
	classics = &Decoder{Is: contains("LogName="), New: splunktext.New}
	xmls     = &Decoder{Is: contains("<Event"), New: eventxml.New}
	jsons    = &Decoder{Is: contains("{"), New: eventjson.New}
	csvs     = &Decoder{Is: eventcsv.Is, New: eventcsv.New, One: eventcsv.One, Split: eventcsv.Split}
	viewers  = &Decoder{Is: viewertext.Is, New: viewertext.New}
	modules  = &Decoder{Is: pwshinput.Is, New: pwshinput.New}
)

// isEVTX says whether a file is an EVTX log, or the rest of one. What has the
// signature of something else is that, whatever it holds.
func isEVTX(head []byte) bool {
	return evtxlog.Is(head) || magic(head) == "" && evtxlog.IsDamaged(head)
}

func contains(word string) func([]byte) bool {
	return func(head []byte) bool { return bytes.Contains(head, []byte(word)) }
}

func newEVTX(head []byte, r io.Reader, opt record.Options) (record.Reader, error) {
	if len(head) < evtxlog.HeaderSize {
		return nil, &Unknown{What: "This is the beginning of an EVTX file, cut short before its first record."}
	}
	return evtxlog.New(head, r, opt)
}

// shaped guesses the formats of CSV: by their header lines.
func shaped(f Format) func([]byte) bool {
	return func(text []byte) bool { return eventcsv.ShapeOf(text) == f }
}

// members guesses a format of JSON: all words of one of several lists are in
// the text.
func members(lists ...[]string) func([]byte) bool {
	return func(text []byte) bool {
		if !has(text, "{") {
			return false
		}
		for _, words := range lists {
			if has(text, words...) {
				return true
			}
		}
		return false
	}
}

// all is one list of members.
func all(words ...string) []string { return words }

func guessClassic(text []byte) bool {
	return startsLine(text, "LogName=") && has(text, "EventCode=")
}

func guessXML(text []byte) bool {
	return (has(text, "<Event>") || has(text, "<Event ")) && has(text, "<System", "<Provider")
}

// startsLine says whether a line of text starts with word.
func startsLine(text []byte, word string) bool {
	return bytes.HasPrefix(text, []byte(word)) || bytes.Contains(text, []byte("\n"+word))
}

func has(text []byte, words ...string) bool {
	for _, w := range words {
		if !bytes.Contains(text, []byte(w)) {
			return false
		}
	}
	return true
}
