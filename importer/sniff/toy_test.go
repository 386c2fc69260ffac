package sniff_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/blocks"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// The toy format is the worked example of CONTRIBUTING.md: all that a format
// needs to be found, read, stored, named and documented. An event is
//
//	toy;event id;record number;computer;message, perhaps over several lines

// toyText is what a package of its own would hold (see importer/pwshinput).
var toyText = blocks.Format{
	Starts: func(w []byte, ended bool) (head int, wait bool) {
		if len(w) < 4 {
			return 0, !ended && strings.HasPrefix("toy;", string(w))
		}
		if bytes.HasPrefix(w, []byte("toy;")) {
			return 4, false
		}
		return 0, false
	},
	Decode: func(e *event.Event, opt record.Options, _ bool) string {
		cells := strings.SplitN(e.Raw, ";", 5)
		if len(cells) < 5 {
			return "This toy has fewer than five parts."
		}
		var err error
		if e.EventCode, err = strconv.ParseInt(cells[1], 10, 64); err != nil {
			return "The event id of this toy is no number."
		}
		if e.RecordNumber, err = strconv.ParseInt(cells[2], 10, 64); err != nil {
			return "The record number of this toy is no number."
		}
		e.Computer, e.Message = cells[3], cells[4]
		record.SetComputer(e, opt.Computer)
		return ""
	},
	MostHead: 4,
	Junk:     "This is no toy.", Cut: "The file ends in this toy.", Zeros: "Zero bytes follow this toy.",
}

// toy is its row of the table.
var toy = sniff.Spec{
	ID: "toy", Name: "toy text", Kind: sniff.Text, Of: "toys", Group: "toys",
	Decoder: &sniff.Decoder{Is: toyText.In, New: func(sc *record.Scanner, opt record.Options) record.Reader {
		return blocks.New(sc, opt, &toyText)
	}}, Rank: sniff.RankText,
	WrittenBy: "children", Files: ".toy",
	Message: "yes", OpCode: "no", Computer: "yes", Time: "none", Number: "yes", Data: "no",
}

// TestToyFormat: one row is all that it takes.
func TestToyFormat(t *testing.T) {
	const in = "not yet\ntoy;7;1;a.example;one\nand more\ntoy;x;2;b;no\ntoy;8;3;;two\n"
	if res := read(t, strings.NewReader(in), record.Options{}); res.err == nil {
		t.Fatalf("read without a row: %v", res)
	}
	defer sniff.Add(toy)()
	opt := record.Options{Computer: "asked"}
	res := read(t, strings.NewReader(in), opt)
	if res.err != nil || res.info != (sniff.Info{Format: "toy", Encoding: record.UTF8}) || len(res.events) != 2 {
		t.Fatal(res)
	}
	for i, want := range []string{"7 1 a.example one\nand more", "8 3 asked two"} {
		e := &res.events[i]
		if got := fmt.Sprint(e.EventCode, " ", e.RecordNumber, " ", e.Computer, " ", e.Message); got != want {
			t.Errorf("event %d is %q, want %q", i, got, want)
		}
		checkOne(t, res.info, e)
	}
	for i, want := range []record.Rejected{{Offset: 0, Length: 8, Reason: "This is no toy."},
		{Offset: 39, Length: 13, Reason: "The event id of this toy is no number."}} {
		if i >= len(res.rejected) || res.rejected[i].Offset != want.Offset || res.rejected[i].Length != want.Length ||
			res.rejected[i].Reason != want.Reason {
			t.Errorf("rejected %+v, want %+v", res.rejected, want)
			break
		}
	}
	checkOffsets(t, "toy", []byte(in), res)
	checkCuts(t, "toy", []byte(in), opt, res)
	if packed := read(t, bytes.NewReader(zipped(t, in)), opt); packed.err != nil || len(packed.events) != 2 {
		t.Errorf("compressed: %v", packed)
	}
	if wide := read(t, bytes.NewReader(utf16(in, record.UTF16LE, true)), opt); wide.err != nil || len(wide.events) != 2 {
		t.Errorf("in UTF-16: %v", wide)
	}
	if got, err := sniff.Inspect(strings.NewReader(in), record.Options{}, 3); err != nil || got.Events != 2 ||
		got.NoComputer != 1 {
		t.Errorf("inspected: %+v, %v", got, err)
	}
	if got := sniff.NameOf("toy"); got != "toy text" || !strings.HasSuffix(sniff.Reads(), " and toys") ||
		!strings.HasSuffix(readsAll(), " and toys") {
		t.Errorf("it is called %q, and read are %s", got, readsAll())
	}
	if doc := markdown(); doc[len(doc)-1] != "| `toy` | children | `.toy` | yes | no | yes | none | yes | no |" {
		t.Errorf("documented as %s", doc[len(doc)-1])
	}
}
