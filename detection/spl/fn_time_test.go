package spl_test

import (
	"slices"
	"testing"

	"escutcheon/detection/spl"
	"escutcheon/detection/spl/value"
)

// Search Reference, strftime: the conversions, in UTC. _time is the Saturday
// 2025-12-06T18:43:51.5Z.
func TestStrftime(t *testing.T) {
	for format, want := range map[string]string{
		"%Y-%m-%d": "2025-12-06", "%y": "25", "%H:%M:%S": "18:43:51", "%I %p": "06 PM", "%e": " 6", "%j": "340",
		"%a %A": "Sat Saturday", "%b %B %h": "Dec December Dec",
		"%F": "2025-12-06", "%T": "18:43:51", "%D": "12/06/25", "%R": "18:43", "%z": "+0000", "%Z": "UTC",
		"%s": "1765046631", "%%": "%", "%w": "6", "%k": "18", "%l": " 6", "%V": "49",
		"%c": "Sat Dec  6 18:43:51 2025", "%x": "12/06/25", "%X": "18:43:51", "%n%t": "\n\t", "%N": "500000000",
		"%3N": "500", "%6N": "500000", "%9N": "500000000", "%Q": "500", "%3Q": "500", "%6Q": "500000",
		"%9Q":            "500000000",
		"at %H Jan 2006": "at 18 Jan 2006", "": "", "%": null, "%5N": null, "%J": null, "%Y%": null, "x%3": null,
	} {
		if got := evaluate(t, `strftime(_time,"`+format+`")`); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
	evaluations{
		{`strftime(0,"%F %k %l")`, "1970-01-01  0 12"}, {`strftime(43200,"%k %l %I %p")`, "12 12 12 PM"},
		{`strftime(-0.5,"%FT%T.%3N")`, "1969-12-31T23:59:59.500"},
		{`strftime("1765046631.123456789","%9N")`, "123456789"},
		{`strftime(1.25+0,"%S.%6N")`, "01.250000"}, {`strftime(-1-0.25,"%S.%3N")`, "58.750"},
		{`strftime(253402300799,"%F")`, "9999-12-31"}, {`strftime(253402300799+1,"%F")`, null},
		{`strftime(253402300800,"%F")`, null},
		{`strftime(nope,"%F")`, null}, {`strftime(0,nope)`, null}, {`strftime(s,"%F")`, null},
		{`strftime(0,"%F"."%T")`, "1970-01-0100:00:00"}, {`strftime(0,"%"."J")`, null},
		{`strftime(1735689600,"%V %j")`, "01 001"}, {`strftime(1735516799,"%V")`, "52"},
	}.check(t)
}

// Search Reference, strptime: UTC unless the text names a zone; what the
// format does not give is that of 1970-01-01.
func TestStrptime(t *testing.T) {
	for _, c := range [][3]string{
		{"2025-12-06 18:43:51", "%Y-%m-%d %H:%M:%S", "1765046631"},
		{"2025-12-06T18:43:51Z", "%Y-%m-%dT%H:%M:%SZ", "1765046631"},
		{"2025-12-06T18:43:51+0100", "%Y-%m-%dT%H:%M:%S%z", "1765043031"},
		{"2025-12-06 18:43:51.25", "%Y-%m-%d %H:%M:%S.%N", "1765046631.25"},
		{"2025-12-06 18:43:51.250", "%F %T.%3N", "1765046631.25"},
		{"2025-12-06 18:43:51.123456789", "%F %T.%9Q", "1765046631.123456789"},
		{"2025-12-06 18:43:51.5", "%F %T", "1765046631.5"},
		{"12/06/25", "%m/%d/%y", "1764979200"}, {"06 Dec 2025 06:43 PM", "%d %b %Y %I:%M %p", "1765046580"},
		{"December 6, 2025", "%B %e, %Y", "1764979200"}, {"Sat Dec  6 18:43:51 2025", "%c", "1765046631"},
		{"340 2025", "%j %Y", "1764979200"},
		{"18:43:51", "%H:%M:%S", "67431"}, {"00:00:00", "%T", "0"}, {"2025", "%Y", "1735689600"},
		{" 2025-12-06 ", "%F", "1764979200"}, {"1765046631.25", "%s", "1765046631.25"}, {" 5 ", "%s", "5"},
		{"100%", "%y%%", null}, {"25%", "%y%%", "1735689600"},
		{"2025-12-06", "%d", null}, {"2025-13-06", "%F", null}, {"2025-02-30", "%F", null}, {"x", "%F", null},
		{"", "%F", null}, {"5 s", "%s s", null}, {"x", "%s", null}, {"1677-12-31", "%F", null},
		{"1678-01-01", "%F", "-9214560000"}, {"2261-12-31", "%F", "9214560000"}, {"2262-01-01", "%F", null},
		{"2025-12-06", "%F Jan", null}, {"2006", "2006", null}, {"2025 Mon", "%Y Mon", null},
		{"2025-12-06", "%J", null}, {"6", "%w", null}, {"1", "%V", null}, {"2025-12-06 PM", "%F PM", null},
	} {
		if got := evaluate(t, `strptime("`+c[0]+`","`+c[1]+`")`); got != c[2] {
			t.Errorf("%q as %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
	evaluations{{`strptime(nope,"%F")`, null}, {`strptime("2025-12-06",nope)`, null},
		{`strftime(strptime("2025-12-06","%F"),"%A")`,
			"Saturday"}, {`strptime("1970-01-01T00:00:00 EST","%FT%T %Z")`, "0"}}.check(t)
}

// Search Reference, relative_time: steps one after the other; @ rounds down,
// weeks to Sunday.
func TestRelativeTime(t *testing.T) {
	for specifier, want := range map[string]string{
		"-1d": "2025-12-05T18:43:51.500", "+1d": "2025-12-07T18:43:51.500", "-d": "2025-12-05T18:43:51.500",
		"-90s": "2025-12-06T18:42:21.500", "+2m": "2025-12-06T18:45:51.500", "+2min": "2025-12-06T18:45:51.500",
		"-3h": "2025-12-06T15:43:51.500", "-3hours": "2025-12-06T15:43:51.500", "+1w": "2025-12-13T18:43:51.500",
		"-1mon": "2025-11-06T18:43:51.500", "+2months": "2026-02-06T18:43:51.500", "-1q": "2025-09-06T18:43:51.500",
		"-1y": "2024-12-06T18:43:51.500", "+1year": "2026-12-06T18:43:51.500", "-0d": "2025-12-06T18:43:51.500",
		"":   "2025-12-06T18:43:51.500",
		"@s": "2025-12-06T18:43:51.000", "@m": "2025-12-06T18:43:00.000", "@h": "2025-12-06T18:00:00.000",
		"@d": "2025-12-06T00:00:00.000", "@w": "2025-11-30T00:00:00.000", "@w0": "2025-11-30T00:00:00.000",
		"@w7": "2025-11-30T00:00:00.000", "@w1": "2025-12-01T00:00:00.000", "@w5": "2025-12-05T00:00:00.000",
		"@w6":  "2025-12-06T00:00:00.000",
		"@mon": "2025-12-01T00:00:00.000", "@q": "2025-10-01T00:00:00.000", "@y": "2025-01-01T00:00:00.000",
		"-1d@d": "2025-12-05T00:00:00.000", "@d-1h": "2025-12-05T23:00:00.000",
		"-1mon@mon": "2025-11-01T00:00:00.000", "@d+10h+5m": "2025-12-06T10:05:00.000",
		"-1h @h": "2025-12-06T17:00:00.000",
		"1d":     null, "d": null, "-1x": null, "@x": null, "@": null, "-": null, "-1": null, "@d@": null,
		"-d-":  null,
		"@w8x": null, "+73201d": null, "-1000000000s": "1994-03-30T16:57:11.500", "-7000000000s": null,
		"+99999999999999999999s": null, "+200y": "2225-12-06T18:43:51.500",
		"+201y": null, "+2400mon": "2225-12-06T18:43:51.500", "+2401mon": null, "+800q": "2225-12-06T18:43:51.500",
		"+801q": null, "+73200d": "2226-05-07T18:43:51.500",
		"-200y-147y": "1678-12-06T18:43:51.500", "-200y-148y": null, "+200y+36y": "2261-12-06T18:43:51.500",
		"+200y+37y": null, "+10457w": "2226-05-06T18:43:51.500", "+10458w": null,
		"+999999h": "2140-01-05T09:43:51.500",
	} {
		if got := evaluate(t, `strftime(relative_time(_time,"`+specifier+`"),"%FT%T.%3N")`); got != want {
			t.Errorf("%q: %s, want %s", specifier, got, want)
		}
	}
	evaluations{{`relative_time(nope,"-1d")`, null}, {`relative_time(s,"-1d")`, null}, {`relative_time(0,"-1s")`,
		"-1"}, {`relative_time(-0.5,"@s")`, "-1"}, {`relative_time(-1,"@d")`, "-86400"},
		{`relative_time(0,"@w")`, "-345600"}, {`relative_time(86400*3,"@w")`, "259200"}}.check(t)
}

// After the aggregation now() is the row's last event.
func TestNowOfRows(t *testing.T) {
	p := compile(t, `* | stats count by a | eval n=now(), t=time(), ago=now()-count | table a n t ago`)
	rows := p.Run(evs("a=x; _time=10", "a=x; _time=20.9", "a=y; _time=3600")).Rows
	if len(rows) != 2 || text(rows[0].Row) != "a=x n=20 t=20 ago=18" ||
		text(rows[1].Row) != "a=y n=3600 t=3600 ago=3599" {
		t.Errorf("%v", rows)
	}
}

// Search Reference, convert: ctime leaves what is no time as it is.
func TestCtime(t *testing.T) {
	for value, want := range map[string]string{
		"0": "01/01/1970 00:00:00", "1765046631.9": "12/06/2025 18:43:51", "-1": "12/31/1969 23:59:59",
		"253402300799": "12/31/9999 23:59:59", "253402300800": "253402300800", "-62167219200": "01/01/0000 00:00:00",
		"-62167219201": "-62167219201",
		"x":            "x", "": "", "1e3": "1e3", "12345678901234": "12345678901234", "-0.5": "12/31/1969 23:59:59",
		"+60": "01/01/1970 00:01:00", ".5": "01/01/1970 00:00:00",
	} {
		rows := compile(t,
			`* | eval x='v' | convert ctime(x) | table x`).Run(slices.Values([]spl.Event{spl.Map{"_time": "1",
			"v": value}})).Rows
		if got, _ := rows[0].Row.Get("x"); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

func TestFormatEpoch(t *testing.T) {
	for nanos, want := range map[int64]string{
		0: "0", 1: "0.000000001", 1e9: "1", 1_500_000_000: "1.5", -1: "-0.000000001", -1_500_000_000: "-1.5",
		1765046631123456789: "1765046631.123456789", -1 << 63: "-9223372036.854775808",
		1<<63 - 1: "9223372036.854775807", 1_010_000_000: "1.01",
	} {
		if got := value.FormatEpoch(nanos); got != want {
			t.Errorf("%d: %s, want %s", nanos, got, want)
		}
	}
}
