package eventjson_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"escutcheon/event"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/record"
)

// open returns a reader of in, with a zone five hours behind UTC.
func open(in string, opt record.Options) record.Reader {
	opt.Zone = time.FixedZone("", -5*3600)
	return eventjson.New(record.NewScanner(strings.NewReader(in), record.UTF8), opt)
}

// line is an event in one line: what is known of it besides its data.
func line(e *event.Event) string {
	at := "-"
	if e.HasTime {
		at = e.Time().Format("2006-01-02T15:04:05.999999999")
	}
	if e.Zoneless {
		at += "?"
	}
	return fmt.Sprintf("%s %d %d %s|%s|%s|%s|%s", at, e.EventCode, e.RecordNumber, e.Computer, e.Channel, e.Provider,
		e.OpCode, e.Message)
}

// TestOddities reads what the shapes may look like besides what a plain export
// gives.
func TestOddities(t *testing.T) {
	for _, c := range []struct{ name, in, want, fields string }{
		{"golang-evtx",
			`{"Event":{"EventData":{"A":"1"},"System":{"Channel":"L","Computer":"c","EventID":"7","EventRecordID":"8","Opcode":"0","Provider":{"Guid":"G","Name":"P"},"Security":{"UserID":"S-1-5-18"},"TimeCreated":{"SystemTime":"2017-01-19T16:07:45Z"}}}}`,
			"2017-01-19T16:07:45 7 8 c|L|P||", "A=1 Sid=S-1-5-18 Opcode=0 Guid=G"},
		{"event id with attributes",
			`{"Event":{"System":{"EventID":{"#attributes":{"Qualifiers":1},"#text":7},"Computer":"c"},"EventData":{"Data":{"#attributes":{"Name":"N"},"#text":"v"},"Binary":"0A"}}}`,
			"- 7 -1 c||||", "Qualifiers=1 N=v Binary=0A"},
		{"data without names", `{"Event":{"System":{"EventID":7},"EventData":{"Data":["a","","b"]}}}`, "- 7 -1 ||||",
			"Data=a Data=b"},
		{"user data, names repeated",
			`{"Event":{"System":{"EventID":7},"UserData":{"X":{"#attributes":{"xmlns":"u"},"H":["1","2"],"Y":{"#attributes":{"k":"v"},"#text":"t"}}}}}`,
			"- 7 -1 ||||", "H=1 H=2 Y=t"},
		{"openwec",
			`{"System":{"Provider":{"Name":"P"},"EventID":7,"EventIDQualifiers":2,"TimeCreated":"2026-06-01T09:00:00Z","EventRecordID":8,"Channel":"L","Computer":"c","UserID":"S-1-5-18","Keywords":"0x8"},"EventData":{"NamedData":{"A":"b"},"UnamedData":["x","y"]},"RenderingInfo":{"Message":"m\r\n","Opcode":"Info","Keywords":["Classic","Two"],"Level":"Error"}}`,
			"2026-06-01T09:00:00 7 8 c|L|P|Info|m",
			"A=b UnamedData=x UnamedData=y Keywords=Classic,\u00a0Two KeywordsValue=0x8 Type=Error"},
		{"openwec, raw",
			`{"meta":{"IpAddress":"1.2.3.4"},"data":"<Event><System><EventID>7</EventID><Computer>c</Computer></System></Event>"}`, "- 7 -1 c||||", ""},
		{"evtx hunter",
			`{"EventTime":"2026-06-01T09:00:00Z","Computer":"c","Channel":"L","Provider":"P","EventID":7,"EventRecordID":8,"UserSID":"S-1-1","EventData":{"A":"b"},"Message":"m"}`,
			"2026-06-01T09:00:00 7 8 c|L|P||m", "A=b Sid=S-1-1"},
		{"seconds with all digits",
			`{"System":{"EventID":{"Value":7},"TimeCreated":{"SystemTime":1751191789.123456789},"Keywords":18446744073709551615}}`,
			"2025-06-29T10:09:49.123456789 7 -1 ||||", "Keywords=18446744073709551615"},
		{"evtxecmd, one datum, no offset",
			`{"Payload":"{\"EventData\":{\"Data\":{\"@Name\":\"N\",\"#text\":\"v\"},\"Binary\":\"\"}}","EventId":7,"EventRecordId":"8","TimeCreated":"2026-06-01T09:00:00.1234567","Level":"LogAlways"}`,
			"2026-06-01T09:00:00.1234567 7 8 ||||", "N=v Type=Information"},
		{"evtxecmd, data in one text", `{"Payload":"{\"EventData\":{\"Data\":\"a, b\"}}","EventId":7,"ChunkNumber":0}`,
			"- 7 -1 ||||", "Data=a,\u00a0b"},
		{"evtxecmd, user data",
			`{"Payload":"{\"UserData\":{\"X\":{\"@xmlns\":\"u\",\"F\":\"v\"}}}","EventId":7,"ChunkNumber":0}`, "- 7 -1 ||||",
			"F=v"},
		{"evtxecmd, payload torn", `{"Payload":"{\"EventData\":","EventId":7,"ChunkNumber":0}`, "- 7 -1 ||||",
			`Data={"EventData":`},
		{"powershell, date object",
			`{"Id":7,"TimeCreated":{"value":"\/Date(1595374458918)\/","DisplayHint":2,"DateTime":"Tuesday"},"LogName":"L","UserId":{"BinaryLength":12,"AccountDomainSid":null,"Value":"S-1-5-18"},"Properties":[{"Value":"a"},{"Value":{"BinaryLength":12,"Value":"S-1-5-19"}},{"Value":null}],"KeywordsDisplayNames":["Audit Success","Classic"],"Keywords":-9214364837600034816}`,
			"2020-07-21T23:34:18.918 7 -1 |L|||",
			"Data=a Data=S-1-5-19 Sid=S-1-5-18 Keywords=Audit\u00a0Success,\u00a0Classic KeywordsValue=-9214364837600034816"},
		{"powershell, date without offset", `{"Id":7,"TimeCreated":"2026-06-01T09:00:00.25","LevelDisplayName":"Error"}`,
			"2026-06-01T14:00:00.25? 7 -1 ||||", "Type=Error"},
		{"powershell, before 1970", `{"Id":7,"TimeCreated":"/Date(-1500+0200)/"}`, "1969-12-31T23:59:58.5 7 -1 ||||", ""},
		{"winlog",
			`{"RecordNumber":8,"TimeGenerated":"2026-06-01 09:00:00 +0200","TimeWritten":"2026-06-01 09:00:01 +0200","EventID":7,"Qualifiers":1,"EventType":"Information","EventCategory":3,"Channel":"System","SourceName":"P","ComputerName":"c","Data":"","Sid":"","Message":"m","StringInserts":["a","b"]}`,
			"2026-06-01T07:00:00 7 8 c|System|P||m", "Data=a Data=b Task=3"},
		{"fluent bit, positional iis",
			`{"ProviderName":"Microsoft-Windows-IIS-Configuration","EventID":29,"Opcode":0,"Channel":"L","StringInserts":["p","C","","F","1","",""]}`,
			"- 29 -1 |L|Microsoft-Windows-IIS-Configuration|Info|Changes to 'F' at 'C' have successfully been committed.", ""},
		{"fluent bit, xml",
			`{"System":"<Event><System><EventID>7</EventID><Computer>c</Computer></System></Event>","Message":"m","StringInserts":["a"]}`, "- 7 -1 c||||m", ""},
		{"azure, a message of another language",
			`{"RawXml":"<Event><System><Provider Name='Microsoft-Windows-IIS-Configuration'/><EventID>54</EventID></System></Event>","Description":"Ein Commit beginnt."}`,
			"- 54 -1 ||Microsoft-Windows-IIS-Configuration||Ein Commit beginnt.", ""},
		{"python-evtx",
			`{"Event":{"@xmlns":"u","System":{"Provider":{"@Name":"P","@Guid":"G"},"EventID":{"@Qualifiers":"","#text":"7"},"TimeCreated":{"@SystemTime":"2026-06-01 09:00:00.250000"},"EventRecordID":"8","Security":{"@UserID":"S-1-1"}},"EventData":{"Data":[{"@Name":"A","#text":"b"},{"@Name":"C"}]}}}`,
			"2026-06-01T09:00:00.25 7 8 ||P||", "A=b Guid=G Sid=S-1-1"},
		{"a day is no time", `{"Id":7,"TimeCreated":"20260601"}`, "- 7 -1 ||||", ""},
		{"powershell, lists not gone into",
			`{"Id":7,"LogName":"L","KeywordsDisplayNames":"System.Collections.ObjectModel.ReadOnlyCollection1","Properties":"System.Collections.Generic.List1"}`, "- 7 -1 |L|||", ""},
		{"fluent bit, file output", `app.log-1: [1717232400.500000, {"ProviderName":"P","EventID":7,"Channel":"L"}]`,
			"- 7 -1 |L|P||", ""},
		{"fluent bit, file output with metadata", `app: [[1717232400, {}], {"ProviderName":"P","EventID":7,"Channel":"L"}]`,
			"- 7 -1 |L|P||", ""},
		{"elasticsearch, fields",
			`{"_index":"x","fields":{"winlog.event_id":["7"],"@timestamp":["2026-06-01T09:00:00.25Z"],"winlog.computer_name":["c"],"winlog.event_data.A":["b"]}}`, "2026-06-01T09:00:00.25 7 -1 c||||", "A=b"},
		{"nxlog through logstash", `{"@timestamp":"2026-06-01T09:00:00.25Z","Hostname":"c","EventID":7}`,
			"2026-06-01T09:00:00.25 7 -1 c||||", ""},
		{"nxlog with both times",
			`{"@timestamp":"2026-06-01T09:00:00.25Z","Hostname":"c","EventID":7,"EventTime":"2026-06-01 03:00:00"}`,
			"2026-06-01T08:00:00? 7 -1 c||||", ""},
		{"otel, map",
			`{"event_id":{"id":7,"qualifiers":0},"provider":{"name":"P"},"system_time":"2026-06-01T09:00:00.000000001Z","record_id":8,"event_data":{"A":"b"},"keywords":"[Classic]","security":{"user_id":"S-1-5-18"},"execution":{"process_id":5},"details":{"x":{"y":1}}}`,
			"2026-06-01T09:00:00.000000001 7 8 ||P||", "A=b Keywords=Classic Sid=S-1-5-18 ProcessID=5 details.x.y=1"},
		{"otel, list", `{"event_id":{"id":7},"channel":"L","event_data":[{"name":"A","value":"b"},{"C":"d"},"e"]}`,
			"- 7 -1 |L|||", "A=b C=d Data=e"},
		{"otlp, xml",
			`{"timeUnixNano":"1780304400000000001","body":{"stringValue":"<Event><System><EventID>7</EventID></System></Event>"}}`, "2026-06-01T09:00:00.000000001 7 -1 ||||", ""},
		{"azure, security",
			`{"TimeGenerated":"2026-06-01T09:00:00.25","Computer":"c","EventSourceName":"P","Channel":"Security","EventID":4688,"EventData":"<EventData xmlns='u'><Data Name='A'>&lt;b</Data></EventData>","EventRecordId":"8"}`,
			"2026-06-01T09:00:00.25 4688 8 c|Security|P||", "A=<b"},
		{"azure, windows event",
			`{"TimeGenerated":"2026-06-01T09:00:01Z","TimeCreated":"2026-06-01T09:00:00Z","Provider":"P","EventID":7,"EventLevelName":"Error","EventData":{"A":"b"}}`,
			"2026-06-01T09:00:00 7 -1 ||P||", "A=b Type=Error"},
		{"azure, parameters",
			`{"TimeGenerated":"2026-06-01T09:00:01Z","EventID":7,"ParameterXml":"<Param>a</Param><Param>b</Param>"}`,
			"2026-06-01T09:00:01 7 -1 ||||", "Param=a Param=b"},
		{"azure, xml torn",
			`{"RawXml":"<Event><System>","EventId":7,"ProviderName":"P","Description":"m","TIMESTAMP":"2026-06-01T09:00:00Z"}`,
			"2026-06-01T09:00:00 7 -1 ||P||m", ""},
		{"splunk, fields",
			`{"preview":false,"result":{"_time":"2026-06-01T11:00:00.000+02:00","EventCode":["4688","4688"],"host":"c","source":"XmlWinEventLog:Security","user":["a","b"],"punct":"x"}}`,
			"2026-06-01T09:00:00 4688 -1 c|Security|||", "user=a user=b"},
		{"splunk, bare",
			`{"_raw":"06/01/2026 09:00:00 AM\nLogName=L\nEventCode=7\nComputerName=c\nMessage=m","_time":"1780304400.250"}`,
			"2026-06-01T09:00:00 7 -1 c|L|||m", ""},
		{"splunk, zone from _time",
			`{"preview":false,"result":{"_time":"2026-06-01T09:00:00.000+00:00","_raw":"06/01/2026 02:30:00.125 PM\nLogName=L\nEventCode=7\nMessage=m","host":"c"}}`,
			"2026-06-01T09:00:00.125 7 -1 c|L|||m", ""},
		{"splunk, other _time",
			`{"preview":false,"result":{"_time":"2026-06-01T09:00:07.000+00:00","_raw":"06/01/2026 02:30:00 AM\nLogName=L\nEventCode=7\nMessage=m"}}`,
			"2026-06-01T07:30:00? 7 -1 |L|||m", ""},
		{"splunk, several raws",
			`{"preview":false,"result":{"_raw":["<Event><System><EventID>7</EventID></System></Event>","x"]}}`, "- 7 -1 ||||",
			""},
		{"splunk sdk", `{"_time":"2026-06-01T09:00:00Z","EventCode":"7","ComputerName":"c"}`,
			"2026-06-01T09:00:00 7 -1 c||||", ""},
		{"hec, flat",
			`{"time":"1780304400.25","host":"c","source":"WinEventLog:System","event":{"EventCode":7,"Message":"m"},"fields":{"site":"x","a":{"b":1}}}`,
			"2026-06-01T09:00:00.25 7 -1 c|System|||m", "site=x a.b=1"},
		{"hec, json as text", `{"event":"{\"winlog\":{\"event_id\":7},\"host\":{\"name\":\"c\"}}","host":"forwarder"}`,
			"- 7 -1 c||||", ""},
		{"winlogbeat 6",
			`{"@timestamp":"2026-06-01T09:00:00.250Z","computer_name":"c","event_id":7,"log_name":"L","record_number":"9007199254740993","source_name":"P","keywords":["Classic"],"user":{"identifier":"S-1-1","name":"n"},"event_data":{"A":"b"}}`,
			"2026-06-01T09:00:00.25 7 9007199254740993 c|L|P||", "A=b Sid=S-1-1 User=n Keywords=Classic"},
		{"wazuh",
			`{"data":{"win":{"system":{"eventID":"7","systemTime":"2026-06-01T09:00:00.1Z","message":"\"m\"","severityValue":"AUDIT_SUCCESS"},"eventdata":{"image":"i","param1":"p"}}}}`,
			"2026-06-01T09:00:00.1 7 -1 ||||m", "Image=i param1=p"},
		{"xml in a member", `{"x":1,"message":"<Event><System><EventID>7</EventID></System></Event>"}`, "- 7 -1 ||||", ""},
		{"json in a member", `{"log":"{\"Id\":7,\"LogName\":\"L\"}","stream":"stdout"}`, "- 7 -1 |L|||", ""},
		{"no computer", `{"Id":7,"LogName":"L"}`, "- 7 -1 |L|||", ""},
		{"logmonitor iis",
			`{"Source":"EventLog","LogEntry":{"Time":"2026-06-01T09:00:00.000Z","Channel":"Microsoft-IIS-Configuration/Operational","Level":"Verbose","EventId":29,"Message":"m"}}`,
			"2026-06-01T09:00:00 29 -1 |Microsoft-IIS-Configuration/Operational|||m", "Type=Verbose"},
	} {
		var e event.Event
		rd := open(c.in, record.Options{})
		if err := rd.Next(&e); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := line(&e); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
		var all []string
		for _, f := range e.Fields {
			all = append(all, f.Name+"="+strings.ReplaceAll(f.Value, " ", "\u00a0"))
		}
		rest := strings.Join(all, " ") + " "
		for _, want := range strings.Fields(strings.ReplaceAll(c.fields, "\u00a0", "\x00")) {
			want = strings.ReplaceAll(want, "\x00", "\u00a0")
			if !strings.Contains(rest, want+" ") {
				t.Errorf("%s: no field %s in %s", c.name, want, rest)
			}
			rest = strings.Replace(rest, want+" ", "", 1)
		}
		if err := rd.Next(&e); err != io.EOF {
			t.Errorf("%s: then %v", c.name, err)
		}
	}
}

