package eventjson_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/record"
	"escutcheon/importer/record/recordtest"
)

// plain reads what a scanner gives.
func plain(s *record.Scanner) record.Reader { return eventjson.New(s, record.Options{}) }

// TestQuick: an object that is in the window as a whole is read in one look, one
// that comes byte by byte is not. Both say the same.
func TestQuick(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, c := range []struct{ in, want string }{
		{`{"Hostname":"h","EventID":1,"Message":"a\r\n\r\nb\r\r\nc \r\n"}`, `Message:a\n\nb\nc `},
		{`{"Hostname":"h","EventID":1,"Message":"a\r\nb\u00a0 \t"}`, `Message:a\nb `},
		{`{"Hostname":"h","EventID":1,"Message":" \r\n"}`, "Message: "},
		{`{"Hostname":"h","EventID":1,"Mess\u0061ge":"a\r\nb"}`, `Message:a\nb `},
		{`{"SourceModuleType":"im_msvistalo\u0067","EventID":1,"Message":"a\r\nb"}`, `Message:a\nb `},
		{`{"SourceModuleType":"im_msvistalo\u0068","EventID":1,"Message":"a"}`, "no Windows event"},
		{`{"\u0048ostname":"h","EventID":1,"x\\y":"\ud83d\ude00"}`, `{Name:x\y Value:😀}`},
		{`{"Hostname":"h","EventID":1,"x":"1` + "\n" + `2"}`, "not valid JSON"},
		{"{\n\"Hostname\":\"h\",\n\"EventID\":1}\n", "EventCode:1 "},
		{`{"Hostname":"h","EventID":1,"x":"` + "\x00\x00\x00\x00\x00\x00\x00\x00" + `"}`, "zero bytes"},
		{`{"Hostname":"h","EventID":1,"x":"` + "\xe4" + `"}`, "Value:ä"},
		{`{"Hostname":"h","EventID":1,"x":` + nested(31) + `}`, "EventCode:1 "},
		{`{"Hostname":"h","EventID":1,"x":` + nested(32) + `}`, "not valid JSON"},
		{`{"Hostname":"h","EventID":1,"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, "not valid JSON"},
		{`{"Hostname":"h","EventID":1,"x":[` + strings.Repeat("0,", 1<<16) + `0]}`, "65,536 values"},
		{`{"Hostname":"h","EventID":1,"x":01,"y":-,"z":1}`, "not valid JSON"},
		{`{"winlog":{"event_id":1,"event_data":{"a":"1","b":{"c":"2"},"d":["3",{"e":"4"}]}}}`,
			"{Name:a Value:1} {Name:b.c Value:2} {Name:d Value:3} {Name:d.e Value:4}"},
		{`{"winlog":{"event_id":1,"":{"a":"1"},"event_data":[{"a":"1"},"2"]},"":{"":{"b":"3"}}}`,
			"{Name:winlog..a Value:1} {Name:a Value:1} {Name:winlog.event_data Value:2} {Name:b Value:3}"},
		{`{"winlog.event_id":1,"winlog.event_data.x":"1","winlog.user_data":{"y":"2"},"winlog.event_data":"3"}`,
			"{Name:x Value:1} {Name:y Value:2} {Name:winlog.event_data Value:3}"},
		{`{"winlog":{"event_id":1,"channel":"C","` + strings.Repeat("n", 200) + `":"1"}}`, "nnn Value:1}"},
		{`{"winlog":{"event_id":1,"channel":"C","` + strings.Repeat("n", 1200) + `":"1"}}`, "1,024 bytes"},
	} {
		whole := recordtest.Both(t, plain, c.in)
		if !strings.Contains(strings.ReplaceAll(whole, "\n", `\n`), c.want) {
			t.Errorf("%.100s: %.500s\nwant %s", c.in, whole, c.want)
		}
	}
}

// TestManyPaths: names beyond those that are kept are read as well.
func TestManyPaths(t *testing.T) {
	var in strings.Builder
	for i := range 5 {
		in.WriteString(`{"winlog":{"event_id":1,"x":{"a":1`)
		for k := range 1500 {
			fmt.Fprintf(&in, `,"n%d":"%d"`, 1500*i+k, k)
		}
		in.WriteString("}}}\n")
	}
	rd := eventjson.New(record.NewScanner(strings.NewReader(in.String()), record.UTF8), record.Options{})
	for i := range 5 {
		var e event.Event
		if err := rd.Next(&e); err != nil || len(e.Fields) != 1502 {
			t.Fatal(err, len(e.Fields))
		}
		if f := e.Fields[1501]; f.Name != fmt.Sprintf("winlog.x.n%d", 1500*i+1499) || f.Value != "1499" {
			t.Fatal(f)
		}
	}
}
