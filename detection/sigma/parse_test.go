package sigma_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"escutcheon/detection/sigma"
)

const whole = `# a comment
title: "A rule"
id: 929A690E-bef0-4204-a928-ef5e620d6fcc
name: a_rule
related:
    - {id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}
taxonomy: sigma
status: Test
description: |
    Two
    lines
license: DRL-1.1
references: [https://example.com/a]
author: A, B
date: 2024-08-08
modified: 2025-08-02
tags: [attack.t1505.004, attack.persistence]
logsource: {product: Windows, category: process_creation, definition: switch it on}
detection: {s: {Image: x}, condition: s}
fields: [CommandLine]
falsepositives: Unlikely
level: High
scope: [server]
---
# nothing
---
title: Second
logsource: {product: windows, service: system}
detection: {s: {EventID: 104}, condition: s}
`

func TestParse(t *testing.T) {
	docs, err := sigma.Parse([]byte(whole))
	if err != nil || len(docs) != 2 {
		t.Fatal(len(docs), err)
	}
	d := docs[0]
	for got, want := range map[string]string{
		d.Title: "A rule", d.ID: "929A690E-bef0-4204-a928-ef5e620d6fcc", d.Name: "a_rule", d.Status: "test",
		d.Level: "high", d.Description: "Two\nlines", d.License: "DRL-1.1", d.Author: "A, B", d.Date: "2024-08-08",
		d.Modified: "2025-08-02", d.Taxonomy: "sigma", d.LogSource.String(): "windows/process_creation",
		d.LogSource.Definition: "switch it on", fmt.Sprint(d.Related): "[{08fbc97d-0a2f-491c-ae21-8ffcfd3174e9 derived}]",
		fmt.Sprint(d.Tags, d.References, d.FalsePositives, d.Fields, d.Scope): "[attack.t1505.004 attack.persistence] " +
			"[https://example.com/a] [Unlikely] [CommandLine] [server]",
		fmt.Sprint(d.Line, d.Index, d.IsRule(), d.Off()): "2 0 true false",
		d.FilterName(): "sigma_a_rule_929a690e_filter", d.UserColumn(): "User",
		docs[1].FilterName(): "sigma_second_filter", docs[1].UserColumn(): "user",
		fmt.Sprint(docs[1].Title, docs[1].Line, docs[1].Index): "Second27 1",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	kinds := []sigma.Kind{{"Microsoft-Windows-Sysmon/Operational", 1}, {"Security", 4688}}
	if got := d.Kinds(); !reflect.DeepEqual(got, kinds) {
		t.Error(got)
	}
	if got := docs[1].Kinds(); !reflect.DeepEqual(got, []sigma.Kind{{Channel: "System"}}) {
		t.Error(got)
	}
	of, err := sigma.Parse([]byte("title: C\ncorrelation: {type: temporal, rules: [a], timespan: 1m}"))
	if err != nil || of[0].Kinds() != nil || of[0].UserColumn() != "user" || of[0].IsRule() {
		t.Error(of, err)
	}
	for status, off := range map[string]bool{"stable": false, "experimental": false, "": false, "deprecated": true,
		"unsupported": true, "DEPRECATED": true} {
		docs, err := sigma.Parse([]byte(strings.Replace(whole, "status: Test", "status: "+status, 1)))
		if err != nil || docs[0].Off() != off {
			t.Errorf("%q: %v", status, err)
		}
	}
}

// What cannot be read is refused with its place.
func TestParseRefusals(t *testing.T) {
	const rule = "title: T\nlogsource: {product: windows}\n"
	bomb := "title: T\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i < 'h'; i++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", i-1), 10), ","))
	}
	for text, want := range map[string]string{
		"":                       "line 1, column 1: there is no rule in it",
		"# nothing\n---\n":       "there is no rule in it",
		"title: [":               "line 1, column 1: this is no YAML",
		"a: b\n  c: d":           "line 2, column 1: this is no YAML",
		"- a":                    "line 1, column 1: a rule is a mapping",
		"a: b":                   "the rule has no title",
		"title: T":               "the rule has no logsource",
		rule:                     "the rule has no detection",
		rule + "detection: {}":   "line 3, column 12: the detection has no condition",
		rule + "detection: x":    "the rule has no detection",
		rule + "title: U":        `line 3, column 1: the key "title" is there twice`,
		rule + "action: global":  "line 3, column 9: collections by action are deprecated",
		rule + "filter: {}":      "line 3, column 9: filters over other rules are not supported",
		rule + "? [a]\n: b":      "a key is a text",
		bomb:                     "the document has more than 50000 values",
		"title: T\na: &a [*a]":   "",
		strings.Repeat("a", 2e6): "the file is longer than 1 MiB",
		"title: T\na: " + strings.Repeat("[", 50) + strings.Repeat("]", 50):                              "the document is nested more than 40 deep",
		strings.Repeat("title: T\ncorrelation: {type: temporal, rules: [a], timespan: 1m}\n---\n", 1001): "more than 1000 documents",
	} {
		docs, err := sigma.Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %d documents, %v; want %s", text, len(docs), err, want)
		}
	}
}

