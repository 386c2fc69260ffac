package requests_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection/requests"
)

var at = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// line is a request from "+1m GET /a 200 10.0.0.1 curl".
func line(s string) requests.Request {
	f := strings.Fields(s)
	d, err := time.ParseDuration(f[0])
	if err != nil {
		panic(err)
	}
	return requests.Request{At: at.Add(d), Method: f[1], Path: f[2], Status: f[3], Client: f[4], Agent: f[5]}
}

func tally(lines ...string) *requests.Report {
	t := requests.New(at, requests.Around)
	for _, s := range lines {
		r := line(s)
		t.Add(&r)
	}
	return t.Report()
}

// told is what a report tells, an item a word or two.
func told(r *requests.Report) (out []string) {
	for _, l := range r.Lists {
		for _, i := range l.Items {
			out = append(out, fmt.Sprintf("%s: %s %d %d %d %s %s", l.Kind, strings.TrimSpace(i.Path+" "+i.Client+i.Agent),
				i.Count, i.Posts, i.Failed, i.First.Sub(at), i.Last.Sub(at)))
		}
	}
	return out
}

// usual is the site before and after the change.
var usual = []string{"-23h GET /a 200 10.0.0.1 Mozilla", "-1m GET /old 404 10.0.0.1 Mozilla",
	"-1m GET /both 404 10.0.0.1 Mozilla", "-2m GET /both 200 10.0.0.1 Mozilla", "1m GET /A 200 10.0.0.1 Mozilla",
	"1m GET /both 200 10.0.0.1 Mozilla"}

// TestReport: what each kind tells, and what comes close to it and is not told.
func TestReport(t *testing.T) {
	burst := func(from time.Duration, n int, path string) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("%s POST %s 200 10.0.0.1 Mozilla", from+time.Duration(i)*time.Second, path))
		}
		return out
	}
	for name, tt := range map[string]struct{ more, want []string }{
		"nothing": {nil, nil},
		"new": {[]string{"0s GET /New 200 10.0.0.1 Mozilla", "2h post /new 200 10.0.0.1 Mozilla"},
			[]string{"first-seen address: /New 2 1 0 0s 2h0m0s"}},
		"scanned":        {[]string{"1h GET /wp-login.php 404 10.0.0.1 Mozilla", "1h GET /in 302 10.0.0.1 Mozilla"}, nil},
		"just before":    {[]string{"-1ns GET /n 200 10.0.0.1 Mozilla", "1h GET /n 200 10.0.0.1 Mozilla"}, nil},
		"outside":        {[]string{"24h GET /n 200 10.0.0.1 Mozilla", "-24h1s GET /x 200 10.0.0.9 x"}, nil},
		"turned":         {[]string{"3m GET /OLD 200 10.0.0.1 Mozilla"}, []string{"error turned to answer: /OLD 1 0 1 3m0s 3m0s"}},
		"still an error": {[]string{"3m GET /old 500 10.0.0.1 Mozilla"}, nil},
		"client": {[]string{"5m GET /a 200 10.0.0.2 Mozilla", "6m POST /a 200 10.0.0.2 Mozilla"},
			[]string{"client seen only after: 10.0.0.2 2 1 0 5m0s 6m0s"}},
		"agent": {[]string{"5m GET /a 500 10.0.0.1 curl", "5m GET /a 200 - -"},
			[]string{"user agent seen only after: curl 1 0 0 5m0s 5m0s"}},
		"burst":       {burst(5*time.Minute, 10, "/a"), []string{"POST burst: /a 10.0.0.1 10 10 0 5m0s 5m9s"}},
		"too few":     {burst(5*time.Minute, 9, "/a"), nil},
		"spread":      {append(burst(5*time.Minute, 9, "/a"), burst(10*time.Minute, 9, "/a")...), nil},
		"as before":   {append(burst(-5*time.Minute, 10, "/a"), burst(5*time.Minute, 10, "/a")...), nil},
		"as not then": {append(burst(-5*time.Second, 10, "/a"), burst(5*time.Minute, 4, "/a")...), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := tally(append(slices.Clone(usual), tt.more...)...)
			// "/OLD" and "/old" are one address: the spelling that sorts first is told
			if got := told(r); !slices.Equal(got, tt.want) || r.Why != "" || len(r.Lists) != 5 {
				t.Errorf("%q, want %q; %q", got, tt.want, r.Why)
			}
		})
	}
	if r := tally(append(slices.Clone(usual), "1h GET /x 404 a b", "1h GET /y 500 a b")...); r.Refused != 2 {
		t.Errorf("%d addresses were refused, want 2", r.Refused)
	}
}

// TestNothingIsNew: where there is nothing before, or more than can be compared, nothing
// is said to be new.
func TestNothingIsNew(t *testing.T) {
	for want, lines := range map[string][]string{"no requests before": {"1m GET /a 200 a b"},
		"no requests in": nil, "no requests after": {"-1m GET /a 200 a b"}} {
		if r := tally(lines...); !strings.Contains(r.Why, want) || r.Lists != nil {
			t.Errorf("%q: %+v", want, r)
		}
	}
	many := requests.New(at, requests.Around)
	for i := range 50_000 {
		r := line("-1m GET /a 404 a b")
		r.Path = fmt.Sprint("/", i, strings.Repeat("long", 500))
		if many.Add(&r); i == 10_000 && many.Report().Full {
			t.Error("full too early")
		}
	}
	r := line("1m GET /never 200 a b")
	many.Add(&r)
	if got := many.Report(); !got.Full || got.Lists != nil || !strings.Contains(got.Why, "shorter time") {
		t.Errorf("%+v", got)
	}
}

// TestOrder: the order in which requests come makes no difference.
func TestOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var list []requests.Request
	for range 3000 {
		list = append(list, requests.Request{At: at.Add(time.Duration(rnd.IntN(20000)-10000) * time.Second),
			Method: []string{"GET", "POST"}[rnd.IntN(2)], Path: fmt.Sprint([]string{"/P", "/p"}[rnd.IntN(2)], rnd.IntN(200)),
			Client: fmt.Sprint(rnd.IntN(300)), Agent: fmt.Sprint(rnd.IntN(900)),
			Status: []string{"200", "404", "302", "-"}[rnd.IntN(4)]})
	}
	report := func() *requests.Report {
		tl := requests.New(at, requests.Around)
		for i := range list {
			tl.Add(&list[i])
		}
		return tl.Report()
	}
	want := report()
	if len(told(want)) < 50 {
		t.Fatalf("it tells little: %q", told(want))
	}
	rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if got := report(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", told(got), told(want))
	}
}