// TestAskedComputer is used only where neither event nor what carries it names
// one.
func TestAskedComputer(t *testing.T) {
	for in, want := range map[string]string{
		`{"Id":7,"LogName":"L"}`:                                 "asked",
		`{"event":{"Id":7,"LogName":"L"},"host":"h","time":1.5}`: "h",
		`{"preview":false,"result":{"_raw":"<Event><System><EventID>7</EventID></System></Event>","host":"h"}}`: "h",
		`{"preview":false,"result":{"_raw":"<Event><System><EventID>7</EventID></System></Event>"}}`:            "asked",
		`{"RawXml":"<Event><System><EventID>7</EventID><Computer>c</Computer></System></Event>"}`:               "c",
	} {
		var e event.Event
		if err := open(in, record.Options{Computer: "asked"}).Next(&e); err != nil || e.Computer != want {
			t.Errorf("%s: %q, want %q, %v", in, e.Computer, want, err)
		}
	}
}

// TestRefused gives the sentence for what is known and no event, and nothing
// for what belongs to a format without being an event.
func TestRefused(t *testing.T) {
	for in, want := range map[string]string{
		`{"Timestamp":"2026","RuleTitle":"T","Channel":"Sec","EventID":4688}`:                              "This is a Hayabusa timeline",
		`{"group":"MFT","kind":"individual","document":{"kind":"mft","path":"x","data":{"FullPath":"y"}}}`: "This Chainsaw hit is not of an event log",
		`{"Source":"ETW","LogEntry":{"Time":"x","EventId":1}}`:                                             "This LogMonitor entry comes from",
		`{"tables":[{"name":"PrimaryResult","columns":[{"name":"EventID"}],"rows":[[7]]}]}`:                "This is an answer of the Log Analytics API",
		`{"preview":false,"result":{"_raw":"app started"}}`:                                                "This row of a Splunk export is no",
		`{"event":"app started","sourcetype":"app"}`:                                                       "What this HEC payload carries",
		`{"event":{"a":1},"sourcetype":"app"}`:                                                             "What this HEC payload carries",
		`{"Id":"x","LogName":"L"}`:                                                                         "The event ID of this object is not",
		`{"System":{"Computer":"c"}}`:                                                                      "This object has no number as its event",
		`{"tables":[]}`:                                                                                    "This JSON object is no Windows event",
		`{"message":"{\"a\":1}"}`:                                                                          "This JSON object is no Windows event",
		`{"message":"{\"a\":"}`:                                                                            "The event that this record carries",
		strings.Repeat(`{"message":`, 20) + `{"Id":7,"LogName":"L"}` + strings.Repeat("}",
			20): "This JSON object is no Windows event",
		`{"Id":7,"LogName":"L","Properties":[` + strings.Repeat(`{"Value":"a"},`, record.MaxFields) +
			`{"Value":"b"},{"Value":"b"}]}`: "This record has more than 16,384 fields",
		`{"preview":false,"init_offset":0,"fields":["_raw"],"rows":[["x"]]}`: "This is a Splunk export with names and rows",
		"app: [x, {}]": "This text is not part of an event",
		`{"preview":true,"result":{"EventCode":"7"}}`: "EOF",
		`{"preview":false,"lastrow":true}`:            "EOF",
		`{"index":{"_index":"a"}}`:                    "EOF",
		"[1,[2,":                                      "This text is not part of an event",
		`{}`:                                          "EOF",
		"Record 1\n":                                  "EOF",
		"Record\n":                                    "This text is not part of an event",
		`[1.5]`:                                       "This text is not part of an event",
	} {
		var e event.Event
		rd := open(in, record.Options{})
		err := rd.Next(&e)
		var rej *record.Rejected
		got := fmt.Sprint(err)
		if errors.As(err, &rej) {
			got = rej.Reason
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%.80s: %s, want %s", in, got, want)
		}
		if said := rd.(interface{ Refused() string }).Refused(); said != "" && said != got {
			t.Errorf("%s: refused as %s", in, said)
		}
	}
}
