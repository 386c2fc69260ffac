package viewertext_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/record"
	"escutcheon/importer/viewertext"
)

const (
	head = "Log Name:      System\nSource:        P\nDate:          6/1/2026 9:00:00 AM\nEvent ID:      7\nTask Category: None\nLevel:         Error\nKeywords:      Classic\nUser:          N/A\nComputer:      web01\n"
	xml  = "<Event xmlns='x'><System><Provider Name='P'/><EventID>7</EventID><Opcode>0</Opcode><Keywords>0x8</Keywords><TimeCreated SystemTime='2026-06-01T07:00:00.5Z'/><EventRecordID>12</EventRecordID><Channel>System</Channel><Computer>web01.example</Computer></System><EventData><Data Name='a'>b</Data></EventData></Event>"
)

// show reads in and writes a line for each event and each rejected stretch.
func show(t testing.TB, r io.Reader, opt record.Options) string {
	t.Helper()
	rd := viewertext.New(record.NewScanner(r, record.UTF8), opt)
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			at := "-"
			if e.HasTime {
				at = e.Time().Format("2006-01-02T15:04:05.999999999")
			}
			fmt.Fprintf(&b, "%d %s %d %d %s %q\n", e.Offset, at, e.EventCode, e.RecordNumber, e.Computer, e.Message)
			again(t, &e, opt)
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d+%d rejected %s\n", rej.Offset, rej.Length, strings.Join(strings.Fields(rej.Reason)[:5], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error() + "\n"
		}
	}
}

// again decodes an event's Raw alone, as is done when it is looked at.
func again(t testing.TB, e *event.Event, opt record.Options) {
	t.Helper()
	opt.Whole = true
	want := *e
	want.Offset = 0
	var got event.Event
	err := viewertext.New(record.NewScanner(strings.NewReader(e.Raw), record.UTF8), opt).Next(&got)
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("%v: again\n%+v, first\n%+v", err, got, want)
	}
}

