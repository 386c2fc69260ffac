package blockscan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/eventstore/block"
	"escutcheon/eventstore/blockscan"
)

// fleet is a store of n events, of which one in twenty is a change of IIS.
func fleet(n int) (m *memory, size int) {
	m = newMemory()
	r := rand.New(rand.NewPCG(1, 2))
	var c block.Columns
	var raws []string
	bytes := 0
	for i := range n {
		host, kind := 1+r.Int64N(5000), int64(r.IntN(20)/19)
		text := fmt.Sprintf(`A new process has been created.\r\n\r\nCreator Subject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\t`+
			`Account Name:\t\tweb%05d$\r\n\r\nProcess Information:\r\n\tNew Process ID:\t\t0x%x\r\n\tNew `+
			`Process Name:\tC:\\Windows\\System32\\svchost%d.exe\r\n`, host, r.IntN(1<<16), r.IntN(500))
		if kind == 1 {
			text = fmt.Sprintf(`Changes to '/system.webServer/globalModules/add[@name=\"planted%d\"]' at `+
				`'MACHINE/WEBROOT/APPHOST' have successfully been committed.`, r.IntN(n/20))
		}
		raws = append(raws, fmt.Sprintf(`{"EventTime":"2025-12-01 00:%02d:%02d","Hostname":"web%05d.corp.example",`+
			`"RecordNumber":%d,"EventID":%d,"SourceModuleName":"in","Channel":"Security","Message":"%s","Padding":"%s"}`,
			i/60%60, i%60, host, i, 4688-4659*kind, text, strings.Repeat("as in any log ", 30)))
		bytes += len(raws[len(raws)-1])
		size += len(raws[len(raws)-1])
		c.Second, c.Nanos, c.Host = append(c.Second, int64(i)), append(c.Nanos, 0), append(c.Host, host)
		c.Channel, c.Provider = append(c.Channel, 1+kind), append(c.Provider, 1+kind)
		c.Code, c.Record, c.Event = append(c.Code, 4688-4659*kind), append(c.Record, int64(i)), append(c.Event, -1)
		if bytes >= 1<<20 || i == n-1 {
			m.add(&c, raws, 0)
			c, raws, bytes = block.Columns{}, nil, 0
		}
	}
	return m, size
}

// BenchmarkScan says what a scan of 50,000 events takes; MB are of the originals.
func BenchmarkScan(b *testing.B) {
	const events = 50_000
	m, size := fleet(events)
	for name, q := range map[string]asked{
		"a word":       {words: []string{"planted17"}},
		"inside words": {texts: []string{"lanted17"}},
		"by code":      {Query: blockscan.Query{Columns: block.CodeColumn}},
		"originals":    {Query: blockscan.Query{Originals: true}},
	} {
		b.Run(name, func(b *testing.B) {
			q.Find = block.NewFinder(q.words, q.texts)
			b.SetBytes(int64(size))
			rows := 0
			for b.Loop() {
				rows = 0
				counts := map[int64]int{}
				err := blockscan.Scan(b.Context(), m, q.Query, func(c *chunk) (func() error, error) {
					n := len(c.Rows)
					mine := map[int64]int{}
					if len(c.Columns.Code) > 0 {
						for _, row := range c.Rows {
							mine[c.Columns.Code[row]]++
						}
					}
					return func() error {
						for code, n := range mine {
							counts[code] += n
						}
						rows += n
						return nil
					}, nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows), "rows")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}
