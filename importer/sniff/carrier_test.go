package sniff_test

import (
	"bytes"
	"strings"
	"testing"

	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/importer/record"
	"escutcheon/importer/sniff"
)

// TestCarriers: a log that is found inside a file of another kind says of which.
func TestCarriers(t *testing.T) {
	const one = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>29</EventID>` +
		`<TimeCreated SystemTime="2025-12-06T19:43:11Z"/><Computer>web01</Computer></System></Event>`
	text := one + "\r\n" + one
	noise := strings.Repeat("\x00\x01\x02\x03", 2000)
	for _, c := range []struct{ name, in, want string }{
		{"the log", text, ""},
		{"a mark before it", "\uFEFF" + text, ""},
		{"pcap", "\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + text, "a packet capture (pcap)"},
		{"pcapng", "\x0a\x0d\x0d\x0a\x02\x00\x04\x00" + noise + text, "a packet capture (pcapng)"},
		{"memory", "PAGEDU64\x00" + noise + text, "a dump of a machine's memory"},
		{"text that begins as a hive does", "regf " + text, ""},
		{"a boot sector", strings.Repeat("\x00", 510) + "\x55\xaa" + text, "a disk image"},
		{"bytes", noise + text, "a binary file of another kind"},
		{"HTML", "<!DOCTYPE html><p>" + text, "an HTML page"},
		{"mail", "From: a@b.example\r\nMIME-Version: 1.0\r\n\r\n" + text, "an e-mail"},
	} {
		_, info, err := sniff.Open(strings.NewReader(c.in), record.Options{})
		if err != nil || info.Format == "" || info.Carrier != c.want {
			t.Errorf("%s: %q in %q: %v", c.name, info.Format, info.Carrier, err)
		}
	}
	_, info, err := sniff.Open(strings.NewReader("\xd4\xc3\xb2\xa1\x02\x00"+noise), record.Options{})
	if err == nil || info.Carrier != "" || !strings.Contains(err.Error(), "packet capture (pcap), and there is no") {
		t.Errorf("a capture without a log: %q %v", info.Carrier, err)
	}
}

// TestCarriedEVTX: chunks among other bytes have a carrier; a log whose header
// alone is damaged has none.
func TestCarriedEVTX(t *testing.T) {
	var l evtxtest.Log
	for i := range uint64(3) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: i, Computer: "h", ConfigPath: "MACHINE", Configuration: "/a"}))
	}
	log := l.End().Bytes()
	damaged := bytes.Clone(log)
	copy(damaged, make([]byte, 128))
	for _, c := range []struct {
		name string
		in   []byte
		want string
	}{
		{"whole", log, ""}, {"without its header", damaged, ""},
		{"in a capture", append([]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"+strings.Repeat("\x00", 60)), log...),
			"a packet capture (pcap)"},
		{"in bytes", append(bytes.Repeat([]byte{1, 2, 0}, 99), log...), "a binary file of another kind"},
	} {
		_, info, err := sniff.Open(bytes.NewReader(c.in), record.Options{})
		if err != nil || info.Format != sniff.EVTX || info.Carrier != c.want {
			t.Errorf("%s: %q in %q: %v", c.name, info.Format, info.Carrier, err)
		}
	}
}
