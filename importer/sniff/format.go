package sniff

import (
	"io"
	"slices"
	"sync"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// Format is the name of one of the formats that are read: the ID of a row of
// the table. Imports store it.
type Format = string

// Spec is one row of the table of formats: all that Open, docs/formats.md and
// the console know of a format.
type Spec struct {
	ID   Format
	Name string // as the console calls it

	// Kind and Of are for lists of what is read: "the JSON of NXLog". Where Kind
	// is "", Name alone says it; where Of is "", the format is in no list.
	Kind  Kind
	Of    string
	Group string // whose it is where a list must be short: "agents"

	Decoder *Decoder // rows may share one
	// Guess says whether a text is of the format whose first event is not whole
	// within its head: cut short, or very long. Rows are asked in their order;
	// nil says no.
	Guess func(text []byte) bool

	Rank     Rank
	Zoneless bool // times may carry no offset from UTC, so that record.Options.Zone counts

	// What docs/formats.md says, in Markdown: who writes the format, how such
	// files are usually called (which is never looked at), and what the format
	// carries of an event.
	WrittenBy, Files                              string
	Message, OpCode, Computer, Time, Number, Data string
}

// Kind is what a format is made of.
type Kind string

// The kinds.
const (
	JSON Kind = "JSON"
	CSV  Kind = "CSV"
	Text Kind = "text"
)

// Rank orders the formats by how much of an event they carry: where two logs
// say different things of it, the lower one counts.
type Rank int

// The ranks.
const (
	RankEVTX Rank = iota
	RankXML
	RankJSON
	RankText // and CSV
)

// Decoder reads the formats of one package.
type Decoder struct {
	// Is says whether a stream that begins with head may be of these formats.
	// It is cheap; of text, whose head is UTF-8, the first event has the last
	// word.
	Is func(head []byte) bool
	// New reads the events of a text. A reader of several formats is Shaped.
	New func(sc *record.Scanner, opt record.Options) record.Reader
	// NewBinary, in the place of New, reads what is no text: head, and what r
	// has behind it. The error may be an *Unknown.
	NewBinary func(head []byte, r io.Reader, opt record.Options) (record.Reader, error)

	// NewCut makes what cuts a text that begins with head, which is UTF-8, and
	// Resume reads on from such a cut. BinaryPieces is NewBinary in pieces, of
	// which readers are read at a time.
	NewCut       func(head []byte, opt record.Options) record.Cut
	Resume       func(sc *record.Scanner, opt record.Options, s record.State) record.Resumable
	BinaryPieces func(head []byte, r io.Reader, opt record.Options, readers int) (record.Pieces, error)

	// One and Split are for records that say too little alone: Raw of their
	// events holds more. One decodes a Raw again; Split parts it into what a
	// person reads and the record as it stands in the file. nil: Raw is the
	// record.
	One   func(raw string, opt record.Options, e *event.Event) error
	Split func(raw string) (text, original string)

	// Words says what a person should be told of what readers counted
	// (record.Counting); nil: nothing.
	Words func(record.Tally) string

	// Some says that One, or a reader, knows Options.Wanted.
	Some bool

	ones sync.Pool // of readers of one record
}

// Shaped is a reader of several formats.
type Shaped interface {
	// Shape is the format of the event that Next returned last.
	Shape() Format
}

// spec is the row of a format; nil when there is none.
func spec(f Format) *Spec {
	for i := range table {
		if table[i].ID == f {
			return &table[i]
		}
	}
	return nil
}

// NameOf is what people call a format; of one that is not in the table, its ID.
func NameOf(f Format) string {
	if s := spec(f); s != nil {
		return s.Name
	}
	return f
}

// Zoneless says whether times of a format may carry no offset from UTC, so
// that record.Options.Zone counts. record.HasOffset tells for one time.
func Zoneless(f Format) bool {
	s := spec(f)
	return s != nil && s.Zoneless
}

// RankOf is the rank of a format; of one that is not in the table, the last.
func RankOf(f Format) Rank {
	if s := spec(f); s != nil {
		return s.Rank
	}
	return RankText
}

// Binary says whether a format is no text.
func Binary(f Format) bool {
	s := spec(f)
	return s != nil && s.Decoder.NewBinary != nil
}

// decoders are those of the table, each once.
func decoders() (out []*Decoder) {
	for i := range table {
		if d := table[i].Decoder; !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// formatOf is the format of the event that rd, of d, returned last.
func formatOf(rd record.Reader, d *Decoder) Format {
	if s, ok := rd.(Shaped); ok {
		return s.Shape()
	}
	return table[slices.IndexFunc(table, func(s Spec) bool { return s.Decoder == d })].ID
}
