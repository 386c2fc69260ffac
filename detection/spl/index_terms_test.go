package spl_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

// What was imported is in every index but risk, notable and those that begin with
// _, and an event that says which index it is in, in that one.
func TestIndexTerms(t *testing.T) {
	imported, main := spl.Map{"_time": "1", "a": "1"}, spl.Map{"_time": "1", "a": "1", "index": "main"}
	risk := spl.Map{"_time": "1", "a": "1", "index": "risk"}
	for _, c := range []struct {
		search     string
		here, risk bool
	}{
		{"index=main", true, false}, {"index=*", true, true}, {"a=1", true, true}, {"index=risk", false, true},
		{"index=RISK a=1", false, true}, {"index=notable", false, false}, {"index=_internal", false, false},
		{"index=_*", false, false}, {"index=ri*", true, true}, {"index!=risk", true, false}, {"index!=main", true, true},
		{"NOT index=risk", true, false}, {"NOT index=main", false, true}, {"index IN (risk, notable)", false, true},
		{"index IN (risk, main)", true, true}, {"index NOT IN (risk, notable)", true, false},
		{"index NOT IN (main)", true, true}, {"index=risk OR a=1", true, true},
		{"(index=risk) OR (index=_audit)", false, true}, {"index=\"risk\"", false, true},
		{"* | search index=risk", false, true}, {"* | eval index=\"x\" | search index=risk", false, false},
		{"* | eval index=\"risk\" | search index=risk", true, true},
	} {
		p, err := spl.Compile(c.search+" | stats count", nil)
		if err != nil {
			t.Fatalf("%s: %v", c.search, err)
		}
		if p.Matches(imported) != c.here || p.Matches(main) != c.here || p.Matches(risk) != c.risk {
			t.Errorf("%s: imported %v, risk %v", c.search, p.Matches(imported), p.Matches(risk))
		}
	}
}

// A log that claims to be of an index apart is read as any other.
func TestNoLogChoosesItsIndex(t *testing.T) {
	e := ev("index=risk; a=1")
	if !compile(t, "index=main a=1 | stats count").Matches(e) || compile(t, "index=risk | stats count").Matches(e) {
		t.Error("the log's field counts")
	}
}

