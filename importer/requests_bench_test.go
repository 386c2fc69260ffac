package importer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// BenchmarkRequests measures the import of 300,000 lines of one site's log.
func BenchmarkRequests(b *testing.B) {
	const lines = 300_000
	at := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	log := logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, at, logwriter.W3CFields)
	for i := range lines {
		log = logwriter.AppendW3C(log, &logwriter.Request{Time: at.Add(time.Duration(i) * time.Second / 5),
			ServerIP: "10.0.0.5", Port: 443, Method: "GET", Stem: fmt.Sprintf("/app/page%d.aspx", i%5000),
			Query: fmt.Sprintf("id=%d", i*7919%100_000), Client: fmt.Sprintf("203.0.113.%d", i%250),
			Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Status: 200, Taken: int64(i % 900)}, logwriter.W3CFields)
	}
	path := filepath.Join(b.TempDir(), "u_ex260314.log")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		importOnce(b, path, lines)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(b.N*lines), "µs/line")
}
