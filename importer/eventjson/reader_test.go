package eventjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"escutcheon/event"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/record"
)

// show reads in and writes a word for each event and each rejected stretch.
func show(t testing.TB, r io.Reader) string {
	t.Helper()
	rd := eventjson.New(record.NewScanner(r, record.UTF8), record.Options{})
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			fmt.Fprintf(&b, "%d:%d ", e.Offset, e.EventCode)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d!%s ", rej.Offset, strings.Join(strings.Fields(rej.Reason)[:4], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error()
		}
	}
}

func nx(id int, more string) string {
	return fmt.Sprintf(`{"EventTime":"2026-06-01 09:00:00","Hostname":"a","EventID":%d%s}`, id, more)
}

func TestSplit(t *testing.T) {
	const pretty = "{\n  \"Hostname\": \"a\",\n  \"EventID\": 3,\n  \"x\": [\n    {\n      \"y\": 1\n    },\n    {\n    }\n  ]\n}\n"
	for _, c := range []struct{ name, in, want string }{
		{"lines", nx(1, "") + "\n" + nx(2, "") + "\r\n\n", "0:1 63:2 "},
		{"array", "[" + nx(1, "") + ",\n" + nx(2, "") + "]\n", "1:1 65:2 "},
		{"back to back", nx(1, "") + nx(2, "") + pretty + pretty, "0:1 62:2 124:3 214:3 "},
		{"braces in strings", nx(1, `,"m":"{\"}[{\\"`) + "\n" + nx(2, ""), "0:1 78:2 "},
		{"junk before", ":" + nx(1, ""), "0!This text is not 1:1 "},
		{"banner with a brace", "a { b\n" + nx(1, ""), "0!This text is not 2!This is not valid 6:1 "},
		{"torn in a string", nx(1, "")[:30] + "\n" + nx(2, ""), "0!This is not valid 31:2 "},
		{"torn behind a comma", nx(1, "")[:35] + "\n" + nx(2, ""), "0!This is not valid 36:2 "},
		{"torn behind a colon", nx(1, "")[:13] + "\n" + nx(2, "") + "\n" + nx(3, ""), "0!This is not valid 14:2 77:3 "},
		{"torn behind a brace", "{\n" + nx(2, ""), "0!This is not valid 2:2 "},
		{"torn in an array", `{"Hostname":"a","EventID":1,"x":[` + "\n" + nx(2, "") + "\n" + nx(3, ""),
			"0!This is not valid 34:2 97:3 "},
		{"cut", nx(1, "") + "\n" + nx(2, "")[:50], "0:1 63!This event is cut "},
		{"cut in array", `{"Hostname":"a","EventID":1,"x":[` + "\n" + nx(2, ""), "0!This event is cut 34:2 "},
		{"cut in an escape", nx(2, "")[:20] + `\`, "0!This event is cut "},
		{"bad escape", nx(1, `,"x":"\q"`) + "\n" + nx(2, ""), "0!This is not valid 72:2 "},
		{"bad word", nx(1, `,"x":nil`) + "\n" + nx(2, ""), "0!This is not valid 71:2 "},
		{"bad comma", nx(1, `,`) + "\n" + nx(2, ""), "0!This is not valid 64:2 "},
		{"wrong end", `{"a":[1}` + "\n" + nx(2, ""), "0!This is not valid 9:2 "},
		{"neither", `{"a":{"b":1}}` + nx(2, ""), "0!This JSON object is 13:2 "},
		{"deep", `{"a":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}\n" + nx(2, ""),
			"0!This is not valid 205:2 "},
		{"many values", `{"a":[` + strings.Repeat("1,", 1<<16) + "1]}\n" + nx(2, ""), "0!This object holds more 131082:2 "},
		{"many fields", nx(1, `,"a":[1`+strings.Repeat(",1", record.MaxFields+1)+"]") + "\n" + nx(2, ""),
			"0!This record has more 32841:2 "},
		{"zeros", nx(1, "")[:30] + strings.Repeat("\x00", 50) + "\n" + nx(2, ""),
			"0!This event is cut 30!This stretch holds only 81:2 "},
		{"long name", `{"Hostname":"a","EventID":1,"` + strings.Repeat("x", 2000) + `":{"y":1}}` + nx(2, ""),
			"0!This object has names 2039:2 "},
	} {
		if got := show(t, strings.NewReader(c.in)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if got := show(t, iotest.OneByteReader(strings.NewReader(c.in))); got != c.want {
			t.Errorf("%s by bytes: %s, want %s", c.name, got, c.want)
		}
	}
}

func one(t *testing.T, in string) event.Event {
	t.Helper()
	var e event.Event
	opt := record.Options{Computer: "asked", Zone: time.FixedZone("", 3600)}
	if err := eventjson.New(record.NewScanner(strings.NewReader(in), record.UTF8), opt).Next(&e); err != nil {
		t.Fatalf("%s: %v", in, err)
	}
	return e
}

// fields says what an event is, members first.
func fields(e event.Event) string {
	at := "-"
	if e.HasTime {
		at = e.Time().Format("15:04:05.999999999")
	}
	return fmt.Sprint(at, " ", e.Zoneless, " ", e.EventCode, " ", e.RecordNumber, " ", e.Fields)
}

func TestNXLog(t *testing.T) {
	for in, want := range map[string]string{
		nx(7,
			`,"Keywords":-9223372036854775808,"RecordNumber":9007199254740993,"Channel":"L","SourceName":"S","Opcode":"Info","OpcodeValue":0,"UserID":"S-1","EventType":"AUDIT_SUCCESS","Severity":"INFO","Category":"T","Message":"a\r\nb\r\n","x":"","y":null,"z":true,"n":{"o":[1,{"p":"q"}]}`): "08:00:00 true 7 9007199254740993 [{EventTime 2026-06-01 09:00:00} {ComputerName a} {EventCode 7} {Keywords -9223372036854775808} {RecordNumber 9007199254740993} {LogName L} {SourceName S} {OpCode Info} {OpcodeValue 0} {Sid S-1} {EventType AUDIT_SUCCESS} {Severity INFO} {TaskCategory T} {Message a\nb} {z true} {n.o 1} {n.o.p q} {Type Information}]",
		`{"EventTime":"2026-06-01T09:00:00.5+02:00","HOSTNAME":"b","SourceModuleType":"im_msvistalog"}`: "07:00:00.5 false -1 -1 [{EventTime 2026-06-01T09:00:00.5+02:00} {ComputerName b} {SourceModuleType im_msvistalog}]",
		`{"EventID":"5","Hostname":"b","EventType":"VERBOSE","Severity":"DEBUG"}`:                       "- false 5 -1 [{EventCode 5} {ComputerName b} {EventType VERBOSE} {Severity DEBUG} {Type Verbose}]",
		`{"SourceModuleType":"im_msvistalog","Message":"\u00e9\ud83d\ude00\ud800x\/\"\b"}`:              "- false -1 -1 [{SourceModuleType im_msvistalog} {Message é😀\ufffdx/\"\b} {ComputerName asked}]",
	} {
		if got := fields(one(t, in)); got != want {
			t.Errorf("%s:\n%s\n%s", in, got, want)
		}
	}
	iis := one(t,
		nx(29,
			`,"ProviderGuid":"{DC0B8E51-4863-407A-BC3C-1B479B2978AC}","OpcodeValue":0,"Configuration":"","ConfigPath":"P"`))
	if iis.Message != "Changes to '' at 'P' have successfully been committed." || !iis.Rendered || iis.OpCode != "Info" {
		t.Errorf("%+v", iis)
	}
}

func TestWinlogbeat(t *testing.T) {
	const want = "09:00:00.25 false 7 9007199254740993 [{@timestamp 2026-06-01T09:00:00.250Z} {LogName L} {ComputerName a} {EventCode 7} {OpCode Info} {SourceName P} {winlog.provider_guid {g}} {RecordNumber 9007199254740993} {TaskCategory T} {Sid S-1} {a b} {c.d e} {event.code 7} {log.level warning} {Message m} {Type Warning} {Keywords Audit Success, Classic}]"
	for name, in := range map[string]string{
		"nested":    `{"@timestamp":"2026-06-01T09:00:00.250Z","winlog":{"channel":"L","computer_name":"a","event_id":7,"opcode":"Info","provider_name":"P","provider_guid":"{g}","record_id":9007199254740993,"task":"T","keywords":["Audit Success","Classic"],"user":{"identifier":"S-1"},"event_data":{"a":"b","empty":"","c":{"d":"e"}}},"event":{"code":"7"},"log":{"level":"warning"},"message":"m\n"}`,
		"flattened": `{"@timestamp":"2026-06-01T09:00:00.250Z","winlog.channel":"L","winlog.computer_name":"a","winlog.event_id":"7","winlog.opcode":"Info","winlog.provider_name":"P","winlog.provider_guid":"{g}","winlog.record_id":"9007199254740993","winlog.task":"T","winlog.keywords":["Audit Success","Classic"],"winlog.user.identifier":"S-1","winlog.event_data.a":"b","winlog.user_data.c.d":"e","event.code":"7","log.level":"warning","message":"m"}`,
		"a hit":     `{"_index":"x","_source":{"@timestamp":"2026-06-01T09:00:00.250Z","winlog":{"channel":"L","computer_name":"a","event_id":{"#text":7},"opcode":"Info","provider_name":"P","provider_guid":"{g}","record_id":9007199254740993,"task":"T","keywords":["Audit Success","Classic"],"user.identifier":"S-1","event_data.a":"b","event_data":{"c.d":"e"}},"event":{"code":7},"log":{"level":"warning"},"message":"m"}}`,
	} {
		if got := fields(one(t, in)); got != want {
			t.Errorf("%s:\n%s\n%s", name, got, want)
		}
	}
	other := one(t,
		`{"@timestamp":"2026-06-01T09:00:01Z","host":{"name":"h"},"event":{"code":29,"provider":"Microsoft-Windows-IIS-Configuration"},"winlog":{"time_created":"2026-06-01T09:00:00Z","opcode":0,"event_data":{"ConfigPath":"P","Configuration":"C"}}}`)
	if other.Computer != "h" || other.EventCode != 29 || other.Second() != 1780304400 || other.OpCode != "Info" ||
		other.Message == "" {
		t.Errorf("%+v", other)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("[" + nx(1, `,"a":{"b":[1,{"c":"\ud83d\ude00\n"}]}`) + ",\n" + nx(2, "")[:40] + "\n" + nx(3, "")))
	f.Add([]byte(`x{"@timestamp":"2026-06-01T09:00:00Z","winlog":{"event_id":{"#text":"7"},"event_data":{"a":"b"}}}` +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		rd := eventjson.New(record.NewScanner(bytes.NewReader(in), record.UTF8), record.Options{})
		last := int64(-1)
		for {
			var e event.Event
			err := rd.Next(&e)
			at := e.Offset
			var rej *record.Rejected
			if errors.As(err, &rej) {
				at = rej.Offset
			} else if err != nil {
				break
			} else if !bytes.HasPrefix(in[at:], []byte(e.Raw)) {
				t.Fatalf("the event at %d is not there: %q", at, e.Raw)
			}
			if at <= last {
				t.Fatalf("offset %d after %d", at, last)
			}
			last = at
		}
		whole := show(t, bytes.NewReader(in))
		if cut := show(t, iotest.OneByteReader(bytes.NewReader(in))); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}

// FuzzMessage compares a message with what the standard library makes of it.
func FuzzMessage(f *testing.F) {
	f.Add(`a\u00e9\ud83d\ude00\ud800\\\"\n`)
	f.Fuzz(func(t *testing.T, s string) {
		in := `{"Hostname":"a","EventID":1,"x":"` + s + `"}`
		var want struct{ X string }
		if json.Unmarshal([]byte(in), &want) != nil || strings.ContainsRune(want.X, '\uFFFD') || strings.Contains(s, `"`) &&
			!strings.Contains(s, `\"`) {
			return
		}
		e := event.Event{}
		if err := eventjson.New(record.NewScanner(strings.NewReader(in), record.UTF8),
			record.Options{}).Next(&e); err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got, _ := e.Get("x"); got != want.X && e.Raw == in && len(e.Fields) == 3 {
			t.Fatalf("%s: %q, want %q", in, got, want.X)
		}
	})
}
