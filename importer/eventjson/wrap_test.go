package eventjson_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/record"
)

const (
	ev  = `{"Id":%d,"LogName":"L"}`
	big = 3 * record.MaxRecord
)

func id(n int) string { return fmt.Sprintf(ev, n) }

// TestWrapped finds the events in the lists that services put them in.
func TestWrapped(t *testing.T) {
	filler := strings.Repeat(" ", 60)
	for _, c := range []struct{ name, in, want string }{
		{"records", `{"records":[` + id(1) + ",\n" + id(2) + `]}`, "12:1 36:2 "},
		{"records, empty", `{"records":[]}` + id(1), "14:1 "},
		{"other members around", `{"count":2,"records":[` + id(1) + `],"next":"x","more":{"records":1},"n":null}` + id(2),
			"22:1 87:2 "},
		{"a first member nobody knows", `{"x":[1,{"y":"]"}],"records":[` + id(1) + `]}`, "30:1 "},
		{"hits", `{"took":1,"hits":{"total":{"value":1},"hits":[{"_source":` + id(1) + `}]},"aggregations":{}}`, "46:1 "},
		{"otlp", `{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"x"},"logRecords":[` + id(1) + `,` + id(2) +
			`]},{"logRecords":[` + id(3) + `]}]}]}` + "\n" + id(4), "81:1 104:2 144:3 173:4 "},
		{"results", `{"preview":false,"init_offset":0,"messages":[],"fields":[{"name":"_raw"}],"results":[` + id(1) +
			`], "highlighted":{}}`, "85:1 "},
		{"pretty", "{\r\n  \"value\" : [\r\n" + id(1) + "\r\n ,\r\n" + id(2) + "\r\n],\r\n\"Count\":  2\r\n}\r\n" + id(3),
			"18:1 46:2 90:3 "},
		{"a list in a list", `{"records":[{"records":[` + id(1) + `]},` + id(2) + `]}`, "24:1 49:2 "},
		{"cut in the list", `{"records":[` + id(1) + `,` + id(2)[:10], "12:1 35!This event is cut "},
		{"cut behind the list", `{"records":[` + id(1) + `],"x":"`, "12:1 36!This text is not "},
		{"cut with a first member nobody knows", `{"x":1,"records":[` + id(1) + `,`, "18:1 "},
		{"torn in the list", `{"records":[` + id(1) + `,{"Id":x}]}` + "\n" + id(2), "12:1 35!This is not valid 46:2 "},
		{"numbers in the list", `{"records":[{"Id":1},7,` + id(2) + `]}` + "\n",
			"12!This JSON object is 21!This text is not 23:2 46!This text is not "},
		{"escapes in names", `{"count":1,"a\"]}":"\\","records":[` + id(1) + `]}`, "35:1 "},
		{"xml as json", `{"Events":{"Event":[{"System":{"EventID":{"@Qualifiers":"1","#text":"1"}}}]}}`, "20:1 "},
		{"an event that has a list", `{"Id":1,"LogName":"L","records":[{"a":1}]}`, "0:1 "},
		{"members too long", `{"count":1,"x":"` + strings.Repeat("x", big) + `","records":[` + id(1) + `]}`,
			"0!This object is longer "},
		{"values that are long", `{"records":[` + id(1) + `],"x":"` + strings.Repeat("x", record.MaxRecord/2) +
			`","records":[` + id(2) + `]}`, fmt.Sprintf("12:1 %d:2 ", 12+22+8+record.MaxRecord/2+13-1)},
		{"stamps", `[[1.5,` + id(1) + `],[2,` + id(2) + `],[[3.25,{}],` + id(3) + `]]`, "6:1 33:2 68:3 "},
		{"a number alone", `[1.5]` + id(1), "1!This text is not 5:1 "},
		{"headers", "Record 1\n" + id(1) + "\nRecord 2\r\n" + id(2) + "\nRecord x\n" + id(3),
			"9:1 42:2 65!This text is not 74:3 "},
		{"blanks", filler + `{` + filler + `"records"` + filler + `:` + filler + `[` + filler + id(1), "312:1 "},
		{"deep", strings.Repeat(`{"records":[`, 100) + id(1), "96!This is not valid "},
	} {
		got := show(t, strings.NewReader(c.in))
		if got != c.want {
			t.Errorf("%s: %.300s, want %s", c.name, got, c.want)
		}
		if len(c.in) < 4096 {
			if cut := show(t, iotest.OneByteReader(strings.NewReader(c.in))); cut != got {
				t.Errorf("%s by bytes: %s, want %s", c.name, cut, got)
			}
		}
	}
}

