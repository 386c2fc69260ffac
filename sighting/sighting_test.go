package sighting_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"escutcheon/event"
	"escutcheon/intake"
	"escutcheon/sighting"
)

func base() *event.Event {
	return &event.Event{Nanos: 5_999_999_999, HasTime: true, EventCode: 29, RecordNumber: 7, Computer: "WEB01.corp.",
		Channel: "System",
		Raw:     "head\nraw"}
}

// TestIdentity: (normalised computer, channel, record number, code, whole
// second), and nothing else, makes an event one event.
func TestIdentity(t *testing.T) {
	want := sighting.Identity{Computer: "web01.corp", Channel: "System", Record: 7, Code: 29, Second: 5}
	for name, c := range map[string]struct {
		change func(e *event.Event)
		same   bool
	}{
		"itself":              {func(*event.Event) {}, true},
		"spelling of host":    {func(e *event.Event) { e.Computer = " web01.CORP" }, true},
		"another host":        {func(e *event.Event) { e.Computer = "web01" }, false},
		"no host":             {func(e *event.Event) { e.Computer = "" }, false},
		"case of channel":     {func(e *event.Event) { e.Channel = "system" }, false},
		"no channel":          {func(e *event.Event) { e.Channel = "" }, false},
		"another record":      {func(e *event.Event) { e.RecordNumber = 8 }, false},
		"record 0":            {func(e *event.Event) { e.RecordNumber = 0 }, false},
		"another code":        {func(e *event.Event) { e.EventCode = 30 }, false},
		"no code":             {func(e *event.Event) { e.EventCode = event.None }, false},
		"same second":         {func(e *event.Event) { e.Nanos = 5_000_000_000 }, true},
		"second before":       {func(e *event.Event) { e.Nanos = 4_999_999_999 }, false},
		"second after":        {func(e *event.Event) { e.Nanos = 6_000_000_000 }, false},
		"no time":             {func(e *event.Event) { e.HasTime = false }, false},
		"provider, text, raw": {func(e *event.Event) { e.Provider, e.Message, e.Raw, e.OpCode = "p", "m", "r", "o" }, true},
	} {
		e := base()
		c.change(e)
		got, numbered := sighting.Of(e)
		if (got == want) != c.same || !numbered {
			t.Errorf("%s: %+v, numbered %v; the same as %+v: %v", name, got, numbered, want, c.same)
		}
	}
	before := base()
	before.Nanos = -1
	if got, _ := sighting.Of(before); got.Second != -1 {
		t.Errorf("a nanosecond before 1970 is in second %d, want -1", got.Second)
	}
	timeless := base()
	timeless.HasTime = false
	if got, _ := sighting.Of(timeless); got.Second != sighting.NoSecond {
		t.Errorf("no time is second %d", got.Second)
	}
	bare := base()
	bare.RecordNumber = event.None
	if _, numbered := sighting.Of(bare); numbered {
		t.Error("an event without a record number has one")
	}
}

// TestDigest: databases hold these, so they never change.
func TestDigest(t *testing.T) {
	e := base()
	if sighting.Digest(e) != sha256.Sum256([]byte("head\nraw")) {
		t.Error("the digest is not of the bytes")
	}
	e.Own = "raw"
	digest := sighting.Digest(e)
	if digest != sha256.Sum256([]byte("raw")) {
		t.Error("the digest is not of the event's own bytes")
	}
	one, two := sighting.Nth(digest, 1), sighting.Nth(digest, 2)
	if one == two {
		t.Error("two equal records of a file are one event")
	}
	sum := sha256.Sum256(append(append([]byte{}, digest[:]...), 0, 0, 0, 0, 0, 0, 1, 2))
	if got := sighting.Nth(digest, 258); hex.EncodeToString(got[:]) != hex.EncodeToString(sum[:16]) {
		t.Errorf("the 258th is %x, want %x", got, sum[:16])
	}
}

func TestKnown(t *testing.T) {
	xml, text := intake.Reading{Format: "xml", Zone: "UTC"}, intake.Reading{Format: "text", Zone: "UTC"}
	seen := []intake.Sighting{{Record: 3, Raw: "a", Reading: xml}, {Record: 5, Raw: "b", Reading: xml},
		{Record: 3, Raw: "a", Reading: xml},
		{Record: 9, Raw: "a", Reading: text}}
	for _, c := range []struct {
		raw  string
		as   intake.Reading
		want int64
	}{{"a", xml, 3}, {"b", xml, 5}, {"a", text, 9}, {"b", text, 0}, {"", xml, 0},
		{"a", intake.Reading{Format: "xml", Zone: "CET"}, 0}} {
		if got := sighting.Known(seen, c.raw, c.as); got != c.want {
			t.Errorf("%q read as %+v is record %d, want %d", c.raw, c.as, got, c.want)
		}
	}
	if sighting.Known(nil, "a", xml) != 0 {
		t.Error("what was never seen is known")
	}
}
