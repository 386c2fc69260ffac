package search_test

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/detection/spl"
	"escutcheon/search"
)

// benched are searches, and the same questions to DuckDB over its table of the log.
var benched = []struct{ name, spl, sql string }{
	{"word", `planted123`, `select * from e where Message like '%planted123%'`},
	{"by EventCode", `* | stats count by EventCode`, `select EventID, count(*) from e group by 1`},
	{"by NewProcessName", `* | stats count by NewProcessName`, `select NewProcessName, count(*) from e group by 1`},
	{"seed", `sourcetype="IIS:Configuration:Operational" EventCode=29 | stats count min(_time) as firstTime ` +
		`max(_time) as lastTime by OpCode EventCode ComputerName Message`,
		`select Hostname, Message, count(*), min(EventTime), max(EventTime) from e where EventID = 29 group by 1, 2`},
	{"timechart", `* | timechart count`, `select date_trunc('day', EventTime), count(*) from e group by 1`},
}

// BenchmarkSearch says how long searches take over an NXLog file, ESCUTCHEON_FLEET or
// ESCUTCHEON_EVENTS (50,000) varied events: the whole answer, and the first of the
// newest rows. With ESCUTCHEON_DUCKDB, a folder in which npm installed
// @duckdb/node-api, duck-ms is what DuckDB takes with two threads.
func BenchmarkSearch(b *testing.B) {
	path := os.Getenv("ESCUTCHEON_FLEET")
	if path == "" {
		n, err := strconv.Atoi(cmp.Or(os.Getenv("ESCUTCHEON_EVENTS"), "50000"))
		if err != nil {
			b.Fatal(err)
		}
		var log []byte
		for r := range logwriter.Bulk(n, 1) {
			log = append(logwriter.AppendNXLog(log, r, nil), '\n')
		}
		path = filepath.Join(b.TempDir(), "x.ndjson")
		if err := os.WriteFile(path, log, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	h := newHouse(b, path)
	duck := duckTimes(b, path)
	for _, x := range benched {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			var all []float64
			for b.Loop() {
				began := time.Now()
				h.runs(x.spl, nil)
				all = append(all, time.Since(began).Seconds()*1000)
			}
			slices.Sort(all)
			b.ReportMetric(all[len(all)/2], "p50-ms")
			if ms, ok := duck[x.name]; ok {
				b.ReportMetric(ms, "duck-ms")
			}
		})
	}
	b.Run("first rows", func(b *testing.B) {
		for b.Loop() {
			n := 0
			h.runs(`*`, func(spl.Found) bool {
				n++
				return n < 100
			})
		}
	})
}

func (h *house) runs(text string, each func(spl.Found) bool) {
	s, err := h.Prepare(text, time.Time{})
	if err == nil {
		_, err = s.Run(ctx, search.Range{}, nil, each)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

const duckScript = `
import { DuckDBInstance } from '@duckdb/node-api';
const [file, out, asked] = process.argv.slice(1);
const db = await DuckDBInstance.create(out, { threads: '2' }), c = await db.connect();
await c.run("create table e as select * from read_json('" + file + "', format='newline_delimited', " +
  "union_by_name=true, maximum_object_size=16777216, sample_size=-1)");
await c.run('checkpoint');
const took = {};
for (const [name, sql] of JSON.parse(asked)) {
  const all = [];
  for (let i = 0; i < 5; i++) {
    const began = process.hrtime.bigint();
    await c.runAndReadAll(sql);
    all.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  took[name] = all.sort((a, b) => a - b)[2];
}
console.log(JSON.stringify(took));
`

// duckTimes are medians in milliseconds, none without DuckDB.
func duckTimes(b *testing.B, file string) (took map[string]float64) {
	dir := os.Getenv("ESCUTCHEON_DUCKDB")
	if dir == "" {
		return nil
	}
	var asked [][2]string
	for _, x := range benched {
		asked = append(asked, [2]string{x.name, x.sql})
	}
	text, err := json.Marshal(asked)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("node", "--input-type=module", "-e", duckScript, "--", file,
		filepath.Join(b.TempDir(), "x.duckdb"), string(text))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		err = json.Unmarshal(out, &took)
	}
	if err != nil {
		b.Fatalf("DuckDB: %v: %s", err, out)
	}
	return took
}
