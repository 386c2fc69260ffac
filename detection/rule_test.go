package detection_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

func TestSeed(t *testing.T) {
	r := seed(t)
	for _, tt := range []struct{ what, got, want string }{
		{"name", r.Name, "Windows IIS Components New Module Added"},
		{"search name", r.SearchName(), "ESCU - Windows IIS Components New Module Added - Rule"},
		{"columns", strings.Join(r.Plan().Columns(), ","), "OpCode,EventCode,dest,Message,count,firstTime,lastTime"},
		{"type", r.Type, "TTP"},
		{"date", r.Date, "2026-03-10"},
		{"stories", strings.Join(r.Tags.AnalyticStory, "|"), "IIS Components|GhostRedirector IIS Module and Rungan Backdoor"},
		{"tactics", strings.Join(r.Tactics(), "|"), "persistence"},
		{"technique", r.Techniques()[0].Name + " " + r.Techniques()[0].URL(),
			"IIS Components https://attack.mitre.org/techniques/T1505/004/"},
		{"risk", r.RBA.RiskObjects[0].Field + " " + r.RBA.RiskObjects[0].Type, "dest system"},
		{"annotations", strings.Join(r.Annotations(), "|"),
			"CIS 10|DE.CM|GhostRedirector IIS Module and Rungan Backdoor|IIS Components|T1505.004|persistence"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if r.Version != 9 || len(r.References) != 7 || len(r.Drilldowns) != 2 || r.RBA.RiskObjects[0].Score != 50 {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.KnownFalsePositives, "False positives") ||
		!strings.Contains(r.HowToImplement, "Operational log") {
		t.Error("texts are missing")
	}
}

func TestSeedIsVerbatim(t *testing.T) {
	want, err := os.ReadFile(shared(t, "seed/windows_iis_components_new_module_added.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seed(t).Raw, want) {
		t.Error("the embedded rule is not the one that was given")
	}
}

func TestFind(t *testing.T) {
	rules := []*detection.Rule{{ID: "aa", Name: "bb"}, {ID: "bb", Name: "Cc"}}
	for want, names := range map[string][]string{"aa": {"aa", "AA"}, "bb": {"bb", "cc", "ESCU - Cc - Rule"}} {
		for _, n := range names {
			if r := detection.Find(rules, n); r == nil || r.ID != want {
				t.Errorf("%s: %v", n, r)
			}
		}
	}
	if detection.Find(rules, "") != nil || detection.Find(rules, "dd") != nil {
		t.Error("found what is not there")
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "name: x\nid: y\n"
	for _, tt := range []struct{ yaml, want string }{
		{"\t", "contentctl"},
		{"name: [", "contentctl"},
		{"name: x\nsearch: a=1", "no id or no name"},
		{head, "no search"},
		{head + "search: null", "no search"},
		{head + "search: ' | '", "line 1"},
		{head + "search: 'a=1 | map b'", `command "map" at line 1, column 7`},
		{head + "search: 'a=1 | stats count by b'\nrba: {risk_objects: [{field: b, score: 101}]}", "not between"},
		{strings.Repeat("#", 2<<20), "longer"},
	} {
		r, err := detection.Load([]byte(tt.yaml), detection.BuiltInMacros())
		if err == nil || r != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.80q: %v", tt.yaml, err)
		}
	}
	_, err := detection.Load([]byte(head+"search: '`x`'"), nil)
	if se := (*spl.Error)(nil); !errors.As(err, &se) || se.Pos.Offset != 0 {
		t.Errorf("%v", err)
	}
	r, err := detection.Load([]byte(head+"new_key: 1\ndate: 2024-01-02\nsearch: '* | stats count'"), nil)
	if err != nil || r.Date != "2024-01-02" {
		t.Errorf("unknown keys: %v", err)
	}
}

func TestParseMacros(t *testing.T) {
	one, err := detection.ParseMacros([]byte("name: m\narguments: [a]\ndefinition: x=$a$\ndescription: d"))
	if err != nil || one["m(1)"].Definition != "x=$a$" {
		t.Errorf("%v %v", one, err)
	}
	two, err := detection.ParseMacros([]byte("- {name: a, definition: b}\n- {name: c, definition: d}"))
	if err != nil || len(two) != 2 || two["c"].Definition != "d" {
		t.Errorf("%v %v", two, err)
	}
	for _, bad := range []string{"- {definition: b}", "x", "- ["} {
		if m, err := detection.ParseMacros([]byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, m)
		}
	}
}

func TestFill(t *testing.T) {
	row := spl.Row{{Name: "dest", Value: "web$x$"}, {Name: "x", Value: "no"}, {Name: "empty", Value: ""}}
	for in, want := range map[string]string{
		"on $dest$.": "on web$x$.", "$nope$ $dest$": "$nope$ web$x$", "5$ $x$": "5$ no", "$": "$", "$$x$$": "$no$",
		"$empty$|": "|", "": "", "a $x": "a $x",
	} {
		if got := detection.Fill(in, row); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFillDrilldown(t *testing.T) {
	r := seed(t)
	row := spl.Row{{Name: "dest", Value: `we"b\1`}}
	d := r.FillDrilldown(r.Drilldowns[0], row)
	if d.Name != `View the detection results for - "we"b\1"` || d.Search != r.Search+` | search  dest = "we\"b\\1"` ||
		d.EarliestOffset != "$info_min_time$" {
		t.Errorf("%+v", d)
	}
	if d = r.FillDrilldown(r.Drilldowns[1], row); !strings.Contains(d.Search,
		`normalized_risk_object IN ("we\"b\\1") starthoursago=168`) {
		t.Errorf("%+v", d)
	}
}

func TestTechniqueOf(t *testing.T) {
	for id, want := range map[string]string{
		"T1505.004": "T1505.004 IIS Components persistence", "T1003.001": "T1003.001 OS Credential Dumping credential-access",
		"T1053": "T1053 Scheduled Task/Job execution,persistence,privilege-escalation", "T9999.001": "T9999.001  ", "": "  ",
	} {
		got := detection.TechniqueOf(id)
		if s := got.ID + " " + got.Name + " " + strings.Join(got.Tactics, ","); s != want {
			t.Errorf("%q: %q, want %q", id, s, want)
		}
	}
}

func TestTechniqueURL(t *testing.T) {
	for id, want := range map[string]string{"T1505": "https://attack.mitre.org/techniques/T1505/",
		"T1505.004": "https://attack.mitre.org/techniques/T1505/004/",
		"":          "", "T15": "", "T1505.": "", "T1505.4": "", "T1505/../x": "", "X1505": ""} {
		if got := (detection.Technique{ID: id}).URL(); got != want {
			t.Errorf("%q: %q", id, got)
		}
	}
}
