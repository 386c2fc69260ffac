package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/store"
	"escutcheon/triage"
)

func by(pairs ...string) map[string]store.Choice {
	out := map[string]store.Choice{}
	for i := 0; i < len(pairs); i += 2 {
		name, not := strings.CutPrefix(pairs[i], "not.")
		c := out[name]
		if list := strings.Split(pairs[i+1], ","); not {
			c.Not = list
		} else {
			c.Only = list
		}
		out[name] = c
	}
	return out
}

// told is a facet as "value 3, other 1".
func told(list []store.Facet, name string) string {
	var out []string
	for _, f := range list {
		if f.Name == name {
			for _, v := range f.Values {
				out = append(out, fmt.Sprintf("%s %d", v.Value, v.N))
			}
		}
	}
	return strings.Join(out, ", ")
}

func owned(t *testing.T, s *shelf, owner string, status triage.Status, keys ...string) {
	t.Helper()
	if _, err := s.SetTriage(t.Context(), store.TriageChange{Findings: keys, Owner: &owner, Status: &status}); err != nil {
		t.Fatal(err)
	}
}

// TestFindingsByProperty: filters that choose and that leave out, their counts,
// and the counts beside them, which follow what is set.
func TestFindingsByProperty(t *testing.T) {
	s := withFindings(t) // change is the number below the key's: bits of kinds
	if got := told(facets(t, s, store.FindingFilter{}), store.ByStatus); got != "New 5" {
		t.Errorf("before: %s", got)
	}
	owned(t, s, "anna", triage.Closed, "k1", "k3")
	owned(t, s, "bob", triage.Pending, "k2")
	for what, c := range map[string]struct {
		f    store.FindingFilter
		want string
	}{
		"owner":           {store.FindingFilter{By: by("owner", "anna")}, "k1 k3"},
		"several":         {store.FindingFilter{By: by("owner", "anna,bob")}, "k1 k2 k3"},
		"nobody's":        {store.FindingFilter{By: by("owner", "")}, "k6 k7"},
		"not":             {store.FindingFilter{By: by("not.owner", "anna")}, "k2 k6 k7"},
		"not a dest":      {store.FindingFilter{By: by("not.dest", "web03")}, "k1 k2 k3"},
		"not a rule":      {store.FindingFilter{By: by("not.rule", "a")}, "k3 k6 k7"},
		"not a status":    {store.FindingFilter{By: by("not.status", "New")}, "k1 k2 k3"},
		"with a status":   {store.FindingFilter{Status: triage.Open, By: by("not.dest", "web03")}, "k2"},
		"with a dest":     {store.FindingFilter{Dest: "web01", By: by("owner", "anna")}, "k1 k3"},
		"unknown":         {store.FindingFilter{By: by("owner", "eve")}, ""},
		"no such status":  {store.FindingFilter{By: by("status", "odd")}, ""},
		"not the unknown": {store.FindingFilter{By: by("not.owner", "eve")}, "k1 k2 k3 k6 k7"},
		"kind of change":  {store.FindingFilter{By: by("change", "module added")}, "k2 k6"},
		"severity":        {store.FindingFilter{By: by("severity", "medium")}, "k1 k2 k3 k6 k7"},
		"suppressed too":  {store.FindingFilter{Suppressed: true, By: by("not.owner", "anna")}, "k2 k4 k6 k7"},
		"with a text":     {store.FindingFilter{Text: "long", By: by("not.change", "module added")}, "k7"},
	} {
		list, _, err := s.Findings(t.Context(), c.f, store.Page{Limit: 10})
		if c.f.Text != "" {
			list, _, _, _, err = s.FindingPage(t.Context(), c.f, store.Page{Limit: 10})
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got := keys(list)
		slices.Sort(got)
		n, hidden, err := s.CountFindings(t.Context(), c.f)
		if !c.f.Suppressed {
			n -= hidden
		}
		if strings.Join(got, " ") != c.want || err != nil || n != int64(len(got)) {
			t.Errorf("%s: %v (%d, %v), want %s", what, got, n, err, c.want)
		}
		var streamed []string
		for f, err := range s.AllFindings(t.Context(), c.f) {
			if err != nil {
				t.Fatal(err)
			}
			streamed = append(streamed, f.Key)
		}
		if slices.Sort(streamed); strings.Join(streamed, " ") != c.want {
			t.Errorf("%s streams %v, want %s", what, streamed, c.want)
		}
	}
	f := store.FindingFilter{Status: triage.Open, By: by("owner", "bob")}
	for name, want := range map[string]string{ // each as the others choose
		store.ByOwner: "bob 1,  2", store.ByStatus: "Pending 1", store.ByRule: "a 1", store.ByChange: "module added 1",
	} {
		if got := told(facets(t, s, f), name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	s.do(`DELETE FROM finding WHERE key = 'k6'`)
	if got := told(facets(t, s, store.FindingFilter{}), store.ByRule); got != "a 2, b 2" {
		t.Errorf("after one went: %s", got)
	}
}

func facets(t *testing.T, s *shelf, f store.FindingFilter) []store.Facet {
	t.Helper()
	out, err := s.FindingFacets(t.Context(), f, 10, "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFindingsSortedByProperty: each column either way, in pages that leave nothing
// out and say nothing twice, to the end and back.
func TestFindingsSortedByProperty(t *testing.T) {
	s := withFindings(t)
	owned(t, s, strings.Repeat("anna", 40), triage.Closed, "k1", "k3")
	for sort, want := range map[string]string{"status": "k2 k6 k7 k1 k3", "owner": "k2 k6 k7 k1 k3",
		"count": "k3 k6 k7 k1 k2", "first": "k1 k2 k3 k6 k7", "dest": "k1 k3 k2 k6 k7", "rule": "k1 k2 k3 k6 k7",
		"severity": "k1 k2 k3 k6 k7", "what": "k1 k2 k6 k3 k7"} {
		for _, asc := range []bool{true, false} {
			expected := strings.Fields(want)
			if !asc {
				slices.Reverse(expected)
			}
			there, back := pageThrough(t, s, store.Page{Sort: sort, Asc: asc, Limit: 2})
			if !slices.Equal(there, expected) || !slices.Equal(back, expected) {
				t.Errorf("by %s (%v): there %v, back %v, want %v", sort, asc, there, back, expected)
			}
			textSorted(t, s, store.Page{Sort: sort, Asc: asc, Limit: 10}, expected)
		}
	}
}

// textSorted: a text chooses some of the findings, in the same order.
func textSorted(t *testing.T, s *shelf, p store.Page, all []string) {
	t.Helper()
	for _, f := range []store.FindingFilter{{Text: "long"}, {Text: "0"}, {Text: "e", By: by("not.dest", "web03")}} {
		chosen, _, n, hidden, err := s.FindingPage(t.Context(), f, store.Page{Limit: 10})
		if err != nil || int64(len(chosen)) != n-hidden {
			t.Fatalf("%+v: %d of %d, %v", f, len(chosen), n, err)
		}
		has := keys(chosen)
		want := slices.DeleteFunc(slices.Clone(all), func(k string) bool { return !slices.Contains(has, k) })
		list, _, m, _, err := s.FindingPage(t.Context(), f, p)
		if err != nil || m != n || !slices.Equal(keys(list), want) {
			t.Errorf("%q by %s (%v): %v (%d, %v), want %v", f.Text, p.Sort, p.Asc, keys(list), m, err, want)
		}
	}
}
