package search_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/search"
)

// pageOf runs a search for a window of its rows.
func pageOf(t *testing.T, h *house, text string, w search.Window) search.View {
	t.Helper()
	jobs := search.NewJobs(h.Engine)
	defer jobs.Close()
	s, err := jobs.Engine().Prepare(text, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := jobs.Start(s, search.Range{}, w, search.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	job.Wait(t.Context(), time.Minute)
	v, err := job.View(w)
	if err != nil || !v.Ended {
		t.Fatal(v.Ended, err)
	}
	return v
}

func placesOf(rows []spl.Found) (out []search.Place) {
	for _, f := range rows {
		out = append(out, search.PlaceOf(f))
	}
	return out
}

// TestPages: pages of events, one after the other and back again, are all events that
// there are, each once, the newest first; each says how many stand before it.
func TestPages(t *testing.T) {
	h := demoHouse(t)
	for _, text := range []string{`*`, `EventCode=4* | eval x=1`} {
		const limit = 300
		whole := pageOf(t, h, text, search.Window{Limit: 10_000})
		all := placesOf(whole.Rows)
		if int64(len(all)) != whole.Total || len(all) < limit {
			t.Fatalf("%s: %d of %d events", text, len(all), whole.Total)
		}
		for from := 0; from < len(all); from += limit {
			w := search.Window{Limit: limit}
			if from > 0 {
				w.At, w.Side = all[from-1], search.Older
			}
			v := pageOf(t, h, text, w)
			if got, want := placesOf(v.Rows), all[from:min(from+limit, len(all))]; !slices.Equal(got, want) ||
				v.Before != int64(from) || v.Total != whole.Total {
				t.Fatalf("%s from %d: %d rows, %d before, %d in all", text, from, len(got), v.Before, v.Total)
			}
			if from < limit {
				continue
			}
			v = pageOf(t, h, text, search.Window{Limit: limit, At: all[from], Side: search.Newer})
			if got := placesOf(v.Rows); !slices.Equal(got, all[from-limit:from]) || v.Before != int64(from-limit) {
				t.Fatalf("%s before %d: %d rows, %d before", text, from, len(got), v.Before)
			}
		}
		for _, i := range []int{0, 7, len(all) / 2, len(all) - 1} {
			v := pageOf(t, h, text, search.Window{Limit: limit, At: all[i], Side: search.Around})
			from, to := max(0, i-limit/2), min(len(all), i+limit/2)
			if got := placesOf(v.Rows); !slices.Equal(got, all[from:to]) || v.Before != int64(from) {
				t.Fatalf("%s around %d: %d rows, %d before", text, i, len(got), v.Before)
			}
		}
	}
}

// TestTables: a window of a table is that part of the whole, in the order that was
// asked for, whether the job keeps all of the table or a part.
func TestTables(t *testing.T) {
	h := demoHouse(t)
	for _, rows := range []int{30, 12_000} {
		text := fmt.Sprintf(`| makeresults count=%d | streamstats count as n `+
			`| eval v=if(n%%7=0, null(), if(n%%3=0, "x".n, n)) | table n v`, rows)
		for _, c := range []struct {
			w           search.Window
			first, last string
		}{
			{search.Window{From: 10}, "11", "15"},
			{search.Window{Sort: "n", Descending: true}, fmt.Sprint(rows), fmt.Sprint(rows - 4)},
			{search.Window{Sort: "v"}, "1", "8"}, {search.Window{Sort: "v", From: rows - 1}, fmt.Sprint(rows - rows%7), ""},
			{search.Window{From: rows + 5}, "", ""},
		} {
			c.w.Limit = 5
			v := pageOf(t, h, text, c.w)
			if v.Total != int64(rows) || (v.Whole != nil) != (rows < 100) || len(v.Rows) == 0 != (c.first == "") {
				t.Fatalf("%d rows of %d, whole %t", len(v.Rows), v.Total, v.Whole != nil)
			}
			if c.first == "" {
				continue
			}
			if got, _ := v.Rows[0].Row.Get("n"); got != c.first {
				t.Errorf("%+v begins with %s, want %s", c.w, got, c.first)
			}
			if got, _ := v.Rows[len(v.Rows)-1].Row.Get("n"); c.last != "" && got != c.last {
				t.Errorf("%+v ends with %s, want %s", c.w, got, c.last)
			}
		}
	}
}