// TestLongWrapper reads an object that is longer than any record may be.
func TestLongWrapper(t *testing.T) {
	pad := strings.Repeat("x", 1000)
	one := `{"Id":7,"LogName":"L","Message":"` + pad + `"}`
	n := big / len(one)
	in := `{"records":[` + strings.Repeat(one+",", n) + one + `],"nextLink":null}` + "\n" + one
	rd := open(in, record.Options{})
	for i := range n + 2 {
		var e event.Event
		if err := rd.Next(&e); err != nil || e.Raw != one || in[e.Offset:e.Offset+int64(len(one))] != one {
			t.Fatalf("event %d of %d: %v, %.50q", i, n+2, err, e.Raw)
		}
	}
	if err := rd.Next(new(event.Event)); err != io.EOF {
		t.Fatal(err)
	}
}

// TestLengths says how many bytes of the file each rejected stretch covers.
func TestLengths(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"no event", id(1) + `{"a":1}` + id(2), `{"a":1}`},
		{"torn", id(1) + "\n" + `{"a":"x` + "\nmore\n and more\n" + id(2), "{\"a\":\"x\nmore\n and more\n"},
		{"torn at the end", id(1) + "\n" + `{"a":"x` + "\nmore\n", "{\"a\":\"x\nmore\n"},
		{"cut", id(1) + `{"a":1`, `{"a":1`},
		{"junk", id(1) + "caf\u00e9 \U0001F600 [ ,x" + id(2), "caf\u00e9 \U0001F600 [ ,x"},
		{"zeros", id(1) + strings.Repeat("\x00", 50) + id(2), strings.Repeat("\x00", 50)},
		{"cut by zeros", id(1) + `{"a":` + strings.Repeat("\x00", 50) + id(2), `{"a":|` + strings.Repeat("\x00", 50)},
	} {
		for _, enc := range []record.Encoding{record.UTF8, record.UTF16LE, record.UTF16BE} {
			in := record.Encode(c.in, enc)
			rd := eventjson.New(record.NewScanner(bytes.NewReader(in), enc), record.Options{Encoding: enc})
			var got []string
			for {
				err := rd.Next(new(event.Event))
				var rej *record.Rejected
				if errors.As(err, &rej) {
					got = append(got, string(in[rej.Offset:rej.Offset+rej.Length]))
				} else if err != nil {
					break
				}
			}
			var want []string
			for part := range strings.SplitSeq(c.want, "|") {
				want = append(want, string(record.Encode(part, enc)))
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%s in %s: %q, want %q", c.name, enc, got, want)
			}
		}
	}
}

// TestWindows1252 reads objects that are no UTF-8 one by one.
func TestWindows1252(t *testing.T) {
	const raw = "{\"Id\":7,\"LogName\":\"L\",\"Message\":\"caf\xe9 \x80\"}"
	rd := open(raw+"\n"+`{"Id":8,"LogName":"L","Message":"café"}`, record.Options{})
	var e event.Event
	if err := rd.Next(&e); err != nil || e.Message != "café €" || !e.Windows1252 || e.Raw != raw {
		t.Errorf("%+v, %v", e, err)
	}
	if err := rd.Next(&e); err != nil || e.Message != "café" || e.Windows1252 {
		t.Errorf("%+v, %v", e, err)
	}
	rd = open(
		"{\"preview\":false,\"result\":{\"_raw\":\"<Event><System><EventID>7</EventID><Computer>caf\xe9</Computer></System></Event>\"}}", record.Options{})
	if err := rd.Next(&e); err != nil || e.Computer != "café" || !e.Windows1252 {
		t.Errorf("%+v, %v", e, err)
	}
}
