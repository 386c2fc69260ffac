package eventxml_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/record"
)

// show reads in and writes a line for each event and each rejected stretch.
func show(t testing.TB, r io.Reader) string {
	t.Helper()
	rd := eventxml.New(record.NewScanner(r, record.UTF8), record.Options{})
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			fmt.Fprintf(&b, "%d:%d ", e.Offset, e.EventCode)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d!%s ", rej.Offset, strings.Join(strings.Fields(rej.Reason)[:5], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error()
		}
	}
}

// ev is an event with an id and more elements.
func ev(id int, more string) string {
	return fmt.Sprintf("<Event><System><EventID>%d</EventID></System>%s</Event>", id, more)
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing between", ev(1, "") + ev(2, ""), "0:1 52:2 "},
		{"wrapped", "<?xml version='1.0'?>\r\n<Events xmlns='x'>\n " + ev(1, "") + "<!-- <Event> -->" + ev(2, "") +
			"</Events>\n", "43:1 111:2 "},
		{"marked", "- " + ev(1, "") + "\n- " + ev(2, ""), "2:1 57:2 "},
		{"other names", ev(1, "<EventData><EventX>a</EventX></EventData>"), "0:1 "},
		{"attributes", `<Event a='</Evens>' b=">"><System><EventID a=">">3</EventID></System></Event>`, "0:3 "},
		{"torn", ev(1, "")[:40] + ev(2, ""), "0!This event is cut short: 40:2 "},
		{"cut", ev(1, "") + ev(2, "")[:50], "0:1 52!This event is cut short: "},
		{"tail first", "</System></Event>" + ev(2, ""), "0!This text is not part 17:2 "},
		{"junk between", ev(1, "") + "hello " + ev(2, ""), "0:1 52!This text is not part 58:2 "},
		{"junk at the end", ev(1, "") + "\nhello\n", "0:1 53!This text is not part "},
		{"CDATA", ev(1, "<EventData><Data><![CDATA[</Event><Event>]]></Data></EventData>") + ev(2, ""), "0:1 115:2 "},
		{"comment within", ev(1, "<!-- </Event> -->") + ev(2, ""), "0:1 69:2 "},
		{"comment never closed", "x <!-- " + ev(2, ""), "0!This text is not part 7:2 "},
		{"tags do not match", ev(1, "<a><b></a></b>") + ev(2, ""), "0!The tags of this event 66:2 "},
		{"no id", "<Event><System/></Event>", "0!This event has no number "},
		{"id elsewhere", "<Event><EventData><EventID>1</EventID></EventData></Event>", "0!This event has no number "},
		{"deep", ev(1, strings.Repeat("<a>", 99)+strings.Repeat("</a>", 99)), "0!The elements of this event "},
		{"zeros", ev(1, "")[:30] + strings.Repeat("\x00", 50) + ev(2, ""),
			"0!This event is cut short 30!This stretch holds only zero 80:2 "},
		{"many fields", ev(1, "<a>"+strings.Repeat("<a>b</a>", record.MaxFields+1)+"</a>") + ev(2, ""),
			"0!This record has more than 131139:2 "},
		{"empty event", "<Event/>" + ev(2, ""), "0!This event is cut short: 8:2 "},
		{"white space in tags", "<Event\n ><System ><EventID >4</EventID\n></System ></Event >\n", "0:4 "},
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
	if err := eventxml.New(record.NewScanner(strings.NewReader(in), record.UTF8),
		record.Options{Computer: "asked"}).Next(&e); err != nil {
		t.Fatalf("%s: %v", in, err)
	}
	return e
}

