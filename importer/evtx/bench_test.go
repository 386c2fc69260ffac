package evtx_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"escutcheon/importer/evtx"
)

// bigFile writes a log of at least 100 MB once: chunks of real logs, where
// there are any, and our own, over and over.
var bigFile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "evtx")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "big.evtx")
	var chunks [][]byte
	logs, _ := filepath.Glob("../../../shared/samples/evtx/*.evtx")
	for _, log := range logs {
		b, err := os.ReadFile(log)
		if err != nil {
			return "", err
		}
		for at := 4096; at+65536 <= len(b); at += 65536 {
			if bytes.HasPrefix(b[at:], []byte("ElfChnk\x00")) {
				chunks = append(chunks, b[at:at+65536])
			}
		}
	}
	own := benchLog()
	for at := 4096; at+65536 <= len(own); at += 65536 {
		chunks = append(chunks, own[at:at+65536])
	}
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.Write(own[:4096]); err != nil {
		return "", err
	}
	for n := 0; n < 120<<20; n += 65536 {
		if _, err := f.Write(chunks[n/65536%len(chunks)]); err != nil {
			return "", err
		}
	}
	return name, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if made {
		if name, err := bigFile(); err == nil {
			os.RemoveAll(filepath.Dir(name))
		}
	}
	os.Exit(code)
}

var made bool

// BenchmarkRatios compares, in alternating runs over one file, reading it with
// its checksums to decoding every field, with one worker and with two, and to
// writing all XML. The medians are reported as ratios.
func BenchmarkRatios(b *testing.B) {
	made = true
	name, err := bigFile()
	if err != nil {
		b.Fatal(err)
	}
	runs := []struct {
		name string
		run  func(*os.File) (int, error)
		took []time.Duration
	}{
		{name: "read", run: readOnly}, {name: "decode", run: decodeOnce},
		{name: "decode2", run: func(f *os.File) (int, error) { return decodeParallel(f, 2) }},
		{name: "xml", run: xmlOnce},
	}
	events := 0
	for b.Loop() {
		for range 9 {
			for i := range runs {
				f, err := os.Open(name)
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				n, err := runs[i].run(f)
				if err != nil {
					b.Fatal(err)
				}
				runs[i].took = append(runs[i].took, time.Since(start))
				f.Close()
				if i == 1 {
					events = n
				} else if i > 1 && n != events {
					b.Fatalf("%s: %d events, not %d", runs[i].name, n, events)
				}
			}
		}
	}
	median := func(i int) float64 {
		slices.Sort(runs[i].took)
		return runs[i].took[len(runs[i].took)/2].Seconds()
	}
	b.ReportMetric(median(1)/median(0), "decode/read")
	b.ReportMetric(median(1)/median(2), "one/two-workers")
	b.ReportMetric((median(3)-median(0))/(median(1)-median(0)), "xml/decode")
	b.ReportMetric(float64(events)/median(1), "events/s")
	b.ReportMetric(median(0)*1e3, "read-ms")
	b.ReportMetric(median(1)*1e3, "decode-ms")
}

func readOnly(f *os.File) (int, error) {
	buf := make([]byte, 65536)
	if _, err := io.ReadFull(f, buf[:4096]); err != nil {
		return 0, err
	}
	for {
		if _, err := io.ReadFull(f, buf); err != nil {
			return 0, nil
		}
		free := min(max(int(buf[0x30])|int(buf[0x31])<<8|int(buf[0x32])<<16, 512), 65536)
		sum := crc32.ChecksumIEEE(buf[512:free])
		sink += int(sum) + int(crc32.Update(crc32.ChecksumIEEE(buf[:120]), crc32.IEEETable, buf[128:512]))
	}
}

var sink int

func decodeOnce(f *os.File) (n int, err error) {
	var text []byte
	for r, err := range evtx.Records(f) {
		if r == nil {
			if _, ok := err.(*evtx.Skip); ok {
				continue
			}
			return n, err
		}
		n++
		text = everything(text[:0], r)
	}
	return n, nil
}

// everything makes the text of every field.
func everything(text []byte, r *evtx.Record) []byte {
	for f := evtx.ProviderName; f <= evtx.UserID; f++ {
		text = r.System.Value(f).AppendText(text)
	}
	for i := range r.Fields {
		text = r.Fields[i].Value.AppendText(append(text, r.Fields[i].Name...))
	}
	return text
}

func decodeParallel(f *os.File, workers int) (n int, err error) {
	cr, err := evtx.NewChunkReader(f)
	if err != nil {
		return 0, err
	}
	err = evtx.Parallel(context.Background(), cr, workers, func(d *evtx.Decoder, c *evtx.Chunk) (int, error) {
		var buf [4096]byte
		n := 0
		for r := range d.Records(c) {
			if r != nil {
				n++
				everything(buf[:0], r)
			}
		}
		return n, nil
	}, func(m int) error { n += m; return nil })
	return n, err
}

func xmlOnce(f *os.File) (n int, err error) {
	var text []byte
	for r := range evtx.Records(f) {
		if r != nil {
			n++
			if text, err = r.AppendXML(text[:0]); err != nil {
				return n, fmt.Errorf("record %d: %w", r.ID, err)
			}
		}
	}
	return n, nil
}

// BenchmarkDecode is for profiles.
func BenchmarkDecode(b *testing.B) {
	made = true
	name, err := bigFile()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		if n, err = decodeOnce(f); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	b.ReportMetric(float64(n), "events/op")
}
