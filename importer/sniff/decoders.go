package sniff

import (
	"bytes"
	"io"

	"escutcheon/importer/eventcsv"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/iislog"
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
	"escutcheon/importer/viewertext"
)

// The decoders that the table's rows name.
var (
	evtxs = &Decoder{Is: isEVTX, NewBinary: newEVTX, BinaryPieces: evtxPieces, One: evtxlog.One, Split: evtxlog.Split,
		Some: true}
	classics = &Decoder{Is: contains("LogName="), New: splunktext.New, NewCut: always(splunktext.Cut),
		Resume: splunktext.Resume, Some: true}
	xmls = &Decoder{Is: contains("<Event"), New: eventxml.New, NewCut: always(eventxml.Cut), Resume: eventxml.Resume,
		Some: true}
	jsons = &Decoder{Is: contains("{"), New: eventjson.New, NewCut: eventjson.NewCut, Resume: eventjson.Resume,
		Some: true}
	csvs = &Decoder{Is: eventcsv.Is, New: eventcsv.New, NewCut: eventcsv.NewCut, Resume: eventcsv.Resume,
		One: eventcsv.One, Split: eventcsv.Split}
	viewers = &Decoder{Is: viewertext.Is, New: viewertext.New, NewCut: always(viewertext.Cut),
		Resume: viewertext.Resume}
	modules  = &Decoder{Is: pwshinput.Is, New: pwshinput.New, NewCut: always(pwshinput.Cut), Resume: pwshinput.Resume}
	requests = &Decoder{Is: iislog.IsW3C, New: iislog.NewW3C, NewCut: iislog.CutW3C, Resume: iislog.ResumeW3C,
		One: iislog.OneW3C, Split: iislog.Split, Words: iislog.Words}
	natives = &Decoder{Is: iislog.Native.Is, New: iislog.Native.New, NewCut: always(iislog.Native.Cut),
		Resume: iislog.Native.Resume}
	commons = &Decoder{Is: iislog.NCSA.Is, New: iislog.NCSA.New, NewCut: always(iislog.NCSA.Cut),
		Resume: iislog.NCSA.Resume, One: iislog.NCSA.One, Split: iislog.Split}
)

// always is the NewCut of a format whose cuts need not know the log's start.
func always(c record.Cut) func([]byte, record.Options) record.Cut {
	return func([]byte, record.Options) record.Cut { return c }
}

// isEVTX says whether a file is an EVTX log, or the rest of one. What has the
// signature of something else is that, whatever it holds.
func isEVTX(head []byte) bool {
	return evtxlog.Is(head) || magic(head) == "" && evtxlog.IsDamaged(head)
}

func contains(word string) func([]byte) bool {
	return func(head []byte) bool { return bytes.Contains(head, []byte(word)) }
}

var errShort = &Unknown{What: "This is the beginning of an EVTX file, cut short before its first record."}

func newEVTX(head []byte, r io.Reader, opt record.Options) (record.Reader, error) {
	if len(head) < evtxlog.HeaderSize {
		return nil, errShort
	}
	return evtxlog.New(head, r, opt)
}

func evtxPieces(head []byte, r io.Reader, opt record.Options, readers int) (record.Pieces, error) {
	if len(head) < evtxlog.HeaderSize {
		return nil, errShort
	}
	return evtxlog.NewPieces(head, r, opt, readers)
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