func TestFields(t *testing.T) {
	const system = `<System><Provider Name="Prov &amp; Co" Guid='{g}' EventSourceName='s'/><EventID Qualifiers="16384"> 7 </EventID><Version>1</Version><Level>2</Level><Task>3</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2026-06-01T09:00:00.1234567Z'/><EventRecordID>9223372036854775807</EventRecordID><Correlation ActivityID='{a}'/><Execution ProcessID='4' ThreadID='5'/><Channel>Application</Channel><Computer>C.example</Computer><Security UserID='S-1-5-18'/></System>`
	const fields = "[{SourceName Prov & Co} {Guid {g}} {EventSourceName s} {Qualifiers 16384} {EventCode 7} {Version 1} {Level 2} {Task 3} {Opcode 0} {SystemTime 2026-06-01T09:00:00.1234567Z} {RecordNumber 9223372036854775807} {ActivityID {a}} {ProcessID 4} {ThreadID 5} {LogName Application} {ComputerName C.example} {Sid S-1-5-18}"
	for _, c := range []struct{ name, in, want string }{
		{"bare", system, " {Type Error} {Keywords 0x8000000000000000}]"},
		{"data",
			system +
				`<EventData Name='n'><Data Name="a b">x &lt;&#65;&#x42;&gt; &quot;&apos;&unknown; &</Data><Data>one</Data><Data>two</Data><Data Name='empty'></Data><Data Name='none'/><Data Name='blank'> </Data><Binary>00FF</Binary></EventData>`,
			` {a b x <AB> "'&unknown; &} {Data one} {Data two} {Binary 00FF} {Type Error} {Keywords 0x8000000000000000}]`},
		{"user data",
			system + `<UserData><x:Deep xmlns:x='y'><x:Name>n</x:Name><In><Value> v </Value></In></x:Deep></UserData>`,
			" {Name n} {Value v} {Type Error} {Keywords 0x8000000000000000}]"},
		{"rendered",
			system +
				`<RenderingInfo Culture='en-US'><Message>a&#xD;&#xA;b&#13;&#10;</Message><Level>Erreur</Level><Task>T</Task><Opcode>Start</Opcode><Channel>x</Channel><Provider>y</Provider><Keywords><Keyword>Audit Success</Keyword><Keyword>Classic</Keyword></Keywords></RenderingInfo>`,
			" {Message a\nb} {TaskCategory T} {OpCode Start} {Type Erreur} {Keywords Audit Success, Classic} {KeywordsValue 0x8000000000000000}]"},
		{"rendered empty",
			system + `<RenderingInfo><Message></Message><Level></Level><Task></Task><Opcode/><Keywords/></RenderingInfo>`,
			" {Type Error} {Keywords 0x8000000000000000}]"},
		{"parts", system + `<EventData><Data Name='a'>1<![CDATA[<&amp;]]>2<!-- no -->3</Data></EventData>`,
			" {a 1<&amp;23} {Type Error} {Keywords 0x8000000000000000}]"},
	} {
		e := one(t, "<Event>"+c.in+"</Event>")
		if got := fmt.Sprint(e.Fields); got != fields+c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, fields+c.want)
		}
		if e.Computer != "C.example" || e.RecordNumber != 9223372036854775807 || e.Nanos != 1780304400123456700 ||
			!e.HasTime || e.Zoneless {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	first := one(t, "<Event><RenderingInfo><Message>m</Message><Opcode>Info</Opcode></RenderingInfo>"+system+"</Event>")
	if first.Message != "m" || first.OpCode != "Info" || first.Provider != "Prov & Co" {
		t.Errorf("%+v", first)
	}
	if e := one(t, ev(1, "")); e.Computer != "asked" || e.HasTime || e.OpCode != "" {
		t.Errorf("%+v", e)
	}
}

// TestIIS renders what bare XML leaves to the provider.
func TestIIS(t *testing.T) {
	in := `<Event><System><Provider Name="Microsoft-Windows-IIS-Configuration"/><EventID>29</EventID>%s</System><EventData><Data Name="ConfigPath">P</Data><Data Name="Configuration"/></EventData></Event>`
	e := one(t, fmt.Sprintf(in, "<Opcode>0</Opcode>"))
	if e.Message != "Changes to '' at 'P' have successfully been committed." || !e.Rendered || e.OpCode != "Info" {
		t.Errorf("%+v", e)
	}
	if e := one(t, fmt.Sprintf(in, "")); e.OpCode != "" || e.Message == "" {
		t.Errorf("%+v", e)
	}
}

// TestKept reads two events into one Event: the strings of the first stay.
func TestKept(t *testing.T) {
	rd := eventxml.New(record.NewScanner(strings.NewReader(ev(1, "<D><Data>a</Data></D>")+ev(2, "<D><Data>b</Data></D>")),
		record.UTF8), record.Options{})
	var e event.Event
	if err := rd.Next(&e); err != nil {
		t.Fatal(err)
	}
	raw, value := e.Raw, e.Fields[1].Value
	if err := rd.Next(&e); err != nil || value != "a" || !strings.Contains(raw, ">1<") || e.Fields[1].Value != "b" {
		t.Errorf("%v %q %q %v", err, value, raw, e.Fields)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("<?xml?><Events>" + ev(1, "<EventData><Data Name='a'>&#65;<![CDATA[x]]></Data></EventData>") + "- " +
		ev(2, "<!-- -->")[:40] + ev(3, "<RenderingInfo><Message>m</Message></RenderingInfo>")))
	f.Fuzz(func(t *testing.T, in []byte) {
		rd := eventxml.New(record.NewScanner(bytes.NewReader(in), record.UTF8), record.Options{})
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
