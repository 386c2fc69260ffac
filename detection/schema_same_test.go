package detection_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/materialize/materializetest"
)

// The same rule as each schema of ESCU writes it: 2024 with observables in its
// tags, 2025 (version 5) with rba, 2026 (version 6) with findings.
const (
	sameHead = `name: Same
id: same
version: 1
date: '2024-01-02'
type: TTP
search: 'EventCode=29 | stats count by dest user process_name parent_process_name file_name'
`
	tags2024 = `tags:
  analytic_story: [IIS Components]
  asset_type: Endpoint
  confidence: 80
  impact: 60
  risk_score: 48
  message: $process_name$ ran on $dest$ for $user$
  mitre_attack_id: [T1505.004]
  observable:
  - {name: user, type: User, role: [%s]}
  - {name: dest, type: %s, role: [Victim]}
  - {name: parent_process_name, type: Process, role: [Attacker]}
  - {name: process_name, type: Process Name, role: [Attacker]}
  - {name: process_name, type: Process, role: [Attacker]}
  - {name: file_name, type: File Name, role: [%s]}
  product: [Splunk Enterprise]
  security_domain: endpoint
`
	rba2025 = `rba:
  message: $process_name$ ran on $dest$ for $user$
  risk_objects:
  - {field: user, type: user, score: 48}
  - {field: dest, type: system, score: 48}
  threat_objects:
  - {field: parent_process_name, type: parent_process_name}
  - {field: process_name, type: process_name}
  - {field: process_name, type: process_name}
  - {field: file_name, type: file_name}
tags:
  analytic_story: [IIS Components]
  asset_type: Endpoint
  mitre_attack_id: [T1505.004]
  product: [Splunk Enterprise]
  security_domain: endpoint
`
	findings2026 = `finding:
    title: $process_name$ ran on $dest$ for $user$
    entity: {field: user, type: user, score: 48}
intermediate_findings:
    entities:
        - {field: dest, type: system, score: 48, message: $process_name$ ran on $dest$ for $user$}
` + rest2026
	anomaly2026 = `intermediate_findings:
    entities:
        - {field: user, type: user, score: 48, message: $process_name$ ran on $dest$ for $user$}
        - {field: dest, type: system, score: 48, message: $process_name$ ran on $dest$ for $user$}
` + rest2026
	rest2026 = `threat_objects:
    - {field: parent_process_name, type: parent_process_name}
    - {field: process_name, type: process_name}
    - {field: process_name, type: process_name}
    - {field: file_name, type: file_name}
analytic_story: [IIS Components]
asset_type: Endpoint
mitre_attack_id: [T1505.004]
product: [Splunk Enterprise]
category: endpoint
security_domain: endpoint
`
)

// TestSameRisk: whatever the schema, a rule has the same risk and tags.
func TestSameRisk(t *testing.T) {
	risk := func(what, yaml string) string {
		r, err := detection.Load([]byte(sameHead+yaml), nil)
		if err != nil {
			t.Fatal(what, err)
		}
		r.Tags.Confidence, r.Tags.Impact = 0, 0 // which only the oldest has
		s := r.Plan().New()
		e := materializetest.Change("web01", 1000, "m")
		e.Add("user", "Alice")
		e.Add("process_name", "a.exe")
		e.Add("parent_process_name", "b.exe")
		e.Add("file_name", "c.dll")
		e.Add("dest", "web01")
		parts := r.Plan().Feed(e, nil)
		if len(parts) != 1 || len(parts[0].Missing) > 0 {
			t.Fatalf("%s: %+v", what, parts)
		}
		s.Add(&parts[0])
		events := r.RiskEvents(parts[0].Key, s, detection.WindowOf(1000))
		return fmt.Sprintf("%v %v\n%+v", r.Tags, r.RBA, events)
	}
	want := risk("rba", rba2025)
	if !strings.Contains(want, "a.exe ran on web01 for Alice") || strings.Count(want, "RiskObject:") != 2 ||
		strings.Count(want, "{process_name process_name}") != 1 {
		t.Fatal(want)
	}
	for what, yaml := range map[string]string{
		"findings":              findings2026,
		"intermediate findings": anomaly2026,
		"tags":                  fmt.Sprintf(tags2024, "Victim", "Hostname", "Attacker"),
		"a user who attacks":    fmt.Sprintf(tags2024, "Attacker", "Endpoint", "Attacker"),
		"a file as the victim":  fmt.Sprintf(tags2024, "Victim", "Hostname", "Victim"),
	} {
		if got := risk(what, yaml); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
		}
	}
}

