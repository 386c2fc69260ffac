package main_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const accepted = "Escutcheon reads Windows event logs"

// TestNoLog: a file that is no log fails with a sentence that says what it is
// and what is read, and leaves nothing behind.
func TestNoLog(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, "empty"},
		{"png", append([]byte("\x89PNG\r\n\x1a\n"), noise...), "PNG image"},
		{"pdf", append([]byte("%PDF-1.7\n"), noise...), "PDF document"},
		{"nuls", make([]byte, 1<<20), "zero bytes"},
		{"white space", bytes.Repeat([]byte(" \r\n\t"), 1<<16), "white space"},
		{"noise", noise, "binary"},
		{"text", []byte(strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 5000)), "plain text"},
		{"html", []byte("<!DOCTYPE html><title>x</title>"), "HTML"},
		{"json", []byte(strings.Repeat(`{"a":1,"b":[1,2,3]}`+"\n", 1000)), "JSON"},
		{"csv", []byte("name,amount,city\r\nx,1,y\r\n"), "CSV"},
		{"gzip of text", gzipped([]byte("nothing to see here\n")), "plain text"},
		{"gzip of nothing", gzipped(nil), ""},
		{"gzip in gzip", gzipped(gzipped(nxlog(change("web01", 1, noon, "/a")))), ""},
		{"half a gzip header", []byte("\x1f\x8b\x08"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := newCLI(t)
			code, got := cl.importJSON(nil, write(t, "x.log", c.data))
			if code != 1 || len(got) != 1 || got[0].Status != "failed" || got[0].Read != 0 {
				t.Fatalf("exit status %d, %+v; want 1 and failed", code, got)
			}
			if got[0].SHA256 != sha256Of(c.data) {
				t.Errorf("SHA-256 %s, want %s", got[0].SHA256, sha256Of(c.data))
			}
			if !strings.Contains(got[0].Reason, c.says) || c.says != "" && !strings.Contains(got[0].Reason, accepted) {
				t.Errorf("reason %q; want %q and what is accepted", got[0].Reason, c.says)
			}
			if r := rows(t, cl.ok("findings", "--format", "csv")); len(r) != 1 {
				t.Errorf("findings %q", r)
			}
		})
	}
}

func gzipped(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// TestTruncatedGzip: what is whole is kept and counted; the whole file then
// adds the rest and counts nothing twice.
func TestTruncatedGzip(t *testing.T) {
	const events = 20000
	t.Parallel()
	whole := gzipped(bulk(events))
	want := undisturbed(t, events)
	for _, cut := range []int{len(whole) / 2, len(whole) - 1, len(whole) - 8} {
		c := newCLI(t)
		code, got := c.importJSON(nil, write(t, "cut.gz", whole[:cut]))
		first := got[0]
		if code != 1 || first.Status != "failed" || first.New == 0 || first.Read != first.New ||
			!strings.Contains(first.Reason, "whole") {
			t.Errorf("cut at %d: exit status %d, %+v", cut, code, first)
		}
		code, got = c.importJSON(nil, write(t, "whole.gz", whole))
		if second := got[0]; code != 0 || second.Read != events || second.Duplicate != first.New ||
			second.New != events-first.New {
			t.Errorf("whole after a cut at %d: exit status %d, %+v; %d were in already", cut, code, second, first.New)
		}
		if c.tables() != want {
			t.Errorf("cut at %d: the tables differ from those of one import", cut)
		}
	}
}

// TestFilesLeftAlone: an import reads a file where it lies and does not change it.
func TestFilesLeftAlone(t *testing.T) {
	data := nxlog(change("web01", 1, noon, "/a"))
	path := write(t, "a.json", data)
	c := newCLI(t)
	c.ok("import", path)
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, data) {
		t.Errorf("the file has changed: %q, %v", now, err)
	}
	c.noSpool()
}

// repeat yields head, then n bytes of the same part again and again.
type repeat struct {
	head, part string
	n          int64
	at         int
}

func (r *repeat) Read(p []byte) (n int, err error) {
	if r.head != "" {
		n = copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	if r.n <= 0 {
		return 0, io.EOF
	}
	for n < len(p) && r.n > 0 {
		m := copy(p[n:min(len(p), n+int(r.n))], r.part[r.at:])
		r.at = (r.at + m) % len(r.part)
		n, r.n = n+m, r.n-int64(m)
	}
	return n, nil
}

// TestSamples: every complete event is read, none merged or split.
func TestSamples(t *testing.T) {
	root := sharedDir(t, "samples")
	for _, f := range []struct {
		name           string
		read, rejected int64
	}{
		{"a-splunk-classic-text/blank-line-between-headers-critical.txt", 1, 0},
		{"a-splunk-classic-text/cribl-lf-only.txt", 9, 0},
		{"a-splunk-classic-text/date-key-variant-head.txt", 1, 0},
		{"a-splunk-classic-text/gitbook-powershell-4103-4104-verbose.txt", 2, 0},
		{"a-splunk-classic-text/no-date-line-wmi5859-and-kringlecon4103-heads.txt", 2, 0},
		{"a-splunk-classic-text/sysmon-millisecond-date-heads.txt", 1, 0},
		{"b-splunk-xml/cloudwatch-agent-7036-renderinginfo.xml", 1, 0},
		{"b-splunk-xml/escu-data_sources-oneline.xml.log", 27, 0},
		{"b-splunk-xml/renderinginfo-concatenated-no-separator.xml", 2, 0},
		{"e-winlogbeat/sekoia-winlogbeat.ndjson", 20, 0},
		{"f-nxlog-json/sekoia-nxlog-2.ndjson", 9, 0},
		{"f-nxlog-json/sekoia-nxlog-pretty-multiline.json", 1, 1},
		{"event29/sqeye-blog-event29.xml", 1, 0},
	} {
		c := newCLI(t)
		code, got := c.importJSON(nil, filepath.Join(root, f.name))
		wantCode := 0
		if f.rejected > 0 {
			wantCode = 3
		}
		if code != wantCode || len(got) != 1 || got[0].Read != f.read || got[0].Rejected != f.rejected ||
			got[0].Read != got[0].New+got[0].Duplicate {
			t.Errorf("%s: exit status %d, %+v; want read %d, rejected %d", f.name, code, got, f.read, f.rejected)
		}
	}
}

// sharedDir is a folder of the reference material, which lies beside the
// project; a test that needs it is skipped where it is absent.
func sharedDir(t testing.TB, name string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "shared", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the reference material is not beside the project: %v", err)
	}
	return dir
}
