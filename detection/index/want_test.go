package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/datamodel"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// env knows the data models and nothing else of Windows.
var env = spl.Env{Models: func(name string) (spl.Model, bool) { return datamodel.Find(name) }}

// shown writes wants as channel:code and the texts asked for; * is any.
func shown(ws []want) string {
	var out []string
	for _, w := range ws {
		channel, code := w.channel, "*"
		if channel == "" {
			channel = "*"
		}
		if w.code != event.None {
			code = fmt.Sprint(w.code)
		}
		s := channel + ":" + code
		for i, list := range w.texts {
			if i > 0 {
				s += " &"
			}
			for _, t := range list {
				s += fmt.Sprintf(" %s~%s", t.field, t.text)
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

const (
	sysmon    = "microsoft-windows-sysmon/operational"
	iis       = "microsoft-iis-configuration/operational"
	processes = sysmon + ":1, security:4688"
)

// What a search's first conditions ask of an event's channel, its code and its
// texts. What cannot be told asks for anything.
func TestWants(t *testing.T) {
	for search, want := range map[string]string{
		// codes
		`EventCode=29`: "*:29", `EventID=29`: "*:29", `signature_id=29`: "*:29", `EventCode="29"`: "*:29",
		`EventCode=029`:  "*:29",
		`EventCode=29.0`: "*:29", `EventCode=+29`: "*:29", `EventCode=0`: "*:0", `EventCode=29.5`: "*:*",
		`EventCode=-1`: "*:*",
		`EventCode=2*`: "*:*", `EventCode=x`: "*:*", `EventCode=999999999999999999`: "*:999999999999999999",
		`EventCode=1000000000000000000`: "*:*", `EventCode!=29`: "*:*", `EventCode>29`: "*:*",
		`NOT EventCode=29`:    "*:*",
		`EventCode IN (1, 2)`: "*:1, *:2", `EventCode IN (1, 2, 1)`: "*:1, *:2", `EventCode IN (1, "2*")`: "*:1, *:*",
		`EventCode NOT IN (1)`: "*:*", `EventCode=1 OR EventCode=2`: "*:1, *:2", `EventCode=1 EventCode=2`: "",
		`EventCode=1 EventCode=1`: "*:1",
		// channels
		`LogName=Security`: "security:*", `Channel=Security`: "security:*",
		`LogName=Sec*`: "*:* LogName~sec", `LogName=S*`: "*:*",
		"LogName=\"\u212a\"": "*:*", // the Kelvin sign
		`LogName!=Security`:  "*:*", `NOT LogName=Security`: "*:*",
		`LogName IN (System, Application)`: "system:*, application:*",
		`LogName=System LogName=Security`:  "", `LogName=System Channel=SYSTEM`: "system:*",
		`source="WinEventLog:Security"`: "security:*", `source="XmlWinEventLog:Security"`: "security:*",
		`source=xmlwineventlog:security`:                        "security:*",
		`source="XmlWinEventLog:Microsoft-Windows-AppLocker/*"`: "*:* LogName~ndows-applocker/",
		`source="WinEventLog:*"`:                                "*:*", `source="xml*"`: "*:*",
		`source="*Security"`: "*:*", `source="stream:http"`: "", `source=WinEventLog`: "",
		"source=\"WinEventLog:\u212a\"":              "*:*",
		`source="IIS:Configuration:Operational"`:     iis + ":*",
		`sourcetype="iis:configuration:operational"`: iis + ":*",
		`sourcetype=WinEventLog`:                     "*:*", `sourcetype=XmlWinEventLog`: "*:*",
		`sourcetype="XmlWinEventLog:System"`:    "system:*",
		`sourcetype="Pwsh:InstalledIISModules"`: "", `source!="WinEventLog:Security"`: "*:*",
		`eventtype=wineventlog_security`: "security:*", `eventtype=WinEventLog_System`: "system:*",
		`eventtype=ms-sysmon`: sysmon + ":*",
		`eventtype=MS-Sysmon`: sysmon + ":*", `eventtype=other`: "", `eventtype=wineventlog*`: "*:*",
		// both
		`LogName=Security EventCode=1`: "security:1", `EventCode=1 LogName=Security`: "security:1",
		`LogName=Security EventCode IN (1, 2)`:                             "security:1, security:2",
		`(LogName=A EventCode=1) OR (LogName=B EventCode=2)`:               "a:1, b:2",
		`(LogName=A OR LogName=B) EventCode=1`:                             "a:1, b:1",
		`LogName=A OR EventCode=1`:                                         "a:*, *:1",
		`(LogName=A OR LogName=B) (LogName=B OR LogName=C)`:                "b:*",
		`LogName=A (EventCode=1 OR word)`:                                  "a:1, a:* _raw~word",
		`((LogName=A EventCode=1) OR (LogName=B EventCode=2)) EventCode=2`: "b:2",
		`LogName=A NOT EventCode=1`:                                        "a:*",
		`EventCode=1 | search LogName=A | eval x=1 | search LogName=B`:     "a:1",
		`* | eval EventCode=5 | search EventCode=1`:                        "*:*",
		`EventCode=1 | where LogName="A"`:                                  "*:1",
		`word`:                                                             "*:* _raw~word",
		`"a phrase"`:                                                       "*:* _raw~a phrase",
		`ab`:                                                               "*:*", `*word*ab`: "*:* _raw~word",
		`NOT word`: "*:*", `жук`: "*:* _raw~жук _raw~жуК _raw~жУк _raw~жУК _raw~Жук _raw~ЖуК _raw~ЖУк _raw~ЖУК", `*`: "*:*",
		`earliest=-1d EventCode=1`: "*:1", `index=main`: "*:*",
		// texts
		`Image="*\\cmd.exe"`: `*:* Image~\cmd.exe`, `Image=CMD.exe`: "*:* Image~cmd.exe",
		`Image=*a*bcd*ef*`: "*:* Image~bcd", `Image=ab`: "*:*",
		`Image=abc`: "*:* Image~abc", `Image=*`: "*:*", `Image=""`: "*:*", `Image=*ab*cd*`: "*:*",
		`Image=*abc*def*`:         "*:* Image~abc",
		`Image=0123456789abcdefg`: "*:* Image~123456789abcdefg",
		`Image=0123456789abcdef`:  "*:* Image~0123456789abcdef",
		`Image!=abc`:              "*:*", `NOT Image=abc`: "*:*", `Image>abc`: "*:*", `n=12345`: "*:*",
		`n="12345x"`: "*:* n~12345x", `n=12345*`: "*:* n~12345",
		`ip=10.0.0.0/8`: "*:*", `ip="10.0.0.0/33"`: "*:* ip~10.0.0.0/33", `Image=größe`: "*:* Image~größe Image~gröẞe Image~grÖße Image~grÖẞe", `_time=12345x`: "*:*",
		`_raw=abc`:               "*:*",
		`Image IN (abc, "*def")`: "*:* Image~abc Image~def", `Image IN (abc, ABC)`: "*:* Image~abc",
		`Image IN (abc, x)`:     "*:*",
		`Image=abc OR User=def`: "*:* Image~abc User~def", `Image=abc OR word`: "*:* Image~abc _raw~word",
		`word OR Image=abc`:                                  "*:* _raw~word Image~abc",
		`EventCode=1 Image=abc`:                              "*:1 Image~abc",
		`(EventCode=1 Image=abc) OR (EventCode=1 Image=def)`: "*:1 Image~abc Image~def",
		`(EventCode=1 Image=abc) OR (EventCode=2 Image=def)`: "*:1 Image~abc, *:2 Image~def",
		`EventCode=1 (Image=abc OR EventCode=2)`:             "*:1 Image~abc",
		// three lists of texts are asked for, those that an event meets least often
		`Image=abc User IN (defg, hijk)`: "*:* User~defg User~hijk & Image~abc",
		`User IN (defg, hijk) Image=abc`: "*:* User~defg User~hijk & Image~abc",
		`Image=abc User=defg`:            "*:* User~defg & Image~abc", `User=defg Image=abc`: "*:* User~defg & Image~abc",
		`Image=abc User=def`:            "*:* Image~abc & User~def",
		`Image=abc Image=abc`:           "*:* Image~abc",
		`Image=abc word`:                "*:* _raw~word & Image~abc",
		`Image=abcdef word`:             "*:* Image~abcdef",
		`a=abcde b=bcde c=cde d=defghi`: "*:* d~defghi & a~abcde & b~bcde",
		// either side of an OR may be met; what is asked of one side alone is not asked
		`(Image=abc User=def) OR (Image=bcd User=efg)`: "*:* Image~abc Image~bcd & User~def User~efg",
		`(Image=abc User=def) OR Image=bcd`:            "*:* Image~abc Image~bcd",
		`(Image=abc User=def) OR x=1`:                  "*:*",
		// letters beyond ASCII, in each case that they have
		`Image="*–enc*"`: "*:* Image~–enc", `Image="*🦆*"`: "*:* Image~🦆", `Image="*а*"`: "*:* Image~а Image~А",
		`Image IN (abcd, efg) User IN (hijk, lmno)`: "*:* User~hijk User~lmno & Image~abcd Image~efg",
		// data models
		`| tstats count from datamodel=Endpoint.Processes by Processes.dest`: processes,
		`| tstats count from datamodel=Endpoint.Filesystem by x`:             sysmon + ":11",
		`| tstats count from datamodel=Endpoint.Registry by Registry.dest`: sysmon + ":12, " + sysmon +
			":13, " + sysmon + ":14",
		`| tstats count from datamodel=Endpoint.Processes where EventCode=1`:  sysmon + ":1",
		`| tstats count from datamodel=Endpoint.Processes where EventCode=11`: "",
		`| tstats count from datamodel=Endpoint.Processes where Processes.process_name=cmd.exe`: sysmon +
			":1 Processes.process_name~cmd.exe, " +
			"security:4688 Processes.process_name~cmd.exe",
		`| tstats count from datamodel=Endpoint.Filesystem where NOT Filesystem.file_name=abc`: sysmon + ":11",
		`| tstats count where LogName=Security by host`:                                        "security:*",
		`| tstats count by host`: "*:*",
	} {
		if !strings.Contains(search, "stats") {
			search += " | stats count"
		}
		p, err := env.Compile(search)
		if err != nil {
			t.Errorf("%s: %v", search, err)
			continue
		}
		if got := shown(wantsOf(p)); got != want {
			t.Errorf("%s\n got %s\nwant %s", search, got, want)
		}
	}
}

func values(n int, format string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return strings.Join(out, ", ")
}

// Past 256 kinds of events, or 5000 texts of one, less is asked; never more.
func TestWantsAreBounded(t *testing.T) {
	of := func(search string) []want {
		p, err := env.Compile(search + " | stats count")
		if err != nil {
			t.Fatal(err)
		}
		return wantsOf(p)
	}
	codes, channels := "EventCode IN ("+values(16, "%d")+")", func(n int) string {
		return "LogName IN (" +
			values(n, "channel%d") + ")"
	}
	if got := of(codes + " " + channels(16)); len(got) != 256 || got[0].channel == "" || got[0].code == event.None {
		t.Errorf("%d wants: %s", len(got), shown(got[:1]))
	}
	if got := of(codes + " " + channels(17)); len(got) != 16 || got[0].channel != "" {
		t.Errorf("%d wants: %s", len(got), shown(got[:1]))
	}
	if got := of("EventCode IN (" + values(300, "%d") + ")"); len(got) != 300 {
		t.Errorf("%d wants", len(got))
	}
	for n, want := range map[int]int{5000: 1, 5001: 0} {
		got := of("Image IN (" + values(n, "text%d") + ")")
		if len(got) != 1 || len(got[0].texts) != want || want > 0 && len(got[0].texts[0]) != n {
			t.Errorf("%d texts: %d lists", n, len(got[0].texts))
		}
	}
}

// The texts of a value are those that it holds, without case, whatever else
// stands in it.
func TestTexts(t *testing.T) {
	values := []string{"", "a", "abc", "xABCDEx", "abababab", "bcd", "abcabcd", "yyy", "ABABABcd",
		"ab\x00cd", "cdX", "acdb", "zzabcz", "AZ", "aZ", "A[", "a@", "Größe", "\x00\x00\x00",
		"zabcd", // as far as two texts go on, neither of which it holds
		"a long Text12 of WORDS, text1", "text199text200TEXT7x", "0longer-0longer-1longer-"}
	short := []string{"abc", "bcd", "abcde", "cd", "ababab", "x", "aba", "az", "zabcdz", "ö", "\x00\x00\x00"}
	var many, long []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("text%d", i))
	}
	for i := range 50 {
		long = append(long, fmt.Sprintf("%dlonger-", i))
	}
	for _, words := range [][]string{short, many, long, append(many, short...)} {
		lists := map[string][]int32{}
		for i, w := range words {
			lists[w] = []int32{int32(i)}
		}
		find := newTexts(lists)
		for _, v := range values {
			var got, want []int32
			find.in(v, func(l []int32) { got = append(got, l...) })
			for i, w := range words {
				if strings.Contains(strings.ToLower(v), w) {
					want = append(want, int32(i))
				}
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Errorf("%d texts: %q: %v, want %v", len(words), v, got, want)
			}
		}
	}
	newTexts(nil).in("abc", func([]int32) { t.Error("a text of none") })
}
