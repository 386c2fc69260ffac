package views_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"escutcheon/views"
)

func picture(t *testing.T, tl views.Timeline) *goquery.Document {
	t.Helper()
	return document(t, render(t, views.RiskTimeline(tl, frame("x"))))
}

// runs is the picture of the runs of a rule: a mark each at the height of its score.
func runs(t *testing.T, tl views.Timeline) *goquery.Document {
	t.Helper()
	return document(t, render(t, views.Replay(views.ReplayPage{Frame: frame("x"), Dest: "x", Total: 1, Timeline: tl,
		Runs: []views.ReplayRun{{}}})))
}

func number(t *testing.T, s *goquery.Selection, name string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s.AttrOr(name, ""), 64)
	if err != nil || math.IsNaN(f) {
		t.Fatalf("%s = %q", name, s.AttrOr(name, ""))
	}
	return f
}

// A mark stands where its time is between the picture's ends.
func TestTimelineX(t *testing.T) {
	to := time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)
	tl := views.Timeline{Dest: "x", From: to.Add(-168 * time.Hour), To: to}
	for _, h := range []int{0, 42, 84, 168} {
		tl.Marks = append(tl.Marks, views.RiskMark{Time: tl.From.Add(time.Duration(h) * time.Hour), Score: 50, RuleID: "r",
			FindingID: "f"})
	}
	d := runs(t, tl)
	svg := d.Find("svg.timeline")
	left, right := number(t, svg, "data-left"), number(t, svg, "data-right")
	d.Find("a.mark").Each(func(i int, s *goquery.Selection) {
		want := left + (right-left)*[]float64{0, .25, .5, 1}[i]
		if got := number(t, s, "data-x"); math.Abs(got-want) > .1 {
			t.Errorf("mark %d stands at %v, want %v", i, got, want)
		}
		if s.AttrOr("href", "") != "/findings/f" || !strings.Contains(s.AttrOr("aria-label", ""), "score 50") ||
			s.Find("title").Length() != 1 {
			t.Errorf("mark %d: a link to its finding that says what it is", i)
		}
	})
	if n := d.Find("line.day").Length(); n != 7 {
		t.Errorf("%d midnights in 168 hours from noon, want 7", n)
	}
	if n := d.Find("g rect.night").Length(); n != 7 {
		t.Errorf("%d nights, want 7", n)
	}
	if got := d.Find("text.axis:not(.end):not(.hour)[data-x]").First().Text(); got != "Mon 8 Dec" {
		t.Errorf("the first day is %q", got)
	}
}

// Marks that coincide stack without lying on each other, and are counted.
func TestTimelineStacks(t *testing.T) {
	for _, n := range []int{2, 5, 40, 500} {
		to := time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)
		tl := views.Timeline{Dest: "x", From: to.Add(-168 * time.Hour), To: to}
		for i := range n {
			tl.Marks = append(tl.Marks, views.RiskMark{Time: to.Add(-time.Hour), Score: 50, RuleID: "r",
				FindingID: fmt.Sprint(i)})
		}
		d := runs(t, tl)
		ys := map[string]bool{}
		d.Find("a.mark path").Each(func(_ int, s *goquery.Selection) { ys[s.AttrOr("d", "")] = true })
		if n <= 40 && len(ys) != n {
			t.Errorf("%d marks at one moment stand in %d places", n, len(ys))
		}
		if got := d.Find("text.count").Text(); got != fmt.Sprint(n) {
			t.Errorf("the count says %q, want %d", got, n)
		}
	}
}

func TestTimelineManyMarksBecomeOne(t *testing.T) {
	to := time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)
	tl := views.Timeline{Dest: "a b", From: to.Add(-168 * time.Hour), To: to}
	for i := range 20000 {
		m := to.Add(-time.Duration(167-i%167) * time.Hour)
		tl.Marks = append(tl.Marks, views.RiskMark{Time: m, Score: 50, RuleID: "r", FindingID: "f",
			WindowFrom: m.Add(-time.Hour)})
	}
	d := picture(t, tl)
	if n := d.Find("a.mark").Length(); n == 0 || n > 20 {
		t.Errorf("%d marks are drawn", n)
	}
	if rows := d.Find("tbody tr").Length(); rows != 50 {
		t.Errorf("%d rows, want 50 and a sentence", rows)
	}
	if !strings.Contains(d.Text(), "50 of 20,000 risk events, the newest first.") {
		t.Error("a table that is cut says so")
	}
}

// The rows are the marks, the newest first; each belongs to the one that counts it.
func TestTimelineRowsAreItsMarks(t *testing.T) {
	d := picture(t, timeline())
	want := map[string]int{}
	d.Find("a.mark").Each(func(_ int, s *goquery.Selection) {
		want[s.AttrOr("data-mark", "")] = int(number(t, s, "data-count"))
	})
	got, last, rows := map[string]int{}, math.Inf(1), 0
	d.Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		got[s.AttrOr("data-row", "")]++
		if at := number(t, s, "data-t"); at > last {
			t.Errorf("a row of %v stands below one of %v", at, last)
		} else {
			last = at
		}
		rows++
	})
	if !maps.Equal(got, want) || rows != 14 {
		t.Errorf("marks %v, rows %v", want, got)
	}
}

