package consoletest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"
)

// Noon is when the records of small logs begin.
var Noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Change is an event 29 as a line of NXLog.
func Change(host string, number int64, at time.Time, path string) []byte {
	r := logwriter.IISChange(logwriter.Change{Path: path, Edit: logwriter.EditAdd, After: "x"})
	r.Computer, r.RecordNumber, r.Time, r.Sid = host, number, at, "S-1-5-18"
	return append(logwriter.AppendNXLog(nil, &r, nil), '\n')
}

// Bulk is n varied records as NXLog writes them.
func Bulk(n int) (out []byte) {
	for r := range logwriter.Bulk(n, 7) {
		out = append(logwriter.AppendNXLog(out, r, nil), '\n')
	}
	return out
}

// HostileHosts are names that a log may give a computer.
var HostileHosts = []string{"..", ".", "a/b", "a//b", "/", "//evil.example", "100%", "%2e%2e", "%2F", "a b", " ",
	"x?y=z", "x#y", "Übung.corp",
	`quo"te`, "it's", "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "a&amp;b", `back\slash`,
	"line\nend", "nul\x00", "\u202egnp.exe",
	"javascript:alert(1)", "=cmd|x", "findings.csv", "notes", "..;a=b", "a+b", "日本語", strings.Repeat("long", 200)}

// LoadHostile imports a log whose every host, module and field is hostile.
func LoadHostile(t testing.TB, s *Server) {
	t.Helper()
	var log []byte
	for i, h := range HostileHosts {
		log = append(log, Change(h, int64(i+1), Noon.Add(time.Duration(i)*time.Minute),
			`/system.webServer/globalModules/add[@name="`+h+`"]`)...)
	}
	if i := s.Load(t, `<b onclick="x">log.json`, log); i.Read != int64(len(HostileHosts)) {
		t.Fatalf("%+v", i)
	}
}

// EventXML is n events 29 of a host, which name everything.
func EventXML(host string, n int) (out []byte) {
	for i := range n {
		r := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf("/x%d", i), Edit: logwriter.EditAdd, After: "x"})
		r.Computer, r.RecordNumber, r.Time = host, int64(i+1), Noon
		out = append(logwriter.AppendXML(out, &r, true), '\n')
	}
	return out
}

// SplunkText is n events 29 of a host as classic Splunk text, which names no zone.
func SplunkText(host string, n int, at time.Time) (out []byte) {
	for i := range n {
		r := logwriter.IISChange(logwriter.Change{Path: fmt.Sprintf("/p%d", i), Edit: logwriter.EditAdd, After: "x"})
		r.Computer, r.RecordNumber, r.Time = host, int64(i+1), at.Add(time.Duration(i)*time.Minute)
		out = logwriter.AppendText(out, &r, nil)
	}
	return out
}

// ViewerCSV is events as Event Viewer exports them: no zone, no computer, and
// dates that may be read in two ways.
func ViewerCSV(dates ...string) []byte {
	out := "Level,Date and Time,Source,Event ID,Task Category\r\n"
	for i, d := range dates {
		out += fmt.Sprintf("Information,%s,Microsoft-Windows-IIS-Configuration,29,None,\"Changes to '/v%d' at "+
			"'MACHINE/WEBROOT/APPHOST' have successfully been committed.\"\r\n", d, i)
	}
	return []byte(out)
}

// Many is a log of findings on several hosts, some with equal times and counts.
func Many(findings, hosts int) (log []byte) {
	for i := range findings {
		for n := range 1 + i%3 {
			log = append(log, Change(fmt.Sprintf("web%03d", i%hosts), int64(i*3+n), Noon.Add(time.Duration(i/4)*time.Minute),
				fmt.Sprintf("/p%d", i))...)
		}
	}
	return log
}

func Zipped(t testing.TB, files ...File) []byte {
	t.Helper()
	return ZippedAt(t, time.Time{}, files...)
}

// ZippedAt is Zipped of files that were written at a time.
func ZippedAt(t testing.TB, at time.Time, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
		if err == nil {
			_, err = w.Write(f.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Locked is a zip with one file under the old encryption of PKWARE.
func Locked(t testing.TB, password string, f File) []byte {
	t.Helper()
	k := [3]uint32{0x12345678, 0x23456789, 0x34567890}
	step := func(crc uint32, b byte) uint32 { return crc32.IEEETable[byte(crc)^b] ^ crc>>8 }
	update := func(b byte) {
		k[0] = step(k[0], b)
		k[1] = (k[1]+k[0]&0xff)*134775813 + 1
		k[2] = step(k[2], byte(k[1]>>24))
	}
	for _, b := range []byte(password) {
		update(b)
	}
	sum := crc32.ChecksumIEEE(f.Data)
	var out []byte
	for _, b := range append([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, byte(sum >> 24)}, f.Data...) {
		v := k[2] | 2
		out = append(out, b^byte(v*(v^1)>>8))
		update(b)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: f.Name, Method: zip.Store, Flags: 1, CRC32: sum,
		CompressedSize64: uint64(len(out)), UncompressedSize64: uint64(len(f.Data))})
	if err == nil {
		_, err = w.Write(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	SeedID   = detection.SeedID
	AppcmdID = "38fe731c-1f13-43d4-b878-a5bbe44807e3"
)

// Appcmd is a process creation that installs a module, as a line of NXLog.
func Appcmd(host, user string, number int64, at time.Time, module string) []byte {
	r := logwriter.ProcessStart("S-1-5-21-1", "CORP", user, "0x2f1c", `C:\Windows\System32\inetsrv\appcmd.exe`,
		`appcmd.exe install module /name:"`+module+`" /image:C:\x.dll`, `C:\Windows\System32\cmd.exe`)
	r.Computer, r.RecordNumber, r.Time = host, number, at
	return append(logwriter.AppendNXLog(nil, &r, nil), '\n')
}

// LoadRisk imports a host's story of two rules.
func LoadRisk(t testing.TB, s *Server) {
	t.Helper()
	var log []byte
	for i := range 4 {
		log = append(log, Appcmd("web01", "svc_deploy", int64(i+1), Noon.Add(time.Duration(i)*time.Hour),
			fmt.Sprintf("M*%d", i))...)
		log = append(log, Change("web01", int64(i+101), Noon.Add(time.Duration(i)*time.Hour), fmt.Sprintf("/p%d", i))...)
	}
	log = append(log, Appcmd("web02", "anna", 1, Noon, "Other")...)
	s.Load(t, "story.json", log)
}

func RuleFile(id, name, search string) detection.SourceFile {
	return detection.SourceFile{Path: "loaded/" + name + ".yml", Kind: detection.RuleFile,
		Content: fmt.Appendf(nil, "name: %s\nid: %s\nversion: 1\ntype: TTP\nsearch: %q\n", name, id, search)}
}

func Gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
