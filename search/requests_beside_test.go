package search_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"escutcheon/demo/logwriter"
	"escutcheon/search"
)

// TestRequestsBeside: the requests of a host around a moment are counted, those of other
// hosts, other times and HTTP.sys are not; a look that is stopped says nothing is new.
func TestRequestsBeside(t *testing.T) {
	w3c := func(computer string, list ...logwriter.Request) (out []byte) {
		out = logwriter.AppendW3CHeader(nil, logwriter.IISSoftware, noon, logwriter.W3CAllFields)
		for _, r := range list {
			r.Computer, r.Agent, r.Client = computer, "Mozilla/5.0", "192.0.2.7"
			out = logwriter.AppendW3C(out, &r, logwriter.W3CAllFields)
		}
		return out
	}
	asked := func(d time.Duration, stem string, status int) logwriter.Request {
		return logwriter.Request{Time: noon.Add(d), Method: "GET", Stem: stem, Status: status}
	}
	dir := t.TempDir()
	var files []string
	for name, data := range map[string][]byte{
		"a.log": w3c("WEB01", asked(-time.Hour, "/a", 200), asked(-time.Hour, "/old", 404), asked(time.Second, "/a", 200),
			asked(time.Minute, "/old", 200), asked(2*time.Hour, "/new", 200), asked(25*time.Hour, "/far", 200)),
		"b.log": w3c("web02", asked(time.Minute, "/else", 200)),
		"httperr1.log": append([]byte("#Software: Microsoft HTTP API 2.0\r\n#Fields: "+logwriter.HTTPErrFields+"\r\n"),
			logwriter.AppendW3C(nil, &logwriter.Request{Time: noon.Add(time.Minute), Computer: "web01", Method: "GET",
				Stem: "/refused", Status: 400, Client: "192.0.2.9"}, logwriter.HTTPErrFields)...),
	} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t, files...)
	look := func(of search.RequestsOf) search.RequestsBeside {
		t.Helper()
		of.At, of.Around = noon, 24*time.Hour
		var p search.Progress
		n := 0
		got, err := h.Requests(ctx, of, &p, func() { n++ })
		if err != nil {
			t.Fatal(err)
		}
		if n != got.Before+got.After || got.Complete && p.Done.Load() != p.Of.Load() {
			t.Errorf("told of %d requests and %d of %d blocks; %+v", n, p.Done.Load(), p.Of.Load(), got)
		}
		return got
	}
	paths := func(r search.RequestsBeside) string {
		var out []string
		for _, l := range r.Lists {
			for _, i := range l.Items {
				out = append(out, string(l.Kind)+" "+i.Path+i.Client+i.Agent)
			}
		}
		return strings.Join(out, ", ")
	}
	got := look(search.RequestsOf{Hosts: []string{"web01", "web01.corp.example"}})
	if want := "first-seen address /new, error turned to answer /old"; paths(got) != want || got.Before != 2 ||
		got.After != 3 || !got.Collected || got.Damaged != 0 || !got.Complete {
		t.Errorf("%q, want %q; %+v", paths(got), want, got.Report)
	}
	until := look(search.RequestsOf{Hosts: []string{"web01"}, Until: noon.Add(time.Hour)})
	if want := "error turned to answer /old"; paths(until) != want || until.After != 2 ||
		!until.To.Equal(noon.Add(time.Hour)) {
		t.Errorf("%q, want %q; %+v", paths(until), want, until.Report)
	}
	if none := look(search.RequestsOf{Hosts: []string{"web03"}}); none.Collected || none.Lists != nil {
		t.Errorf("%+v", none)
	}
	early := look(search.RequestsOf{Hosts: []string{"web02"}, Until: noon.Add(-time.Hour)})
	if !early.Collected || !strings.Contains(early.Why, "no requests in this time") {
		t.Errorf("%+v", early)
	}
	h.Bounds.Time = time.Nanosecond
	if cut := look(search.RequestsOf{Hosts: []string{"web01"}}); cut.Lists != nil || !cut.Collected || cut.Complete ||
		!strings.Contains(cut.Why, "parts of the store") {
		t.Errorf("%+v", cut)
	}
}