// TestObservables: single observables of 2024, as what the schema of 2025 has.
func TestObservables(t *testing.T) {
	for observable, want := range map[string]string{
		"{name: IpAddress, type: Endpoint, role: [Attacker]}":   "[] [{IpAddress ip_address}]",
		"{name: Computer, type: Endpoint, role: [Attacker]}":    "[{Computer system 7}] []",
		"{name: src_user, type: User Name, role: [Attacker]}":   "[{src_user user 7}] []",
		"{name: from, type: Email Address, role: [Attacker]}":   "[] [{from email_address}]",
		"{name: url, type: URL String, role: [Attacker]}":       "[] [{url url}]",
		"{name: ImagePath, type: File, role: [Attacker]}":       "[] [{ImagePath file_name}]",
		"{name: TargetImage, type: Process, role: [Victim]}":    "[] [{TargetImage process}]",
		"{name: registry_path, type: Other, role: [Attacker]}":  "[] [{registry_path registry_path}]",
		"{name: object_name, type: Other, role: [Attacker]}":    "[] [{object_name other}]",
		"{name: account, type: Other, role: [Victim]}":          "[{account other 7}] []",
		"{name: src, type: IP Address, role: [Attacker]}":       "[] [{src ip_address}]",
		"{name: dest, type: Hostname, role: [Victim, Target]}":  "[{dest system 7}] []",
		"{name: dest, type: Hostname, role: [Child Process]}":   "[] [{dest hostname}]",
		"{name: process, type: Process, role: [Child Process]}": "[] [{process process}]",
	} {
		r, err := detection.Load([]byte("name: x\nid: y\ntype: TTP\nsearch: a=1\ntags:\n  risk_score: 7\n  observable: ["+
			observable+"]\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.RBA.RiskObjects, r.RBA.ThreatObjects); got != want {
			t.Errorf("%s: %s, want %s", observable, got, want)
		}
	}
}

// TestOwnMessages: an entity of an intermediate finding says its own words.
func TestOwnMessages(t *testing.T) {
	own := strings.Replace(findings2026, "message: $process_name$ ran on $dest$ for $user$",
		"message: $dest$ is hit", 1)
	r, err := detection.Load([]byte(sameHead+own), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := materializetest.Change("web01", 1000, "m")
	for _, field := range []string{"dest", "user", "process_name", "parent_process_name", "file_name"} {
		e.Add(field, field+"!")
	}
	s := r.Plan().New()
	parts := r.Plan().Feed(e, nil)
	s.Add(&parts[0])
	var got []string
	for _, one := range r.RiskEvents(parts[0].Key, s, detection.WindowOf(1000)) {
		got = append(got, one.ObjectType+" "+one.Message)
	}
	if want := "[user process_name! ran on dest! for user! system dest! is hit]"; fmt.Sprint(got) != want {
		t.Errorf("%v", got)
	}
}

// TestScheduleFiles: the files that version 6 keeps its schedules in are no rules,
// and a rule may be of the type that they are named by.
func TestScheduleFiles(t *testing.T) {
	got := detection.KindOf("schedules/default_x.yml", []byte("name: Default X\nid: s\nversion: 1\n"+
		"cron_schedule: 0 * * * *\nearliest_time: -70m@m\nlatest_time: -10m@m\nschedule_window: auto\n"))
	if got != detection.OtherFile {
		t.Error(got)
	}
	for kind, risk := range map[string]bool{"TTP": true, "Anomaly": true, "Correlation": true, "EventBasedDetection": true,
		"Hunting": false, "Baseline": false} {
		if s := detection.ScheduleOf(kind); s.Risk != risk {
			t.Errorf("%s: %+v", kind, s)
		}
	}
}
