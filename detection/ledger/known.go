package ledger

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"escutcheon/detection"
)

// KnownHeader are the columns of a list of the user's.
var KnownHeader = []string{"kind", "value", "judgement", "note", "source"}

// The kinds of entry of such a list.
const (
	KindName  = "name"  // a module's name
	KindImage = "image" // where its file lies, or its type
	KindFile  = "file"  // its file's name
	KindHash  = "hash"  // the SHA-256 or SHA-1 of its file
)

// What is taken of a list.
const (
	MostKnown    = 50_000
	MostCell     = 4096 // bytes
	mostProblems = 100
)

// Entry is one entry of a list of the user's.
type Entry struct {
	Line         int // of its file
	Kind, Value  string
	Judgement    string // Own, Product or Bad
	Note, Source string
}

// Known is a list of the user's, by kind and value in one form.
type Known map[[2]string]*Entry

// NewKnown makes a list of entries; of two that are about the same the later counts.
func NewKnown(entries []Entry) Known {
	k := Known{}
	for i := range entries {
		k[[2]string{entries[i].Kind, form(entries[i].Kind, entries[i].Value)}] = &entries[i]
	}
	return k
}

func form(kind, value string) string {
	if kind == KindImage {
		return detection.ImageKey(value)
	}
	return strings.ToLower(strings.TrimSpace(value))
}

// find is the strongest entry that is about a module; nil: none is.
func (k Known) find(name, image string, hashes ...string) *Entry {
	file := ""
	if image != "" && detection.IsNative(image) {
		file = path.Base(detection.ImageKey(image))
	}
	var tries [][2]string
	for _, h := range hashes {
		tries = append(tries, [2]string{KindHash, strings.ToLower(h)})
	}
	for _, try := range append(tries, [2]string{KindImage, detection.ImageKey(image)}, [2]string{KindFile, file},
		[2]string{KindName, strings.ToLower(name)}) {
		if e := k[try]; e != nil && try[1] != "" {
			return e
		}
	}
	return nil
}

func (e *Entry) strength() detection.Strength {
	switch e.Kind {
	case KindHash:
		return detection.ByHash
	case KindImage:
		return detection.ByImage
	}
	return detection.ByName
}

func (e *Entry) says() string {
	return strings.TrimPrefix(strings.TrimSuffix(e.Note+" ("+e.Source+")", " ()"), " ")
}

// errHeader is said of a file that is no such list.
var errHeader = errors.New("its first line must be " + strings.Join(KnownHeader, ","))

// ParseKnown reads a list of the user's: CSV with KnownHeader. What is wrong with lines
// is told, each with its number, and they are left out; an error is of the whole file.
func ParseKnown(data []byte) (out []Entry, problems []string, err error) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil || !slices.EqualFunc(head, KnownHeader, func(a, b string) bool {
		return strings.EqualFold(strings.TrimSpace(a), b)
	}) {
		return nil, nil, errHeader
	}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return out, problems, nil
		}
		line, says := 0, ""
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			line, says = wrong.StartLine, "it is no CSV: "+wrong.Err.Error()
		} else {
			line, _ = in.FieldPos(0)
			var e Entry
			if e, says = entryOf(cells); says == "" {
				e.Line = line
				out = append(out, e)
			}
		}
		if len(out) > MostKnown {
			return nil, nil, fmt.Errorf("it has more than %d entries", MostKnown)
		}
		if says != "" && len(problems) == mostProblems {
			return out, append(problems, "and more lines that cannot be read"), nil
		}
		if says != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s", line, says))
		}
	}
}

// entryOf reads one line, or says what is wrong with it.
func entryOf(cells []string) (e Entry, wrong string) {
	if len(cells) != len(KnownHeader) {
		return e, fmt.Sprintf("it has %d columns, not %d", len(cells), len(KnownHeader))
	}
	for _, c := range cells {
		if len(c) > MostCell || !utf8.ValidString(c) || strings.ContainsRune(c, 0) {
			return e, fmt.Sprintf("a cell is no text of at most %d bytes", MostCell)
		}
	}
	low := func(i int) string { return strings.ToLower(strings.TrimSpace(cells[i])) }
	e = Entry{Kind: low(0), Value: strings.TrimSpace(cells[1]), Judgement: low(2), Note: strings.TrimSpace(cells[3]),
		Source: strings.TrimSpace(cells[4])}
	switch {
	case !slices.Contains([]string{KindName, KindImage, KindFile, KindHash}, e.Kind):
		return e, fmt.Sprintf("there is no kind %q: name, image, file or hash", e.Kind)
	case e.Value == "":
		return e, "it has no value"
	case !slices.Contains([]string{Own, Product, Bad}, e.Judgement):
		return e, fmt.Sprintf("there is no judgement %q: own, known or bad", e.Judgement)
	case e.Kind == KindHash && !detection.IsHash(e.Value):
		return e, fmt.Sprintf("%q is no SHA-256 or SHA-1 in hex", e.Value)
	case e.Kind == KindFile && strings.ContainsAny(e.Value, `\/`):
		return e, "a file is named without a folder; with one it is an image"
	}
	return e, ""
}
