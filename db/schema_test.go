package db_test

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write db/schema anew, up to the newest migration")

// TestSchema: what a new database is made of at once is what the migrations make, in the same
// order, up to the one that it is named after.
func TestSchema(t *testing.T) {
	files := migrations(t)
	if *update {
		old, _ := filepath.Glob("schema/*.sql")
		for _, name := range old {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		text := "-- What the migrations make of an empty database: go test ./db -run TestSchema -update\n" +
			dump(t, run(t, files...))
		name := filepath.Join("schema", filepath.Base(files[len(files)-1]))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := filepath.Glob("schema/*.sql")
	if err != nil || len(made) != 1 {
		t.Fatal(made, err)
	}
	upTo := 0
	for i, name := range files {
		if filepath.Base(name) == filepath.Base(made[0]) {
			upTo = i + 1
		}
	}
	want, got := dump(t, run(t, files[:upTo]...)), dump(t, run(t, made[0]))
	if upTo == 0 || got != want {
		t.Errorf("%s makes\n%s\nwhere the migrations make\n%s", made[0], got, want)
	}
}

// run is a database in which the files' statements were run.
func run(t *testing.T, files ...string) *sql.DB {
	t.Helper()
	q, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	q.SetMaxOpenConns(1) // another one would have a memory of its own
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Exec(string(text)); err != nil {
			t.Fatal(file, err)
		}
	}
	return q
}

// dump are the statements that make what a database has and what its tables hold, but for
// the tables that are dropped once nothing is left to take over from them.
func dump(t *testing.T, q *sql.DB) string {
	t.Helper()
	var out, rows strings.Builder
	for _, made := range cells(t, q, 3, `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL
		AND tbl_name NOT GLOB 'old_*' AND name NOT GLOB 'sqlite_*' ORDER BY rowid`) {
		fmt.Fprintf(&out, "%s;\n", made[2])
		if made[0] != "table" {
			continue
		}
		quoted := cells(t, q, 1, `SELECT group_concat('quote(' || name || ')', ', ') FROM pragma_table_info(?)`, made[1])
		columns := quoted[0][0]
		for _, row := range cells(t, q, strings.Count(columns, ",")+1, `SELECT `+columns+` FROM `+made[1]) {
			fmt.Fprintf(&rows, "INSERT INTO %s VALUES (%s);\n", made[1], strings.Join(row, ", "))
		}
	}
	return out.String() + rows.String()
}

// cells are what a query of n columns gives.
func cells(t *testing.T, q *sql.DB, n int, query string, args ...any) (out [][]string) {
	t.Helper()
	rows, err := q.Query(query, args...)
	if err != nil {
		t.Fatal(query, err)
	}
	defer rows.Close()
	for rows.Next() {
		row, into := make([]string, n), make([]any, n)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(query, err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(query, err)
	}
	return out
}
