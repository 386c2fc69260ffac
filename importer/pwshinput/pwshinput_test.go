package pwshinput_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"escutcheon/event"
	"escutcheon/importer/pwshinput"
	"escutcheon/importer/record"
)

const schema = `Schema="Microsoft.IIs.PowerShell.Framework.ConfigurationElementSchema"`

func show(r io.Reader) string {
	rd := pwshinput.New(record.NewScanner(r, record.UTF8), record.Options{Computer: "web01"})
	var b strings.Builder
	for {
		var e event.Event
		err := rd.Next(&e)
		var rej *record.Rejected
		switch {
		case err == nil:
			fmt.Fprintln(&b, e.Offset, e.EventCode, e.HasTime, e.Computer, e.Fields[1:])
		case errors.As(err, &rej):
			fmt.Fprintf(&b, "%d+%d rejected %s\n", rej.Offset, rej.Length, strings.Join(strings.Fields(rej.Reason)[:5], " "))
		case err == io.EOF:
			return b.String()
		default:
			return b.String() + err.Error() + "\n"
		}
	}
}

func TestReader(t *testing.T) {
	const module = schema + "\nname=\"Odd\"\nimage=\"%windir%\\a \"b\" c.dll\"\nnote=\"two\nlines\"\n"
	const fields = " -1 false web01 [{name Odd} {image %windir%\\a \"b\" c.dll} {note two\nlines} {sourcetype Pwsh:InstalledIISModules} {ComputerName web01}]\n"
	for _, c := range []struct{ name, in, want string }{
		{"one", module, "0" + fields},
		{"two", module + "\n" + module, "0" + fields + "129" + fields},
		{"the first line", schema, "0 -1 false web01 [{sourcetype Pwsh:InstalledIISModules} {ComputerName web01}]\n"},
		{"CRLF", strings.ReplaceAll(module, "\n", "\r\n"), "0" + strings.ReplaceAll(fields, "two\n", "two\r\n")},
		{"cut", module + module[:90], "0" + fields + "128+90 rejected This module is cut short:\n"},
		{"damaged", schema + "\nhello\n" + module, "0+77 rejected This module is damaged: one\n" + "77" + fields},
		{"junk", "hello\n" + module, "0+6 rejected This text is not part\n" + "6" + fields},
	} {
		if got := show(strings.NewReader(c.in)); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
		if got := show(iotest.OneByteReader(strings.NewReader(c.in))); got != c.want {
			t.Errorf("%s by bytes:\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(schema + "\nname=\"Odd\"\n" + schema + "\nx"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := show(bytes.NewReader(in))
		if cut := show(iotest.OneByteReader(bytes.NewReader(in))); cut != whole {
			t.Fatalf("by bytes:\n%s, whole:\n%s", cut, whole)
		}
	})
}