// The sum begins with what it is at the left end, and never goes above the
// scale; the next threshold above it is drawn.
func TestTimelineSum(t *testing.T) {
	to := time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)
	tl := views.Timeline{Dest: "x", From: to.Add(-168 * time.Hour), To: to, Marks: []views.RiskMark{{Time: to, Score: 50}},
		Thresholds: []views.Threshold{{100, "medium over 100"}, {250, "high from 250"}, {500, "critical from 500"}}}
	for _, c := range []struct {
		name       string
		steps      []views.SumStep
		begin      string
		thresholds int
	}{
		{"nothing", nil, "M46 138H946", 1},
		{"a sum from before", []views.SumStep{{tl.From.Add(-time.Hour), 50}, {tl.From.Add(84 * time.Hour), 0}},
			"M46 85H496V138H946", 1},
		{"over the first", []views.SumStep{{tl.From.Add(84 * time.Hour), 150}}, "M46 138H496V74.4H946", 2},
		{"over all", []views.SumStep{{tl.From.Add(84 * time.Hour), 100000}}, "M46 138H496V32H946", 3},
	} {
		tl.Steps = c.steps
		d := runs(t, tl)
		if got := d.Find("g path.sum").AttrOr("d", ""); got != c.begin {
			t.Errorf("%s: %s, want %s", c.name, got, c.begin)
		}
		if got := d.Find("line.threshold").Length(); got != c.thresholds {
			t.Errorf("%s: %d thresholds, want %d", c.name, got, c.thresholds)
		}
	}
}

func TestTimelineKindsHaveShapes(t *testing.T) {
	tl := timeline()
	shapes := map[string]bool{}
	for lane := range views.LaneNotes + 1 {
		tl.Marks[0].Lane = lane
		d := picture(t, tl)
		path := d.Find(fmt.Sprintf("svg.timeline a.lane-%d path", lane)).First().AttrOr("d", "")
		_, shape, _ := strings.Cut(path, " ")
		shapes[strings.TrimLeft(shape, "0123456789.")] = true
	}
	if len(shapes) != 5 {
		t.Errorf("%d shapes in five lanes: %v", len(shapes), shapes)
	}
}

// Whatever the times and lanes: the counts add up to all, the marks of a lane stand
// apart, the picture is small and has no number that is none.
func TestTimelineRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	for range 150 {
		tl := views.Timeline{Dest: evil, To: time.Unix(r.Int64N(4e9), 0).UTC(), Thresholds: timeline().Thresholds}
		span := time.Duration(1+r.Int64N(int64(4000*time.Hour))) >> r.IntN(20)
		tl.From = tl.To.Add(-span)
		all := 0
		for range 1 + r.IntN(400) {
			m := views.RiskMark{Time: tl.To.Add(-time.Duration(r.Int64N(int64(span)))), Lane: views.Lane(r.IntN(5)),
				All: r.IntN(40), RuleID: "r", Name: evil[:r.IntN(len(evil))], FindingID: fmt.Sprint(r.IntN(5))}
			all += max(1, m.All)
			tl.Marks = append(tl.Marks, m)
			tl.Steps = append(tl.Steps, views.SumStep{At: m.Time, Sum: r.Int64() >> r.IntN(63)})
		}
		slices.SortFunc(tl.Marks, func(a, b views.RiskMark) int { return a.Time.Compare(b.Time) })
		tl.Steps = tl.Steps[:min(len(tl.Steps), 60)]
		slices.SortFunc(tl.Steps, func(a, b views.SumStep) int { return a.At.Compare(b.At) })
		tl.Shades = []views.Shade{{From: tl.From.Add(-span), To: tl.To.Add(-span / 2), Label: evil, Kind: "gap"}}
		d := picture(t, tl)
		svg, err := goquery.OuterHtml(d.Find("svg.timeline"))
		if err != nil || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || len(svg) > 12000+4*len(evil) {
			t.Fatalf("a picture of %d bytes: %v", len(svg), err)
		}
		counted, last := 0, map[string]float64{}
		d.Find("svg.timeline a.mark").Each(func(_ int, s *goquery.Selection) {
			counted += int(number(t, s, "data-count"))
			lane, x := s.AttrOr("class", ""), number(t, s, "data-x")
			if before, ok := last[lane]; ok && x-before < 14 {
				t.Errorf("marks of %s at %v and %v", lane, before, x)
			}
			last[lane] = x
		})
		if counted != all {
			t.Fatalf("the marks count %d of %d", counted, all)
		}
	}
}

// Times that make no sense make no picture that hangs or fails.
func TestTimelineOddTimes(t *testing.T) {
	old := time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC)
	far := time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tl := range []views.Timeline{
		{From: old, To: far, Marks: []views.RiskMark{{Time: old}, {Time: far, Score: math.MaxInt64}},
			Steps: []views.SumStep{{At: old, Sum: math.MaxInt64}}},
		{From: far, To: old, Marks: []views.RiskMark{{Time: old, Score: -5}}},
		{Marks: []views.RiskMark{{}}},
	} {
		if html := render(t, views.RiskTimeline(tl, views.Frame{})); strings.Contains(html, "NaN") ||
			strings.Contains(html, "Inf") {
			t.Error("the picture holds no number")
		}
	}
}

