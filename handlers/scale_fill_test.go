package handlers_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"
	"time"

	"escutcheon/csvsafe"
	"escutcheon/detection"
	"escutcheon/internal/consoletest"
)

// fillScale puts hosts and findings with their risk into a database that serves:
// two weeks up to three days ago, so that most hosts have risk that counts now.
func fillScale(b *testing.B, path string, now time.Time) {
	plain, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)")
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	tx, err := plain.BeginTx(context.Background(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing, after the commit
	stmt := func(q string) func(args ...any) {
		st, err := tx.PrepareContext(context.Background(), q)
		if err != nil {
			b.Fatal(err)
		}
		return func(args ...any) {
			if _, err := st.ExecContext(context.Background(), args...); err != nil {
				b.Fatal(err)
			}
		}
	}
	host := stmt(`INSERT INTO host (id, dest, spelling, first, last, events) VALUES (?1, ?2, ?2, ?3, ?4, 1000)`)
	finding := stmt(`INSERT INTO finding (id, key, rule_id, dest, by_key, state, row, sort, verdict, count, first, last,
		change) VALUES (?, ?, ?, ?, '[]', ?, ?, ?, ?, ?, ?, ?, ?)`)
	risk := stmt(`INSERT INTO risk_event (finding_id, start, object_type, object, rule_id, score, message, count, second)
		VALUES (?, ?, ?, ?, ?, 50, ?, 1, ?)`)
	threat := stmt(`INSERT INTO threat_object (finding_id, start, type, value) VALUES (?, ?, 'process_name', ?)`)
	r := rand.New(rand.NewPCG(1, 2))
	end := now.Unix() - 3*24*3600
	dest := func(n int) string { return fmt.Sprintf("web%05d.corp.example", n) }
	for n := range scaleHosts {
		host(100_000+n, dest(n), end-14*24*3600, end-r.Int64N(7*24*3600))
	}
	rules := []string{detection.SeedID, detection.SeedID, detection.SeedID, consoletest.AppcmdID}
	state := `{"n":7,"a":1764000000000000000,"z":1764000000000000000}`
	for n := range scaleFindings {
		of := r.IntN(scaleHosts)
		if n%2 == 0 {
			of = min(scaleHosts-1, int(1/(0.0002+r.Float64()))-1)
		}
		id, rule, kind := 100_000+n, rules[r.IntN(len(rules))], detection.OtherChange
		what := fmt.Sprintf("applicationPools/add[@name=\"Pool%d\"]/recycling/periodicRestart/@time", n)
		if n%10 == 0 {
			kind, what = detection.ModuleAdded, fmt.Sprintf("globalModules/add[@name=\"planted%d\"]", n%1000)
		}
		at := end - r.Int64N(14*24*3600)
		row := []string{"Info", "29", dest(of), "Changes to '/system.webServer/" + what +
			"' at 'MACHINE/WEBROOT/APPHOST' have successfully been committed.", "7", "2025-12-01T00:00:00",
			"2025-12-02T00:00:00"}
		cells, _ := json.Marshal(row)
		var key []byte
		for _, c := range row {
			key = append(append(key, csvsafe.Cell(c)...), 0, 1)
		}
		verdict := 0
		if n%50 == 0 {
			verdict = 1
		}
		finding(id, fmt.Sprintf("%032x", n), rule, dest(of), state, string(cells), key, verdict, 7, at, at+7200, kind)
		for w := range int64(3) {
			second := at + w*3600
			risk(id, detection.WindowOf(second).Start, "system", dest(of), rule,
				"A new IIS module or configuration on "+dest(of), second)
			if rule == consoletest.AppcmdID {
				start := detection.WindowOf(second).Start
				risk(id, start, "user", fmt.Sprintf("user%d", of%2000), rule, "A module was installed by appcmd", second)
				threat(id, start, "appcmd.exe")
				threat(id, start, fmt.Sprintf("%d.exe", id))
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// loadScale imports what fillScale has none of: a log, one of which much is
// rejected, an archive of many members, and a host's many notes.
func loadScale(b *testing.B, s *consoletest.Server) {
	s.Load(b, "bench.json", benchLog())
	var bad, members = benchLog()[:1<<16], []consoletest.File(nil)
	for n := range 3000 {
		bad = append(bad, fmt.Sprintf("{\"a\": %d}\n", n)...)
		members = append(members, consoletest.Log(fmt.Sprintf("C/Windows/System32/winevt/Logs/member%04d.json", n),
			consoletest.Change(fmt.Sprintf("zip%03d.corp.example", n%300), int64(n+1), consoletest.Noon,
				fmt.Sprintf("/z%d", n))))
	}
	s.Load(b, "rejected.json", bad)
	s.Load(b, "members.zip", consoletest.Zipped(b, members...))
	for n := range 300 {
		a := s.Post(b, "/hosts/srv000.corp.example/notes", url.Values{"author": {"anna"},
			"text": {fmt.Sprintf("Note %d: the module was **signed** by `%x`, see the ticket.", n, n)}})
		if a.Status != http.StatusSeeOther {
			b.Fatal(a)
		}
	}
}

// scaledUpTo is the second at which a database was last brought up to date.
func scaledUpTo(b *testing.B, path string) (at int64) {
	plain, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err == nil {
		err = plain.QueryRowContext(context.Background(), `SELECT since FROM risk_clock`).Scan(&at)
		err = errors.Join(err, plain.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
	return at
}
