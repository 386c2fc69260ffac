package views_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"escutcheon/views"
)

// box is about where a text stands.
type box struct {
	text                     string
	left, right, top, bottom float64
}

func boxes(t *testing.T, d *goquery.Document, selector string) (out []box) {
	t.Helper()
	d.Find("svg.timeline " + selector).Each(func(_ int, s *goquery.Selection) {
		x, y, wide := number(t, s, "x"), number(t, s, "y"), 5.5*float64(len([]rune(s.Text())))
		if s.HasClass("end") {
			x -= wide
		}
		out = append(out, box{s.Text(), x, x + wide, y - 8, y + 1})
	})
	return out
}

// No text of a picture stands on another one or outside, whatever falls together.
func TestTimelineTextsStandApart(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	names := []string{"", "X", "HttpStreamCacheModule", "appcmd.exe"}
	for range 200 {
		span := time.Duration(1+r.Int64N(int64(300*24*time.Hour))) >> r.IntN(18)
		tl := views.Timeline{Dest: "web01", To: time.Unix(1_764_000_000+r.Int64N(1e8), 0).UTC()}
		tl.From = tl.To.Add(-span)
		at := func() time.Time { return tl.From.Add(time.Duration(r.Int64N(int64(span)))) }
		for range 1 + r.IntN(60) {
			tl.Marks = append(tl.Marks, views.RiskMark{Time: at(), Lane: views.Lane(r.IntN(6)), All: r.IntN(2000),
				RuleID: "r", Name: names[r.IntN(len(names))], FindingID: fmt.Sprint(r.IntN(5))})
		}
		slices.SortFunc(tl.Marks, func(a, b views.RiskMark) int { return a.Time.Compare(b.Time) })
		high := int64(1) << r.IntN(20)
		tl.Steps = []views.SumStep{{At: at(), Sum: r.Int64N(100 * high)}}
		tl.Thresholds = []views.Threshold{{Value: 100, Label: "medium over 100"}, {Value: 250, Label: "high from 250"},
			{Value: 250 + high, Label: "critical from"}}
		for range r.IntN(4) {
			tl.Crossings = append(tl.Crossings, views.Crossing{At: at(), Label: "critical"})
			from := at()
			tl.Shades = append(tl.Shades, views.Shade{From: from, To: from.Add(span / 5), Label: "no IIS-Configuration log",
				Kind: "gap"})
		}
		all := boxes(t, picture(t, tl), "text")
		for i, a := range all {
			if a.left < -1 || a.right > 962 {
				t.Errorf("%v: %q stands from %v to %v", span, a.text, a.left, a.right)
			}
			for _, b := range all[:i] {
				if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
					t.Errorf("%v: %q stands on %q: %+v, %+v", span, a.text, b.text, a, b)
				}
			}
		}
	}
}

// The labels of a range tell its parts apart: by seconds, hours, days, months, years.
func TestTimelineTicks(t *testing.T) {
	to := time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)
	for span, want := range map[time.Duration][]string{
		10 * time.Second:           {"11:59:51", "Sun 14 Dec 2025"},
		time.Hour:                  {"11:05", "Sun 14 Dec 2025"},
		24 * time.Hour:             {"14:00", "Sat 13 Dec 2025", "Sun 14 Dec 2025"},
		168 * time.Hour:            {"Mon 8 Dec", "Sun 14 Dec", "2025"},
		70 * 24 * time.Hour:        {"Mon 6 Oct", "Mon 8 Dec"},
		365 * 24 * time.Hour:       {"Jan 2025", "Nov 2025"},
		20 * 365 * 24 * time.Hour:  {"2006", "2024"},
		280 * 365 * 24 * time.Hour: {"1760", "2000"},
		-24 * 365 * 24 * time.Hour: {},
		1:                          nil,
	} {
		tl := views.Timeline{Dest: "x", From: to.Add(-span), To: to, Marks: []views.RiskMark{{Time: to}}}
		if want == nil { // further apart than a duration can say
			tl.From, want = time.Date(1025, 1, 1, 0, 0, 0, 0, time.UTC), []string{"1100", "2000"}
		}
		var got []string
		for _, b := range boxes(t, picture(t, tl), `text.axis:not(.end)`) {
			got = append(got, b.text)
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%v: no %q in %q", span, w, got)
			}
		}
		if len(got) > 40 {
			t.Errorf("%v: %d labels", span, len(got))
		}
	}
}

// A picture that leaves the page has what the page's has.
func TestTimelineScene(t *testing.T) {
	tl := timeline()
	tl.Shades = []views.Shade{{From: tl.From, To: tl.From.Add(24 * time.Hour), Label: "no logs", Kind: "gap"}}
	tl.Crossings = []views.Crossing{{At: tl.To.Add(-time.Hour), Label: "high"}}
	s := tl.Scene()
	var texts []string
	for _, i := range s.Items {
		if i.Text != "" {
			texts = append(texts, i.Text)
		}
	}
	all := strings.Join(texts, "\n")
	for _, b := range boxes(t, picture(t, tl), "text") {
		if !slices.Contains(texts, b.text) {
			t.Errorf("no %q in %q", b.text, texts)
		}
	}
	for _, want := range []string{"Risk timeline of web02.corp.example", "2025-12-07 13:53:11 to 2025-12-14 13:53:11 UTC",
		"a threshold is reached", "no logs"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %q", want, texts)
		}
	}
	if s.Desc != picture(t, tl).Find("svg.timeline desc").Text() {
		t.Errorf("the sentence is %q", s.Desc)
	}
}
