package handlers_test

import (
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"escutcheon/internal/consoletest"
)

type markedAnswer struct {
	Modules []struct {
		Name, Judgement, Reason string
		Marked                  *struct {
			By, At, Until, Reason string
			Expired               bool
		}
	}
	Verdict struct {
		Sentence, Gravity string
		Modules           []struct {
			Name, Judgement string
			Marked          *struct{ By string }
		}
	}
}

// TestMarkModule: a module that is marked as known is judged so on every host until the
// day is over, and as before when the mark is taken back; no verdict changes by it.
func TestMarkModule(t *testing.T) {
	t.Parallel()
	var later atomic.Int64 // seconds
	s := consoletest.StartAt(t, filepath.Join(t.TempDir(), "x.db"), 1<<20, func() time.Time {
		return consoletest.Noon.Add(time.Duration(later.Load()) * time.Second)
	})
	loadModules(t, s)
	judged := func(host string) (string, markedAnswer) {
		a := decodeJSON[markedAnswer](t, s.Get(t, "/hosts/"+host+"/modules", "Accept", consoletest.JSON), http.StatusOK)
		for i, m := range a.Modules {
			if strings.EqualFold(m.Name, "ShopTrace") {
				a.Modules = a.Modules[i : i+1]
				return m.Judgement + ": " + m.Reason, a
			}
		}
		t.Fatalf("%+v", a)
		return "", a
	}
	before := s.Get(t, "/hosts/web01", "Accept", consoletest.JSON)
	form := url.Values{"name": {"SHOPTRACE"}, "image": {`d:\shop\TRACE.dll`}, "reason": {"<b>ours</b>, see \u202eCHG-1"},
		"until": {"2026-03-31"}, "author": {"ann"}}
	post := func(change url.Values, want int) {
		t.Helper()
		f := maps.Clone(form)
		maps.Copy(f, change)
		if a := s.Post(t, "/hosts/WEB01/modules/known", f); a.Status != want {
			t.Errorf("%v: %d %s", change, a.Status, a.Body)
		}
	}
	for _, wrong := range []url.Values{{"reason": {" "}}, {"until": {"soon"}}, {"until": {"2026-03-01"}},
		{"until": {"2046-03-01"}}, {"author": {""}}, {"reason": {strings.Repeat("x", 1001)}}} {
		post(wrong, http.StatusBadRequest)
	}
	for _, none := range []url.Values{{"image": {`D:\other.dll`}}, {"sha256": {strings.Repeat("ab", 32)}},
		{"do": {"take-back"}}} {
		post(none, http.StatusNotFound)
	}
	if says, _ := judged("web01"); !strings.HasPrefix(says, "unknown") {
		t.Fatal("a form that was refused marks: " + says)
	}
	post(nil, http.StatusSeeOther)
	for _, host := range []string{"web01", "web02"} {
		says, a := judged(host)
		if m := a.Modules[0].Marked; !strings.HasPrefix(says, "known: marked as known by ann until 2026-03-31: <b>ours") ||
			m == nil || m.By != "ann" || m.Until != "2026-03-31" || m.Reason != form.Get("reason") || m.Expired || m.At == "" {
			t.Errorf("%s: %s, %+v", host, says, m)
		}
	}
	d := s.Doc(t, "/hosts/web01/modules")
	if text := consoletest.Words(d, ".ledger"); !strings.Contains(text, "marked as known") ||
		!strings.Contains(text, "ours</b>, see [U+202E]CHG-1") || strings.Contains(text, "known product") {
		t.Error(text)
	}
	after := decodeJSON[markedAnswer](t, s.Get(t, "/hosts/web01", "Accept", consoletest.JSON), http.StatusOK).Verdict
	was := decodeJSON[markedAnswer](t, before, http.StatusOK).Verdict
	told := false
	for i, m := range after.Modules {
		told = told || m.Marked != nil && m.Name == "ShopTrace"
		if m.Judgement != was.Modules[i].Judgement {
			t.Errorf("the verdict of %s was %s and is %s", m.Name, was.Modules[i].Judgement, m.Judgement)
		}
	}
	if after.Sentence != was.Sentence || after.Gravity != was.Gravity || !told {
		t.Errorf("%+v\n%+v", was, after)
	}
	if text := consoletest.Words(s.Doc(t, "/hosts/web01"), ".verdict"); !strings.Contains(text, "marked as known by ann") {
		t.Error("the panel tells of no mark: " + text)
	}
	later.Store(int64(consoletest.Noon.AddDate(0, 1, 0).Sub(consoletest.Noon).Seconds()))
	if says, a := judged("web01"); !strings.HasPrefix(says, "unknown") || !strings.Contains(says, "expired after 2026-03-31") ||
		!a.Modules[0].Marked.Expired {
		t.Error(says)
	}
	post(url.Values{"until": {"2026-05-01"}}, http.StatusSeeOther)
	post(url.Values{"do": {"take-back"}, "reason": {""}, "until": {""}, "author": {"bob"}}, http.StatusSeeOther)
	if says, a := judged("web02"); !strings.HasPrefix(says, "unknown") || a.Modules[0].Marked != nil {
		t.Error(says)
	}
	var rows []string
	for _, r := range consoletest.Rows(t, s.Get(t, "/audit.csv")) {
		if line := strings.Join(r, "|"); strings.Contains(line, "marked") {
			rows = append(rows, line)
		}
	}
	if len(rows) != 3 {
		t.Fatalf("%q", rows)
	}
	all := strings.Join(rows, "\n")
	for _, want := range []string{"|ann|marked|module ShopTrace|", "|bob|unmarked|module ShopTrace|",
		"until 2026-05-01: <b>ours"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %s", want, all)
		}
	}
}