// Which indexes a scan asks for.
func TestScanIndexes(t *testing.T) {
	env := detection.Env(detection.BuiltInMacros(), nil)
	for search, want := range map[string]string{
		"a=1": "-", "index=*": "-", "index=* a=1": "-", "index=main": "-", "index=risk": "risk",
		"index=risk OR index=notable": "risk notable", "index=* OR index=notable": "- notable",
		"a=1 OR index=risk": "- risk", "NOT index=notable": "-", "index!=notable": "-",
		"index IN (notable, main)":          "- notable",
		"index=risk | search index=notable": "", "index=r*": "- risk", "index=_audit": "_audit",
		"| from datamodel Risk.All_Risk":                                      "risk",
		"| from datamodel:Risk.All_Risk | search risk_object=a":               "risk",
		"| tstats count from datamodel=Risk.All_Risk by All_Risk.risk_object": "risk",
		"| tstats count from datamodel=Endpoint.Processes":                    "-",
		"| tstats count where index=risk by a":                                "risk",
	} {
		q, err := env.Query(search)
		if err != nil {
			t.Errorf("%s: %v", search, err)
			continue
		}
		var got []string
		for _, name := range []string{"", "risk", "notable", "_audit"} {
			if q.Scans()[0].AsksIndex(name) {
				got = append(got, map[bool]string{true: "-", false: name}[name == ""])
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", search, got, want)
		}
	}
}

// Only what means something else than it did has another fingerprint.
func TestFingerprintsOfIndexes(t *testing.T) {
	same := []string{"index=main a=1 | stats count", "index!=risk | stats count", "index IN (a, risk) | stats count",
		"earliest=-1d index=* a=1 | stats count", "a=1 index NOT IN (x) | stats count"}
	other := []string{"TERM(x) | stats count", "index=risk | stats count", "NOT index=_internal | stats count",
		"a=1 [search index=notable | table a]",
		"* | stats latest(a) as latest | search latest>5", "* | stats count by index",
		"index=main | where index=\"main\" | stats count"}
	env := detection.Env(nil, nil)
	env.Whole = true
	plain := env
	plain.Revised = func(spl.Model, string) bool { return false }
	none := env
	none.Revised = nil
	for i, search := range append(same, other...) {
		now, err := plain.Compile(search)
		if err != nil {
			t.Fatal(err)
		}
		before, _ := none.Compile(search)
		if changed := now.Fingerprint() != before.Fingerprint(); changed != (i >= len(same)) {
			t.Errorf("%s: changed %v", search, changed)
		}
	}
}

// Plans keep their columns, which are the keys of findings, whatever index or time
// their search names.
func TestIndexIsNoColumn(t *testing.T) {
	with, without := compile(t, "index=main earliest=-1d a=1 b=2"), compile(t, "a=1 b=2")
	if strings.Join(with.By(), " ") != strings.Join(without.By(), " ") {
		t.Errorf("%q", with.By())
	}
	if got := with.Asks(); strings.Join(got, " ") != "a b" {
		t.Errorf("asks for %q", got)
	}
}

// riskEvent is an event of the index risk, with fields of several values.
type riskEvent struct {
	spl.Map
	lists map[string][]string
}

func (e riskEvent) List(name string) []string { return e.lists[name] }

func (e riskEvent) Get(name string) (string, bool) {
	if l := e.lists[name]; l != nil {
		return l[0], true
	}
	return e.Map.Get(name)
}

// The second drilldown of the built-in rules, as its author wrote it, over events of
// the index risk.
func TestRiskDrilldown(t *testing.T) {
	const search = `| from datamodel Risk.All_Risk | search normalized_risk_object IN ("web01") starthoursago=168 | ` +
		`stats count min(_time) as firstTime values(search_name) as "Search Name" values(risk_message) as "Risk Message" ` +
		`values(analyticstories) as "Analytic Stories" values(annotations.mitre_attack.mitre_tactic) as "ATT&CK Tactics" ` +
		`by normalized_risk_object`
	event := func(second, object, index string) spl.Event {
		return riskEvent{spl.Map{"_time": second, "risk_object": object, "index": index, "risk_message": "m",
			"search_name": "ESCU - x - Rule", "annotations.mitre_attack.mitre_tactic": "persistence"},
			map[string][]string{"annotations.analytic_story": {"B", "A"}}}
	}
	events := func(yield func(spl.Event) bool) {
		_ = yield(event("1000000", "web01", "risk")) && yield(event("1604800", "WEB01", "risk")) &&
			yield(event("1000001", "web01", "risk")) && yield(event("1604801", "web01", "risk")) &&
			yield(event("1600000", "web02", "risk")) && yield(event("1600000", "web01", "notable")) &&
			yield(spl.Map{"_time": "1600000", "risk_object": "web01"})
	}
	q, err := detection.Env(detection.BuiltInMacros(), nil).Query(search)
	if err != nil {
		t.Fatal(err)
	}
	a, err := q.Run(context.Background(), spl.Events(events), spl.Options{Now: time.Unix(1604800, 5e8)})
	if err != nil || len(a.Rows) != 2 {
		t.Fatalf("%v %+v", err, a.Rows)
	}
	got := listText(a.Rows[0].Row) + "\n" + listText(a.Rows[1].Row)
	want := "normalized_risk_object=WEB01 count=1 firstTime=1604800 Search Name=ESCU - x - Rule Risk Message=m " +
		"Analytic Stories=[A|B] ATT&CK Tactics=persistence\n" +
		"normalized_risk_object=web01 count=1 firstTime=1000001 Search Name=ESCU - x - Rule Risk Message=m " +
		"Analytic Stories=[A|B] ATT&CK Tactics=persistence"
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}