func TestWordsOfNumbers(t *testing.T) {
	for in, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567",
		math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := views.Num(in); got != want {
			t.Errorf("Num(%d) = %q", in, got)
		}
	}
	for in, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.00 kB", 69_600_000: "69.6 MB",
		999_960: "1.00 MB", 8 << 30: "8.59 GB", math.MaxInt64: "9.22 EB"} {
		if got := views.Bytes(in); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[time.Duration]string{0: "0 s", time.Millisecond: "under 0.1 s",
		1500 * time.Millisecond: "1.5 s", 90 * time.Second: "1 min 30 s", 52 * time.Hour: "2 d 4 h", 48 * time.Hour: "2 d",
		-time.Hour: "1 h"} {
		if got := views.Duration(in); got != want {
			t.Errorf("Duration(%v) = %q, want %q", in, got, want)
		}
	}
	if got := views.HexDump("A\x00<"+strings.Repeat("z", 14),
		100); got != "00000000  41 00 3c 7a 7a 7a 7a 7a  7a 7a 7a 7a 7a 7a 7a 7a  A.<zzzzzzzzzzzzz\n00000010  7a                                                z\n" {
		t.Errorf("HexDump = %q", got)
	}
}

func TestRenderFails(t *testing.T) {
	var c templ.Component = views.Log("x")
	if err := c.Render(context.Background(), brokenWriter{}); err == nil {
		t.Error("a writer that fails is told")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("broken") }

// TestTimelineTellsChanges: a mark whose change is told looks different, its
// row too; without one it does not.
func TestTimelineTellsChanges(t *testing.T) {
	tl := timeline()
	for i := range tl.Marks {
		tl.Marks[i].Change = ""
	}
	if d := picture(t, tl); d.Find(".told").Length() != 0 {
		t.Error("something is told although nothing is known")
	}
	tl.Marks[2].Change = "module added: X"
	d := picture(t, tl)
	if d.Find("svg.timeline a.told").Length() != 1 || d.Find("tr.told").Length() != 1 {
		t.Errorf("marks %d, rows %d; want one each", d.Find("svg.timeline a.told").Length(), d.Find("tr.told").Length())
	}
}

// TestTimelineOfAnyLength writes labels of days that stand apart, whatever the
// period.
func TestTimelineOfAnyLength(t *testing.T) {
	label := regexp.MustCompile(`<text class="axis( end)?"[^>]* x="([0-9.]+)"[^>]*>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) `)
	for hours := 40; hours < 1400; hours += 7 {
		tl := timeline()
		tl.From = tl.To.Add(-time.Duration(hours) * time.Hour)
		end := 0.0
		found := label.FindAllStringSubmatch(render(t, views.RiskTimeline(tl, frame("x"))), -1)
		if len(found) == 0 {
			t.Errorf("%d hours: no day is named", hours)
		}
		for _, m := range found {
			x, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			if m[1] != "" { // it ends there
				x -= 64
			}
			if x < end {
				t.Errorf("%d hours: a label begins at %v, the one before it ends at %v", hours, x, end)
			}
			end = x + 64
		}
	}
}

// The score is the scorer's: with each rule counted once it is not the sum of
// the marks.
func TestTimelineSentence(t *testing.T) {
	tl := timeline()
	tl.Score = 1050
	want := "has 14 risk events with a score of 1,050 in all, the first at 2025-12-08 03:00:02 UTC"
	if got := picture(t, tl).Find("p.sentence").Text(); !strings.Contains(got, want) {
		t.Errorf("%q does not say %q", got, want)
	}
}

// The strip's cells stand where their hours are, shaded by their scores, and its
// words tell of the greatest.
func TestStrip(t *testing.T) {
	row := views.HostRow{Dest: "x", Score: 411, AsOf: time.Date(2025, 12, 14, 12, 0, 0, 0, time.UTC)}
	row.Strip[0], row.Strip[1], row.Strip[2], row.Strip[4], row.Strip[55] = 10, 50, 51, 100, 250
	d := document(t, render(t, views.Hosts(views.HostsPage{Any: true, Total: 1, Rows: []views.HostRow{row}})))
	for class, want := range map[string]string{"c1": "M0 0h6v16h-6Z", "c2": "M6 0h3v16h-3ZM12 0h3v16h-3Z", "c3": "",
		"c4": "M165 0h3v16h-3Z"} {
		if got := d.Find("svg.strip path."+class).AttrOr("d", ""); got != want {
			t.Errorf("%s: %q, want %q", class, got, want)
		}
	}
	want := "score 411 in 5 cells of 3 hours out of 56, the most, 250, Sun 2025-12-14 09:00 to 12:00 UTC"
	if got := d.Find("svg.strip").AttrOr("aria-label", ""); got != want {
		t.Errorf("%q", got)
	}
}
