package inner_test

import (
	"strings"
	"testing"

	"escutcheon/event"
	"escutcheon/importer/inner"
	"escutcheon/importer/record"
)

func TestOne(t *testing.T) {
	const xml = "<Event xmlns='x'><System><Provider Name='P'/><EventID>7</EventID><Computer>web01</Computer></System></Event>"
	for _, c := range []struct{ name, in, reason, want string }{
		{"XML", xml, "", "P web01"},
		{"XML, pasted", "\uFEFF\n- " + strings.ReplaceAll(xml, "<System>", "\n- <System>"), "", "P web01"},
		{"XML, declared", "<?xml version='1.0'?>\n" + xml, "", "P web01"},
		{"text", "06/01/2026 09:00:00 AM\nLogName=L\nEventCode=7\nSourceName=P\nMessage=m", "", "P asked"},
		{"text without a date", "LogName=L\nEventCode=7\nSourceName=P\nComputerName=web01", "", "P web01"},
		{"a module", "Schema=\"Microsoft.IIs.PowerShell.Framework.X\"\nname=\"a\"", "", " asked"},
		{"XML, cut", xml[:40], "This event is cut short", ""},
		{"XML of something else", "<a/>", "not part of an event", ""},
		{"text without a code", "LogName=L\nMessage=m", "has no EventCode", ""},
		{"anything", "hello", inner.ReasonNone, ""},
		{"nothing", "", inner.ReasonNone, ""},
	} {
		var e event.Event
		reason := inner.One(c.in, record.Options{Computer: "asked"}, &e)
		if c.reason == "" && (reason != "" || e.Provider+" "+e.Computer != c.want) || !strings.Contains(reason, c.reason) {
			t.Errorf("%s: %q %+v", c.name, reason, e)
		}
	}
}