func TestReader(t *testing.T) {
	const at = " 2026-06-01T09:00:00 7 -1 web01 "
	n := len(head) + len("Description:\nm\n")
	for _, c := range []struct{ name, in, want string }{
		{"one", head + "Description:\nm\n", "0" + at + "\"m\"\n"},
		{"two", head + "Description:\nm\n" + head + "Description:\no\n\np\n",
			"0" + at + "\"m\"\n" + fmt.Sprint(n) + at + "\"o\\n\\np\"\n"},
		{"CRLF", strings.ReplaceAll(head+"Description:\nm\n", "\n", "\r\n"), "0" + at + "\"m\"\n"},
		{"blank lines first", "\n \n" + head + "Description:\nm\n", "3" + at + "\"m\"\n"},
		{"indented", strings.ReplaceAll(head+"Description:\nm\n"+head+"Description:\nm\n", "\n", "\n  "),
			"0" + at + "\"  m\"\n" + fmt.Sprint(n+2*strings.Count(head, "\n")+4) + at + "\"  m\"\n"},
		{"no description, last", head, fmt.Sprintf("0+%d rejected This event is cut short:\n", len(head))},
		{"no description, followed", head + head + "Description:\nm\n",
			"0" + at + "\"\"\n" + fmt.Sprint(len(head)) + at + "\"m\"\n"},
		{"no computer, followed", head[:100] + "\n" + head + "Description:\nm\n",
			"0+101 rejected This event is cut short:\n101" + at + "\"m\"\n"},
		{"bad code", strings.Replace(head, "7", "x", 1) + "Description:\nm\n",
			fmt.Sprintf("0+%d rejected The Event ID of this\n", n)},
		{"junk first", "hello\nLog Name: x\nworld\n" + head + "Description:\nm\n",
			"0+24 rejected This text is not part\n24" + at + "\"m\"\n"},
		{"junk only", "hello", "0+5 rejected This text is not part\n"},
		{"zeros behind", head + "Description:\nm\n" + strings.Repeat("\x00", 99),
			"0" + at + "\"m\"\n" + fmt.Sprint(n) + "+99 rejected This stretch holds only zero\n"},
		{"zeros within", head + "Description:\nm" + strings.Repeat("\x00", 99),
			fmt.Sprintf("0+%d rejected This event is cut short\n%d+99 rejected This stretch holds only zero\n", n-1, n-1)},
		{"XML", head + "Description:\nm \nEvent Xml:\n" + xml + "\n", "0 2026-06-01T07:00:00.5 7 12 web01.example \"m\"\n"},
		{"XML with tree markers", head + "Description:\nm \nEvent Xml:\n- " + strings.ReplaceAll(xml, "<System>",
			"\n- <System>"), "0 2026-06-01T07:00:00.5 7 12 web01.example \"m\"\n"},
		{"XML cut behind System", head + "Description:\nm\nEvent Xml:\n" + xml[:strings.Index(xml, "</EventData>")],
			"0 2026-06-01T07:00:00.5 7 12 web01.example \"m\"\n"},
		{"XML cut within System", head + "Description:\nm\nEvent Xml:\n" + xml[:strings.Index(xml, "</System>")],
			"0" + at + "\"m\"\n"},
		{"tag in the description", head + "Description:\nsee <Event> here\n", "0" + at + "\"see <Event> here\"\n"},
		{"wevtutil",
			"Event[0]:\n  Log Name: System\n  Source: P\n  Date: 2026-06-01T09:00:00.250\n  Event ID: 7\n  Task: N/A\n  Opcode: Info\n  User: S-1-5-18\n  User Name: NT AUTHORITY\\SYSTEM\n  Computer: web01\n  Description: \nm\n\nEvent[1]\n  Log Name: System\n  Source: P\n  Date: 2026-06-01T09:00:01.000\n  Event ID: 8\n  Computer: web01\n  Description: \nn\n\n",
			"0 2026-06-01T09:00:00.25 7 -1 web01 \"m\"\n201 2026-06-01T09:00:01 8 -1 web01 \"n\"\n"},
	} {
		if got := show(t, strings.NewReader(c.in), record.Options{}); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
		if got := show(t, iotest.OneByteReader(strings.NewReader(c.in)), record.Options{}); got != c.want {
			t.Errorf("%s by bytes:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"text", head + "Description:\nm",
			"true 1 [{EventCode 7} {LogName System} {SourceName P} {ComputerName web01} {Type Error} {TaskCategory None} {Keywords Classic} {Message m}]"},
		{"XML", head + "Description:\nm\nEvent Xml:\n" + xml,
			"false 0 [{SourceName P} {EventCode 7} {Opcode 0} {SystemTime 2026-06-01T07:00:00.5Z} {RecordNumber 12} {LogName System} {ComputerName web01.example} {a b} {KeywordsValue 0x8} {Message m} {Keywords Classic} {TaskCategory None}]"},
		{"wevtutil",
			"Event[0]:\n  Log Name: L\n  Source: P\n  Date: 2026-06-01T09:00:00.250\n  Event ID: 7\n  Opcode: Info\n  User: S-1-5-18\n  User Name: NT AUTHORITY\\SYSTEM\n  Computer: web01\n  Description: \nN/A",
			"true 0 [{EventCode 7} {LogName L} {SourceName P} {ComputerName web01} {OpCode Info} {Sid S-1-5-18} {User NT AUTHORITY\\SYSTEM}]"},
		{"German",
			"Protokollname: System\nQuelle:        P\nDatum:         31.12.2025 23:59:01\nEreignis-ID:   7\nAufgabenkategorie:Keine\nEbene:         Fehler\nSchlüsselwörter:Klassisch\nBenutzer:      Nicht zutreffend\nComputer:      web01\nBeschreibung:\nm\nEreignis-XML:\nnone",
			"true 3 [{EventCode 7} {LogName System} {SourceName P} {ComputerName web01} {Type Fehler} {TaskCategory Keine} {Keywords Klassisch} {Message m\nEreignis-XML:\nnone}]"},
		{"French",
			"Nom du journal\u00a0:System\nSource\u00a0:       P\nDate\u00a0:         31/12/2025 23:59:01\nID de l\u2019événement\u00a0:7\nCatégorie de la tâche\u00a0:Aucun\nNiveau\u00a0:       Erreur\nMots clés\u00a0:    Classique\nUtilisateur\u00a0:  N/A\nOrdinateur\u00a0:   web01\nDescription\u00a0:\nm",
			"true 3 [{EventCode 7} {LogName System} {SourceName P} {ComputerName web01} {Type Erreur} {TaskCategory Aucun} {Keywords Classique} {Message m}]"},
	} {
		var e event.Event
		if err := viewertext.New(record.NewScanner(strings.NewReader(c.in), record.UTF8),
			record.Options{}).Next(&e); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := fmt.Sprint(e.Zoneless, e.Dates, e.Fields); got != strings.Replace(strings.Replace(c.want, " ", " ", 1),
			"  ", " ", 1) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestMessageOfText has the description win over the message that is made of
// the provider's template.
func TestMessageOfText(t *testing.T) {
	iis := strings.NewReplacer("'P'", "'Microsoft-Windows-IIS-Configuration'", ">7<", ">50<", "'a'>b",
		"'ConfigPath'>X").Replace(xml)
	for desc, want := range map[string]string{"": "Changes have successfully been committed to 'X'.",
		"as copied\n": "as copied"} {
		var e event.Event
		in := head + "Description:\n" + desc + "Event Xml:\n" + iis
		if err := viewertext.New(record.NewScanner(strings.NewReader(in), record.UTF8),
			record.Options{}).Next(&e); err != nil {
			t.Fatal(err)
		}
		messages := strings.Count(fmt.Sprint(e.Fields), "{Message ")
		if e.Message != want || e.Rendered != (desc == "") || messages != 1 || e.OpCode != "Info" {
			t.Errorf("%q: %+v", desc, e)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(head + "Description:\nm\nEvent Xml:\n" + xml + "\n" + head))
	f.Add(
		[]byte("x\nEvent[0]:\n Log Name: a\n Source: b\n Event ID: 1\n Description:\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		rd := viewertext.New(record.NewScanner(bytes.NewReader(in), record.UTF8), record.Options{})
		past := int64(0)
		for {
			var e event.Event
			err := rd.Next(&e)
			var rej *record.Rejected
			at, n := e.Offset, int64(len(e.Raw))
			if errors.As(err, &rej) {
				at, n = rej.Offset, rej.Length
			} else if err != nil {
				break
			} else if !bytes.HasPrefix(in[at:], []byte(e.Raw)) {
				t.Fatalf("the event at %d is not there: %q", at, e.Raw)
			}
			if at < past || n <= 0 || at+n > int64(len(in)) {
				t.Fatalf("%d+%d after %d of %d", at, n, past, len(in))
			}
			past = at + n
		}
		whole := show(t, bytes.NewReader(in), record.Options{})
		if cut := show(t, iotest.OneByteReader(bytes.NewReader(in)), record.Options{}); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}
