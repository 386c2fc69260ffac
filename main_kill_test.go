package main_test

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
)

// kills is how many times an import is killed in each of the two ways.
const kills = 25

// evidence is a zip of logs that overlap, in several formats, with a torn one.
func evidence(t testing.TB) []byte {
	t.Helper()
	var records []logwriter.Record
	for r := range logwriter.Bulk(9000, 11) {
		records = append(records, *r)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, from, to int, form func([]byte, *logwriter.Record) []byte) {
		var data []byte
		for i := from; i < to; i++ {
			data = form(data, &records[i])
			if i%500 == 3 {
				data = append(data, "torn {\n"...)
			}
		}
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("a.xml", 0, 5000, func(d []byte, r *logwriter.Record) []byte {
		return append(logwriter.AppendXML(d, r, false),
			'\n')
	})
	add("b.json", 3000, 8000, func(d []byte, r *logwriter.Record) []byte {
		return append(logwriter.AppendNXLog(d, r, nil),
			'\n')
	})
	add("c.log", 4000, 9000, func(d []byte, r *logwriter.Record) []byte { return logwriter.AppendText(d, r, time.UTC) })
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// counts are the figures of an import's whole.
type counts struct{ read, new, duplicate, rejected int64 }

func total(list []imported) (c counts) {
	for _, i := range list {
		c.read, c.new, c.duplicate, c.rejected = c.read+i.Read, c.new+i.New, c.duplicate+i.Duplicate, c.rejected+i.Rejected
	}
	return c
}

// moment is a random time within the import of the evidence, which takes took.
func moment(r *rand.Rand, took time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(took)))
}

// sooner is for an import that was over before its moment came: how long one
// takes was measured while other tests ran beside it.
func sooner(took time.Duration) time.Duration { return max(took*7/8, 50*time.Millisecond) }

// TestKilledAnywhere kills imports at random moments, through the command line
// and through the server, some of them several times over; what they come to
// in the end is what an undisturbed import comes to.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute; run without -short")
	}
	t.Parallel()
	data := evidence(t)
	file := write(t, "evidence.zip", data)
	c := newCLI(t)
	began := time.Now()
	code, list := c.importJSON(nil, file)
	took := time.Since(began)
	want, wantTables := total(list), c.tables()
	if code != 3 || want.rejected != 30 || want.new != 9000 || want.read != 15000 {
		t.Fatalf("undisturbed: exit status %d, %+v", code, want)
	}
	for way, kill := range []func(*testing.T, *rand.Rand){
		func(t *testing.T, r *rand.Rand) { killCommands(t, r, file, took, want, wantTables) },
		func(t *testing.T, r *rand.Rand) { killServers(t, r, data, took, want, wantTables) },
	} {
		t.Run([]string{"command line", "server"}[way], func(t *testing.T) {
			t.Parallel()
			kill(t, rand.New(rand.NewPCG(uint64(began.UnixNano()), uint64(way))))
		})
	}
}

func killCommands(t *testing.T, r *rand.Rand, file string, took time.Duration, want counts, tables string) {
	for killed := 0; killed < kills; {
		c := newCLI(t)
		for n := 1 + r.IntN(4); n > 0; n-- {
			cmd := exec.Command(binary, "import", "--db", c.db, file)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(moment(r, took), func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait() // killed, or over already
			if timer.Stop(); cmd.ProcessState.ExitCode() >= 0 {
				took = sooner(took)
				break
			}
			killed++
		}
		code, list := c.importJSON(nil, file)
		if code != 3 {
			t.Fatalf("exit status %d: %+v", code, list)
		}
		same(t, c, list, want, tables)
	}
}

// same compares what an import came to with an undisturbed one. One that was
// over before it was imported once more has only duplicates.
func same(t *testing.T, c *cli, list []imported, want counts, tables string) {
	t.Helper()
	got := total(list)
	if got != want && got != (counts{want.read, 0, want.read, want.rejected}) {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if got := c.tables(); got != tables {
		t.Fatalf("the tables differ:\n%s", difference(got, tables))
	}
	// What a killed process left is removed once nobody can be writing it.
	left, err := filepath.Glob(filepath.Join(filepath.Dir(c.db), "*-spool", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if err := os.Chtimes(path, noon, noon); err != nil {
			t.Fatal(err)
		}
	}
	c.ok("import", write(t, "one.json", nxlog(change("web01", 1, noon, "/a"))))
	c.noSpool()
}

func killServers(t *testing.T, r *rand.Rand, data []byte, took time.Duration, want counts, tables string) {
	for killed := 0; killed < kills; {
		c := newCLI(t)
		s := serve(t, c.db)
		id := s.upload(t, "evidence.zip", bytes.NewReader(data))[0]
		for n := 1 + r.IntN(4); n > 0; n-- {
			timer := time.NewTimer(moment(r, took))
			<-timer.C
			over := true
			if i := s.status(t, id); i.Status == "queued" || i.Status == "running" {
				killed++
				over = false
			}
			s.kill()
			s = serve(t, c.db)
			if over {
				took = sooner(took)
				break
			}
		}
		i := s.wait(t, id)
		if i.Status != "done" || total([]imported{i}) != want {
			t.Errorf("%+v, want %+v\n%s", i, want, s.log)
		}
		if got := s.get(t, "/findings.csv") + s.get(t, "/risk.csv"); got != tables {
			t.Fatalf("the tables differ:\n%s", difference(got, tables))
		}
		s.kill()
	}
}
