package sniff

import (
	"bytes"

	"escutcheon/importer/evtxlog"
	"escutcheon/importer/record"
)

// carriers are kinds of file that are no logs, and in which logs are found:
// what stands at an offset, and what such a file is called.
var carriers = []struct {
	at          int
	start, what string
}{
	{0, "\xd4\xc3\xb2\xa1", "a packet capture (pcap)"},
	{0, "\xa1\xb2\xc3\xd4", "a packet capture (pcap)"},
	{0, "\x4d\x3c\xb2\xa1", "a packet capture (pcap)"},
	{0, "\xa1\xb2\x3c\x4d", "a packet capture (pcap)"},
	{0, "\x0a\x0d\x0d\x0a", "a packet capture (pcapng)"},
	{0, "snoop\x00\x00\x00", "a packet capture (snoop)"},
	{0, "GMBU", "a packet capture (Network Monitor)"},
	{0, "MDMP", "a dump of a process's memory"},
	{0, "PAGEDU64", "a dump of a machine's memory"},
	{0, "PAGEDUMP", "a dump of a machine's memory"},
	{0, "EMiL", "a dump of a machine's memory (LiME)"},
	{0, "hibr", "a hibernation file"},
	{0, "HIBR", "a hibernation file"},
	{0, "regf", "a registry hive"},
	{4, "\xef\xcd\xab\x89", "an ESE database"},
	{0, "EVF\x09\x0d\x0a\xff\x00", "a disk image (E01)"},
	{0, "vhdxfile", "a disk image (VHDX)"},
	{0, "conectix", "a disk image (VHD)"},
	{0, "KDMV", "a disk image (VMDK)"},
	{0, "QFI\xfb", "a disk image (QCOW)"},
	{3, "NTFS    ", "an image of an NTFS volume"},
	{510, "\x55\xaa", "a disk image"}, // the mark behind a boot sector
}

// otherBytes is a carrier whose kind is not known.
const otherBytes = "a binary file of another kind"

// carrierOf names the kind of a file that begins with head; "" where it is none
// of carriers. Text may begin as some of them do.
func carrierOf(head []byte) string {
	if bytes.IndexFunc(head[:min(len(head), 512)], notText) < 0 {
		return ""
	}
	for _, c := range carriers {
		if len(head) >= c.at && bytes.HasPrefix(head[c.at:], []byte(c.start)) {
			return c.what
		}
	}
	return ""
}

// carrier says in what a log was found that begins somewhere in head; "" when
// the file is the log.
func carrier(head []byte, f Format, enc record.Encoding) string {
	if f == EVTX {
		switch what := carrierOf(head); {
		case evtxlog.Is(head), what == "" && evtxlog.InPlace(head): // the file's header alone is damaged
			return ""
		default:
			return or(what, otherBytes)
		}
	}
	text := decoded(head, enc)
	if enc == record.UTF8 || enc == record.Windows1252 {
		if what := carrierOf(head); what != "" || binary(text) {
			return or(what, otherBytes)
		}
	}
	return document(text)
}

// document says what kind of document quotes a log.
func document(text []byte) string {
	start := bytes.TrimSpace(bytes.TrimPrefix(text[:min(len(text), 1024)], []byte("\uFEFF")))
	lower := bytes.ToLower(start)
	switch {
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(lower, []byte(`{\rtf`)):
		return "an RTF document"
	case bytes.HasPrefix(lower, []byte("mime-version:")), bytes.Contains(lower, []byte("\nmime-version:")):
		return "an e-mail"
	}
	return ""
}

func or(what, otherwise string) string {
	if what == "" {
		return otherwise
	}
	return what
}
