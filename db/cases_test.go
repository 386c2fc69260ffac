package db_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"escutcheon/fault"
	"escutcheon/store"
	"escutcheon/triage"
)

// pinned is an event of a number, with its bytes.
func pinned(n string, data string) store.Pin {
	return store.Pin{UID: store.Sum("event", n), Kind: store.PinEvent, Ref: n, Dest: "web01", At: time.Unix(1000, 5),
		Snapshot: []byte(`{"computer":"web01","record_number":` + n + `}`), Copies: []store.PinCopy{{
			FileSHA256: store.Sum("f"), FileName: "a.evtx", Format: "EVTX", Offset: 4096, SHA256: store.SumOf([]byte(data)),
			Data: []byte(data)}}}
}

// TestCases: a case is opened, changed from its newest revision only, and found by
// what it holds; what it cannot hold is refused.
func TestCases(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir()+"/a.db")
	ctx := t.Context()
	c, err := d.OpenCase(ctx, store.Case{Title: " Planted ", Author: "anna"})
	if err != nil || c.Number() != "ESC-1" || c.Title != "Planted" || c.Revision != 1 || c.UID == "" {
		t.Fatalf("%+v %v", c, err)
	}
	for name, bad := range map[string]store.Case{"no title": {Author: "a"}, "no author": {Title: "x"},
		"long": {Title: strings.Repeat("x", store.MaxCaseTitle+1), Author: "a"}} {
		if _, err := d.OpenCase(ctx, bad); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	next := c
	next.Status, next.Severity, next.Verdict, next.Owner, next.Editor = triage.InProgress, triage.High, "It was.", "ben", "ben"
	if next, err = d.SetCase(ctx, next); err != nil || next.Revision != 2 || next.Verdict != "It was." {
		t.Fatalf("%+v %v", next, err)
	}
	stale := c
	stale.Editor, stale.Title = "cleo", "Mine"
	if _, err := d.SetCase(ctx, stale); fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "ben") {
		t.Errorf("a stale change: %v", err)
	}
	if same, err := d.SetCase(ctx, next); err != nil || same.Revision != 2 {
		t.Errorf("a change of nothing: %+v %v", same, err)
	}
	p := pinned("7", "seven")
	item, err := d.AddItem(ctx, store.CaseItem{Case: 1, Kind: store.ItemEvent, Author: "anna", Snapshot: []byte("{}")},
		&p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.AddItem(ctx, store.CaseItem{Case: 1, Kind: store.ItemEvent, Author: "ben",
		Snapshot: []byte("{}")}, &p, nil); err != nil || again != item {
		t.Errorf("the same event twice: %d, %d, %v", item, again, err)
	}
	q, err := d.SetQuestion(ctx, store.CaseQuestion{Case: 1, Question: "What file?", Editor: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetQuestion(ctx, store.CaseQuestion{ID: q, Case: 1, Question: "What file?", Answer: "This.",
		Items: []int64{item}, Revision: 1, Editor: "ben"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetQuestion(ctx, store.CaseQuestion{ID: q, Case: 1, Question: "?", Revision: 1,
		Editor: "anna"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a stale answer: %v", err)
	}
	if _, err := d.SetQuestion(ctx, store.CaseQuestion{ID: q, Case: 1, Question: "?", Items: []int64{99},
		Editor: "anna"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an answer carried by nothing: %v", err)
	}
	r, err := d.SetRecommendation(ctx, store.CaseRecommendation{Case: 1, Text: "Isolate it", Author: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.SetRecommendation(ctx, store.CaseRecommendation{ID: r, Case: 1, Text: "Isolate it", Done: true,
		Author: "ben"}); err != nil {
		t.Fatal(err)
	}
	w, err := d.WholeCase(ctx, 1)
	if err != nil || len(w.Items) != 1 || w.Hosts != 1 || w.Events != 1 || w.Answered != 1 || len(w.Questions) != 1 ||
		w.Questions[0].Answer != "This." || w.Questions[0].Items[0] != item || !w.Recommendations[0].Done {
		t.Errorf("%+v %v", w, err)
	}
	for want, f := range map[int]store.CaseFilter{1: {Text: "PLANT"}, 0: {Status: triage.Done}} {
		if list, _, all, err := d.Cases(ctx, f, store.Page{Limit: 10, Sort: "edited"}); err != nil || len(list) != want ||
			all != int64(want) {
			t.Errorf("%+v: %d of %d %v", f, len(list), all, err)
		}
	}
	if with, err := d.CasesWith(ctx, store.ItemEvent, p.UID); err != nil || len(with) != 1 {
		t.Errorf("cases with the event: %v %v", with, err)
	}
	if err := d.DropItem(ctx, 1, item, "anna"); err != nil {
		t.Fatal(err)
	}
	if w, err = d.WholeCase(ctx, 1); err != nil || len(w.Items) != 0 || len(w.Questions[0].Items) != 0 {
		t.Errorf("without the item: %+v %v", w, err)
	}
	if _, _, err := d.PinByID(ctx, 1); err != nil {
		t.Errorf("what was pinned goes with the item: %v", err)
	}
}

// TestVerify: each change of what is kept is named, and nothing is where nothing was
// changed.
func TestVerify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, want string }{
		"nothing":           {`SELECT 1`, ""},
		"a byte of a copy":  {`UPDATE kept_piece SET data = CAST('sevem' AS BLOB) WHERE data = CAST('seven' AS BLOB)`, "evidence 1"},
		"a copy is gone":    {`DELETE FROM kept WHERE size = 5`, "evidence 1"},
		"a record number":   {`UPDATE pin SET snapshot = replace(snapshot, '7', '8') WHERE id = 1`, "evidence 1"},
		"no JSON":           {`UPDATE pin SET snapshot = '{' WHERE id = 1`, "evidence 1"},
		"an offset":         {`UPDATE pin_copy SET offset = 4097 WHERE pin = 1`, "evidence 1"},
		"a file's hash":     {`UPDATE pin_copy SET file_sha256 = 'x' WHERE pin = 1`, "evidence 1"},
		"who pinned it":     {`UPDATE pin SET author = 'eve' WHERE id = 1`, "evidence 1"},
		"a time":            {`UPDATE pin SET at = at + 1 WHERE id = 2`, "evidence 2"},
		"a finding's event": {`DELETE FROM pin_event`, "evidence 2"},
		"the seal too":      {`UPDATE pin SET author = 'eve', seal = 'x' WHERE id = 1`, "evidence 1"},
		"a file":            {`UPDATE kept_piece SET data = CAST('notez' AS BLOB) WHERE data = CAST('notes' AS BLOB)`, "file 1"},
		"a file is gone":    {`DELETE FROM kept_piece WHERE data = CAST('notes' AS BLOB)`, "file 1"},
		"a file's name":     {`UPDATE case_file SET name = 'm.txt'`, "file 1"},
		"another file": {`UPDATE case_file SET sha256 = (SELECT min(sha256) FROM kept WHERE sha256 <> case_file.sha256)`,
			"file 1"},
		"no file":     {`DELETE FROM case_file`, "file 1"},
		"no evidence": {`DELETE FROM pin WHERE id = 2`, "item 1"},
		"no pin":      {`UPDATE case_item SET pin = NULL`, "item 1"},
		"no item":     {`DELETE FROM case_item`, "items"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir() + "/a.db"
			d := open(t, path)
			ctx := t.Context()
			if _, err := d.OpenCase(ctx, store.Case{Title: "x", Author: "anna"}); err != nil {
				t.Fatal(err)
			}
			f := store.Pin{UID: store.Sum("finding", "k"), Kind: store.PinFinding, Ref: "k", Dest: "web01",
				At: time.Unix(1000, 0), Snapshot: []byte(`{"key":"k"}`)}
			if _, err := d.AddItem(ctx, store.CaseItem{Case: 1, Kind: store.ItemFinding, Ref: "k", Author: "anna",
				Snapshot: f.Snapshot}, &f, []store.Pin{pinned("7", "seven")}); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Attach(ctx, store.CaseFile{Case: 1, Name: "n.txt", Author: "anna"}, []byte("notes")); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Exec(c.change); err != nil {
				t.Fatal(err)
			}
			v, err := d.VerifyCase(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && (len(v.Differences) > 0 || v.Pins != 2 || v.Files != 1) {
				t.Errorf("differences without a change: %+v", v)
			}
			if c.want != "" && (len(v.Differences) == 0 || v.Differences[0].Object != c.want) {
				t.Errorf("%s: %v, want %s", c.change, v.Differences, c.want)
			}
			if strings.Contains(c.change, "'notes'") {
				if _, data, err := d.CaseFile(ctx, 1, 1); err == nil {
					t.Errorf("a damaged file is served: %q", data)
				}
			}
		})
	}
}

// TestPinTwice: what is pinned again after another file brought it has both places.
func TestPinTwice(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir()+"/a.db")
	ctx := t.Context()
	p := pinned("7", "seven")
	one, err := d.Pin(ctx, p, nil, "anna")
	if err != nil {
		t.Fatal(err)
	}
	p.Copies = []store.PinCopy{{FileSHA256: store.Sum("g"), FileName: "b.xml", Format: "XML", Offset: 0,
		SHA256: store.SumOf([]byte("SEVEN")), Data: []byte("SEVEN")}}
	two, err := d.Pin(ctx, p, nil, "ben")
	if err != nil || two != one {
		t.Fatalf("%d, %d, %v", one, two, err)
	}
	got, _, err := d.PinByID(ctx, one)
	if err != nil || len(got.Copies) != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if v, err := d.VerifyPin(ctx, one); err != nil || len(v.Differences) != 0 || v.Copies != 2 {
		t.Errorf("%+v %v", v, err)
	}
}

func TestParseCaseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"12": 12, "ESC-12": 12, "esc-3": 3, " ESC-4 ": 4, "": 0, "ESC-": 0, "x": 0,
		"-1": 0, "+1": 0, "ESC-0": 0, "1.5": 0} {
		if got, ok := store.ParseCaseNumber(text); ok != (want > 0) || ok && got != want {
			t.Errorf("%q: %d %t", text, got, ok)
		}
	}
}
