package event_test

import (
	"fmt"
	"testing"

	"escutcheon/event"
)

func TestNormalizeHost(t *testing.T) {
	for in, want := range map[string]string{
		"WEB01.Corp.Example": "web01.corp.example", "web01.corp.example.": "web01.corp.example", "web01..": "web01",
		" WEB01 ": "web01", "a .": "a", "a . ": "a", "": "", ".": ".", "ÄÖ": "äö",
	} {
		if got := event.NormalizeHost(in); got != want {
			t.Errorf("NormalizeHost(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalizeMessage(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb": "a\nb", "a\r\r\nb": "a\nb", "a\rb": "a\nb", "a\nb": "a\nb", "a\r\n\r\nb": "a\n\nb",
		"a \t\r\r\n": "a", "a\u00a0\n": "a", " a": " a", "\r\n": "", "": "", "a\r\r\r\nb\r": "a\nb",
	} {
		if got := event.NormalizeMessage(in); got != want {
			t.Errorf("NormalizeMessage(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFloorSecond(t *testing.T) {
	for in, want := range map[int64]int64{0: 0, 1: 0, 999_999_999: 0, 1e9: 1, -1: -1, -1e9: -1, -1e9 - 1: -2} {
		if got := event.FloorSecond(in); got != want {
			t.Errorf("FloorSecond(%d) = %d, want %d", in, got, want)
		}
	}
}

// TestGet: what the log carries goes before aliases and what is derived; an
// empty member is a missing field.
func TestGet(t *testing.T) {
	e := event.Event{Computer: "web01", Channel: "microsoft-iis-configuration/OPERATIONAL", EventCode: 29, Raw: "raw"}
	e.Add("EventCode", "29")
	e.Add("Empty", "")
	e.Add("Twice", "first")
	e.Add("Twice", "second")
	e.Add("Sid", "S-1-5-18")
	e.Add("index", "risk")
	for name, want := range map[string]string{
		"ComputerName": "web01", "Computer": "web01", "host": "web01", "dest": "web01", "dvc": "web01",
		"LogName": e.Channel, "Channel": e.Channel, "EventCode": "29", "EventID": "29", "signature_id": "29",
		"UserID": "S-1-5-18", "user_id": "S-1-5-18", "Twice": "first", "_raw": "raw", "index": "main",
		"sourcetype": "IIS:Configuration:Operational", "source": "IIS:Configuration:Operational",
	} {
		if got, ok := e.Get(name); !ok || got != want {
			t.Errorf("Get(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"OpCode", "Message", "Empty", "eventcode", "nosuch", "_time"} {
		if got, ok := e.Get(name); ok {
			t.Errorf("Get(%q) = %q, want none", name, got)
		}
	}
	e.Add("sourcetype", "named by the input")
	if got, _ := e.Get("sourcetype"); got != "named by the input" {
		t.Errorf("a sourcetype that the input names is %q", got)
	}
	e.Reset()
	if _, ok := e.Get("EventCode"); ok || e.EventCode != event.None || e.HasTime || !e.Time().IsZero() {
		t.Errorf("after Reset: %+v", e)
	}
}

// Values without names are one field of several values; of others the first counts.
func TestList(t *testing.T) {
	e := &event.Event{}
	for _, f := range []string{"Data", "A", "Data", "A"} {
		e.Add(f, fmt.Sprint(len(e.Fields)))
	}
	if got := e.List("Data"); fmt.Sprint(got) != "[0 2]" {
		t.Error(got)
	}
	if got, _ := e.Get("Data"); got != "0" || e.List("A") != nil || e.List("B") != nil {
		t.Error(got, e.List("A"))
	}
}