func TestIs(t *testing.T) {
	for text, want := range map[string]bool{
		whole: true, "title: C\ncorrelation:\n  type: temporal\n": true, "\ufefftitle: x\r\nlogsource:\r\n detection:\r\ndetection:\r\n": true,
		`"title": T` + "\n'logsource': {}\n\"detection\": {}\n":      true,
		"name: A\nid: x\nsearch: '`sysmon` EventCode=1'\ntags: {}\n": false,
		"name: A\nsearch: x\nlogsource: y\n":                         false, "": false, "detection: x": false,
		"a:\n    detection: x\n    logsource: y\n": false, "logsource: x\n# detection: y\n": false,
	} {
		if got := sigma.Is([]byte(text)); got != want {
			t.Errorf("%.40q: %v", text, got)
		}
	}
}

func TestParseValues(t *testing.T) {
	got, err := sigma.ParseValues([]byte("Servers: ['srv*', dc1]\n'%Admins%': root\nPorts: [1, 2]\nNone: []"))
	want := sigma.Values{"Servers": {"srv*", "dc1"}, "Admins": {"root"}, "Ports": {"1", "2"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Error(got, err)
	}
	for text, want := range map[string]string{"- a": "values are a mapping", "a: {b: c}": `a value of "a" is a text`,
		"a: [null]": `line 1, column 5: a value of "a" is a text`, "a: [": "this is no YAML",
		strings.Repeat(" ", 2e6): "longer than 1 MiB"} {
		if _, err := sigma.ParseValues([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if got, err := sigma.ParseValues(nil); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

// What a few lines come to is bounded.
func TestBounds(t *testing.T) {
	long := strings.Repeat("2 of s* or ", 400) + "2 of s*"
	many := ""
	for i := range 19 {
		many += fmt.Sprintf("s%d: {A|contains: [%s]}, ", i, strings.TrimSuffix(strings.Repeat("abcdefgh, ", 50), ", "))
	}
	deep := strings.Repeat("(", 200) + "a" + strings.Repeat(")", 200)
	for detection, want := range map[string]string{
		many + "condition: " + long:                                                    "the detection comes to",
		"a: {A: x}, condition: " + deep:                                                "nested more than 100 deep",
		"a: {A: x}, condition: '" + strings.Repeat("a or ", 4000) + "a'":               "longer than 16384 bytes",
		"a: {A|windash: [" + strings.Repeat("-a -b -c -d, ", 40) + "x]}, condition: a": "more than 20000",
		"a: {A|re: '" + strings.Repeat("a", 9000) + "'}, condition: a":                 "longer than 8192 bytes",
		strings.Repeat("x", 0) + many + "condition: 10 of s*":                          "more than 200 ways to choose 10 of 19",
	} {
		docs, err := sigma.Parse([]byte("title: T\nlogsource: {product: windows}\ndetection: {" + detection + "}"))
		if err == nil {
			_, err = docs[0].Search(sigma.Env{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", detection, err, want)
		}
	}
}
