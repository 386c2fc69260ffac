package detection_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// The acceptance set against the seed, with events read by the simplest means.
func TestAcceptance(t *testing.T) {
	r := seed(t)
	events := acceptanceEvents(t)
	out := r.Plan().Run(slices.Values(events))

	var got []string
	for _, res := range out.Rows {
		var cells []string
		for _, f := range res.Row {
			cells = append(cells, f.Value)
		}
		got = append(got, strings.Join(cells, "\x00"))
	}
	slices.Sort(got)
	compareLines(t, "findings", got, records(t, "acceptance/findings.csv"))

	var truth struct {
		Events, Matching int
		Without          int `json:"without OpCode"`
	}
	data, err := os.ReadFile(shared(t, "acceptance/truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	if len(events) != truth.Events || out.Matched != truth.Matching || out.Missing["OpCode"] != truth.Without {
		t.Errorf("%d events, %d match, %v missing; want %+v", len(events), out.Matched, out.Missing, truth)
	}
	compareLines(t, "risk", riskLines(r, events), records(t, "acceptance/risk.csv"))
}

// riskLines replays the events through the schedule.
func riskLines(r *detection.Rule, events []spl.Event) []string {
	type cell struct {
		key    []string
		window detection.Window
		state  *spl.State
	}
	cells := map[string]*cell{}
	for _, e := range events {
		if !r.Plan().Matches(e) {
			continue
		}
		key, missing := r.Plan().Key(e)
		if missing != nil {
			continue
		}
		w := detection.WindowOf(event.FloorSecond(e.Time().UnixNano()))
		id := fmt.Sprint(w.Start, spl.KeyText(key))
		if cells[id] == nil {
			cells[id] = &cell{key, w, r.Plan().New()}
		}
		cells[id].state.Add(e)
	}
	byHost := map[string][]detection.RiskEvent{}
	for _, c := range cells {
		for _, e := range r.RiskEvents(c.key, c.state, c.window) {
			byHost[e.RiskObject] = append(byHost[e.RiskObject], e)
		}
	}
	var lines []string
	for _, host := range slices.Sorted(maps.Keys(byHost)) {
		newest, now := int64(math.MinInt64), time.Now().Unix()
		for _, e := range byHost[host] {
			newest = max(newest, e.Time)
		}
		asOf, _ := risk.AsOf(nil, now, &newest, &newest)
		row, _ := risk.Scorer{Settings: risk.Default()}.View(byHost[host], asOf).Row()
		at := func(s int64) string { return time.Unix(s, 0).UTC().Format("2006-01-02T15:04:05") }
		lines = append(lines, strings.Join([]string{host, strconv.Itoa(row.Score), strconv.Itoa(row.Count), at(row.FirstTime),
			at(row.LastTime)}, "\x00"))
	}
	return lines
}

func acceptanceEvents(t *testing.T) []spl.Event {
	t.Helper()
	f, err := os.Open(shared(t, "acceptance/nxlog.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[string]bool{}
	var out []spl.Event
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := map[string]any{}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		e := nxlogEvent(t, m)
		id := fmt.Sprint(event.NormalizeHost(e.Computer), e.RecordNumber, e.EventCode, e.Second())
		if !seen[id] {
			seen[id] = true
			out = append(out, e)
		}
	}
	return out
}

func nxlogEvent(t *testing.T, m map[string]any) *event.Event {
	t.Helper()
	str := func(name string) string { s, _ := m[name].(string); return s }
	num := func(name string) int64 { n, _ := m[name].(float64); return int64(n) }
	at, err := time.Parse("2006-01-02 15:04:05", str("EventTime"))
	if err != nil {
		t.Fatal(err)
	}
	e := &event.Event{HasTime: true, Nanos: at.UnixNano(), EventCode: num("EventID"), RecordNumber: num("RecordNumber"),
		Computer: str("Hostname"), Channel: str("Channel"), OpCode: str("Opcode"),
		Message: event.NormalizeMessage(str("Message"))}
	e.Add("EventCode", strconv.FormatInt(e.EventCode, 10))
	return e
}

func records(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, rec := range all[1:] {
		out = append(out, strings.Join(rec, "\x00"))
	}
	slices.Sort(out)
	return out
}

func compareLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s, row %d:\n got %q\nwant %q", what, i, got[i], want[i])
			return
		}
	}
}
