// Package sniff finds out what a stream of bytes is, from its content alone,
// and opens the decoder for it: gzip or not, its encoding, its format. What is
// no log it names as well as it can. It decodes nothing itself.
package sniff

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
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
	WazuhJSON       Format = "wazuh-json"
	// WrappedJSON is JSON of whoever that has an event as text in a member.
	WrappedJSON Format = "wrapped-json"
)

// Zoneless says whether times of a format may carry no offset from UTC, so
// that record.Options.Zone counts. record.HasOffset tells for one time.
func Zoneless(f Format) bool {
	switch f {
	case SplunkText, NXLogJSON, GetWinEventJSON, FluentBitJSON, SplunkJSON, SplunkHEC:
		return true
	}
	return false
}

// Info is what a stream was found to be.
type Info struct {
	Format   Format
	Encoding record.Encoding // "" when it is no text
	Gzip     bool            // compressed by gzip
}

// Open looks at the start of r and returns the reader of its events. The
// error is an *Unknown for what is no log, or what reading r gave.
//
// A gzip stream that ends too early gives its whole records first and then an
// error that is io.ErrUnexpectedEOF.
func Open(r io.Reader, opt record.Options) (record.Reader, Info, error) {
	var info Info
	var start [2]byte
	n, err := io.ReadFull(r, start[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, info, err
	}
	r = io.MultiReader(bytes.NewReader(start[:n]), r)
	if info.Gzip = string(start[:n]) == "\x1f\x8b"; info.Gzip {
		if r, err = gunzip(r); err != nil {
			return nil, info, err
		}
	}
	head, err := readHead(r)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, info, err
	}
	if err != nil {
		r = failing{err}
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
		if info.Gzip && errors.As(err, &u) {
			u.What = "This is a gzip file. Its content: " + u.What
		}
		return nil, info, err
	}
	opt.Encoding = info.Encoding
	sc := record.NewScanner(io.MultiReader(bytes.NewReader(head), r), info.Encoding)
	return open(info.Format, sc, opt), info, nil
}

func open(f Format, sc *record.Scanner, opt record.Options) record.Reader {
	switch f {
	case SplunkText:
		return splunktext.New(sc, opt)
	case EventXML:
		return eventxml.New(sc, opt)
	default:
		return eventjson.New(sc, opt)
	}
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

// unzipped says in sentences what is wrong with a gzip stream.
type unzipped struct{ r io.Reader }

func gunzip(r io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, gzipError(err)
	}
	return unzipped{z}, nil
}

func (u unzipped) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	return n, gzipError(err)
}

// Damaged is the error of a gzip stream that cannot be read to its end. It is
// io.ErrUnexpectedEOF: what comes before was read, the rest is missing.
type Damaged struct {
	What string // a sentence
	Err  error
}

func (d *Damaged) Error() string { return d.What }

func (d *Damaged) Unwrap() error { return d.Err }

// Is says that the stream ended where it should not have.
func (d *Damaged) Is(target error) bool { return target == io.ErrUnexpectedEOF }

func gzipError(err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Damaged{"The gzip file is cut short: it ends too early.", err}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), isCorrupt(err):
		return &Damaged{"The gzip file is damaged: what follows cannot be decompressed.", err}
	}
	return err
}

func isCorrupt(err error) bool {
	var c flate.CorruptInputError
	return errors.As(err, &c)
}
