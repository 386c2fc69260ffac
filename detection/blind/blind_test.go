package blind_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection"
	"escutcheon/detection/blind"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
	"escutcheon/event"
)

var noon = time.Date(2026, 3, 11, 12, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

func change(minute int, kind detection.Kind, channel string) verdict.Change {
	c := verdict.Change{Event: int64(minute) + 1, At: at(minute)}
	c.Kind, c.Module, c.By = kind, channel, `CORP\ann`
	return c
}

// line is a span in short.
func line(s blind.Span) string {
	clock := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format("02 15:04")
	}
	return string(s.Kind) + " " + clock(s.From) + " " + clock(s.To)
}

// TestMake: each thing that blinds the logs is a span with what it rests on, and what was
// not collected is told as that.
func TestMake(t *testing.T) {
	const iis = event.IISConfiguration
	var v verdict.Verdict
	v.Off = []verdict.Off{{From: at(5), To: at(9), Scope: "all sites", Event: 4}}
	v.ETW = []verdict.Change{change(6, detection.ETWTargetRemoved, "")}
	h := &onfile.History{Told: []onfile.Told{{Text: "reset", File: &artifact.File{ID: 3}, History: true, From: at(1),
		To: at(2)}, {Text: "keys", File: &artifact.File{ID: 3}}}}
	spans := blind.Make(blind.Input{Verdict: v, OnFile: h, Files: []artifact.File{{Kind: artifact.ApplicationHost}},
		Channels: []blind.Channel{{Name: "System", Events: 9, From: noon, To: noon.AddDate(0, 0, 9)},
			{Name: iis, Events: 3, From: noon, To: noon.AddDate(0, 0, 9),
				Gaps: [][2]time.Time{{noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 4)}}},
			{Name: event.RequestLog, Events: 7, From: noon, To: noon.AddDate(0, 0, 5)}},
		Changes: []verdict.Change{change(10, detection.ChannelOff|detection.FromCommand, iis),
			change(11, detection.ChannelOff, strings.ToUpper(iis)), change(20, detection.ChannelOn, iis),
			change(30, detection.ChannelOff, iis), change(40, detection.LogCleared, "Security"),
			change(50, detection.HistoryTrouble, "APPHOSTSVC 9010"), change(60, detection.ChannelOn, "Other")},
		Gaps: []blind.Gap{{Channel: "System", First: 4, Last: 9, From: at(3), To: at(4), Missing: 4}}})
	var got []string
	for _, s := range spans {
		if s.Kind != blind.NotCollected {
			got = append(got, line(s))
			if s.Text == "" || len(s.Evidence) == 0 && s.Kind != blind.RecordGap && s.Kind != blind.NoEvents &&
				s.Kind != blind.RequestsStop {
				t.Errorf("%+v", s)
			}
		}
	}
	want := `history reset 11 12:01 11 12:02
record gap 11 12:03 11 12:04
http logging off 11 12:05 11 12:09
etw target removed 11 12:06 -
channel off 11 12:10 11 12:20
channel off 11 12:30 -
log cleared 11 12:40 11 12:40
history reset 11 12:50 -
no events 13 12:00 15 12:00
requests stop 16 12:00 20 12:00`
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	var lacks []string
	for _, s := range spans {
		if s.Kind == blind.NotCollected {
			lacks = append(lacks, strings.SplitN(s.Text, ":", 2)[0])
		}
	}
	if got := strings.Join(lacks, ", "); got != "Security, HTTPERR, web.config, history of the configuration, files of modules" {
		t.Error(got)
	}
}

// TestGaps: records that lack between others, and an export that chose some.
func TestGaps(t *testing.T) {
	records := func(numbers ...int64) (out []blind.Record) {
		for _, n := range numbers {
			out = append(out, blind.Record{Number: n, Second: noon.Unix() + n})
		}
		return out
	}
	if g := blind.Gaps("System", records(5, 6, 9, 9, 7, 10, 13), 1); len(g) != 1 || g[0].Missing != 2 ||
		g[0].First != 10 || g[0].Last != 13 || g[0].Of != 0 || g[0].From.Unix() != noon.Unix()+10 {
		t.Errorf("%+v", g)
	}
	if g := blind.Gaps("System", records(5, 600, 9000), 9); len(g) != 1 || g[0].Held != 3 || g[0].Of != 8996 {
		t.Errorf("%+v", g)
	}
	if g := blind.Gaps("System", records(7), 9); g != nil {
		t.Errorf("%+v", g)
	}
}
