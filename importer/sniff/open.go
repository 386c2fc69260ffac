// Package sniff finds out what a stream of bytes is, from its content alone,
// and opens the decoder for it: how it is compressed, its encoding, its format.
// What is no log it names as well as it can. It decodes nothing itself.
package sniff

import (
	"bytes"
	"errors"
	"io"

	"escutcheon/importer/archive/stream"
	"escutcheon/importer/eventcsv"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
	"escutcheon/importer/viewertext"
)

// HeadSize is how much of a stream is looked at, decompressed.
const HeadSize = 1 << 20

// Format is one of the formats that are read.
type Format = string

// The formats.
const (
	SplunkText     Format = "splunk-text"
	EventXML       Format = "event-xml"
	NXLogJSON      Format = "nxlog-json"
	WinlogbeatJSON Format = "winlogbeat-json"
	EVTX           Format = "evtx"

	EvtxDumpJSON    Format = "evtxdump-json"
	DumpEvtxJSON    Format = "dumpevtx-json"
	EvtxECmdJSON    Format = "evtxecmd-json"
	EvtxECmdCSV     Format = "evtxecmd-csv"
	ChainsawJSON    Format = "chainsaw-json"
	GetWinEventJSON Format = "getwinevent-json"
	GetWinEventCSV  Format = "getwinevent-csv"
	FluentBitJSON   Format = "fluentbit-json"
	OTelJSON        Format = "otel-json"
	LogMonitorJSON  Format = "logmonitor-json"
	AzureJSON       Format = "azure-json"
	SplunkJSON      Format = "splunk-json"
	SplunkHEC       Format = "splunk-hec"
	SplunkCSV       Format = "splunk-csv"
	EventViewerCSV  Format = "eventviewer-csv"
	EventViewerText Format = "eventviewer-text"
	IISModules      Format = "iis-modules"
	WazuhJSON       Format = "wazuh-json"
	// WrappedJSON is JSON of whoever that has an event as text in a member.
	WrappedJSON Format = "wrapped-json"
)

// Zoneless says whether times of a format may carry no offset from UTC, so
// that record.Options.Zone counts. record.HasOffset tells for one time.
func Zoneless(f Format) bool {
	switch f {
	case SplunkText, NXLogJSON, GetWinEventJSON, FluentBitJSON, SplunkJSON, SplunkHEC,
		EventViewerCSV, GetWinEventCSV, SplunkCSV, EventViewerText:
		return true
	}
	return false
}

// Info is what a stream was found to be.
type Info struct {
	Format      Format
	Encoding    record.Encoding // "" when it is no text
	Compression string          // one of package stream's; "" when it is not compressed
}

// Open looks at the start of r and returns the reader of its events. The
// error is an *Unknown for what is no log, or what reading r gave.
//
// A compressed stream that ends too early gives its whole records first and
// then a *stream.Damaged, which is io.ErrUnexpectedEOF.
func Open(r io.Reader, opt record.Options) (record.Reader, Info, error) {
	return opened(r, opt, false)
}

// opened is Open; with headOnly, the stream ends behind its head.
func opened(r io.Reader, opt record.Options, headOnly bool) (record.Reader, Info, error) {
	var info Info
	r, kind, err := stream.Decompress(r)
	info.Compression = kind
	if err != nil {
		return nil, info, err
	}
	head, err := readHead(r)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, info, err
	}
	if err != nil {
		r = failing{err}
	}
	if headOnly {
		r = failing{io.EOF}
	}
	if evtxlog.Is(head) {
		if len(head) < evtxlog.HeaderSize {
			return nil, info, &Unknown{What: "This is the beginning of an EVTX file, cut short before its first record."}
		}
		info.Format = EVTX
		rd, err := evtxlog.New(io.MultiReader(bytes.NewReader(head), r), opt)
		return rd, info, err
	}
	info.Format, info.Encoding, err = Detect(head)
	if err != nil {
		var u *Unknown
		if kind != stream.None && errors.As(err, &u) {
			u.What = "This is " + article(kind) + " file. Its content: " + u.What
		}
		return nil, info, err
	}
	opt.Encoding = info.Encoding
	sc := record.NewScanner(io.MultiReader(bytes.NewReader(head), r), info.Encoding)
	return open(info.Format, sc, opt), info, nil
}

// Decompressed is what r, a stream as Open takes it, holds under its
// compression.
func Decompressed(r io.Reader) (io.Reader, error) {
	r, _, err := stream.Decompress(r)
	return r, err
}

func open(f Format, sc *record.Scanner, opt record.Options) record.Reader {
	switch f {
	case SplunkText:
		return splunktext.New(sc, opt)
	case EventXML:
		return eventxml.New(sc, opt)
	case EventViewerCSV, GetWinEventCSV, SplunkCSV, EvtxECmdCSV:
		return eventcsv.New(sc, opt)
	case EventViewerText:
		return viewertext.New(sc, opt)
	case IISModules:
		return pwshinput.New(sc, opt)
	default:
		return eventjson.New(sc, opt)
	}
}

func article(kind string) string {
	if kind == stream.XZ {
		return "an " + kind
	}
	return "a " + kind
}

// readHead reads up to HeadSize bytes, and the error that came before.
func readHead(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, HeadSize)
	return b.Bytes(), err
}

// failing gives its error at once.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
