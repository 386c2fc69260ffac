package sniff

import (
	"bytes"
	"errors"

	"escutcheon/event"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/eventxml"
	"escutcheon/importer/record"
	"escutcheon/importer/splunktext"
)

// Detect finds format and encoding from the start of a decompressed stream, of
// which HeadSize bytes are enough. It tries each decoder: the one whose first
// event starts first is right, as a message may well quote another format.
// The error is an *Unknown.
func Detect(head []byte) (Format, record.Encoding, error) {
	enc := record.DetectEncoding(head)
	if what := magic(head); what != "" {
		return "", enc, &Unknown{What: what}
	}
	text := decoded(head, enc)
	var best Format
	var refused string
	least := int64(-1)
	for _, try := range []struct {
		format Format
		may    bool
		reader func(*record.Scanner, record.Options) record.Reader
	}{
		{SplunkText, bytes.Contains(text, []byte("LogName=")), splunktext.New},
		{EventXML, bytes.Contains(text, []byte("<Event")), eventxml.New},
		{WinlogbeatJSON, bytes.IndexByte(text, '{') >= 0, eventjson.New},
	} {
		if !try.may {
			continue
		}
		rd := try.reader(record.NewScanner(bytes.NewReader(text), record.UTF8), record.Options{})
		at, format := first(rd, try.format)
		if s, ok := rd.(eventjson.Shaped); ok && at < 0 {
			refused = s.Refused()
		}
		if at >= 0 && (least < 0 || at < least) {
			least, best = at, format
		}
	}
	if least < 0 {
		best = guess(text)
	}
	if best == "" && refused != "" {
		return "", enc, &Unknown{What: refused}
	}
	if best == "" {
		return "", enc, &Unknown{What: describe(head, text, enc)}
	}
	return best, enc, nil
}

func decoded(head []byte, enc record.Encoding) []byte {
	if enc == record.UTF8 {
		return head
	}
	sc := record.NewScanner(bytes.NewReader(head), enc)
	for sc.More() {
		continue
	}
	return sc.Window()
}

// first is where rd's first event starts, or -1.
func first(rd record.Reader, format Format) (int64, Format) {
	var e event.Event
	for {
		err := rd.Next(&e)
		var rej *record.Rejected
		if errors.As(err, &rej) {
			continue
		}
		if err != nil {
			return -1, ""
		}
		if s, ok := rd.(eventjson.Shaped); ok {
			format = shapes[s.Shape()]
		}
		return e.Offset, format
	}
}

// guess finds the format of a file whose first event is not whole within its
// head: cut short, or very long.
func guess(text []byte) Format {
	has := func(words ...string) bool {
		for _, w := range words {
			if !bytes.Contains(text, []byte(w)) {
				return false
			}
		}
		return true
	}
	switch {
	case startsLine(text, "LogName=") && has("EventCode="):
		return SplunkText
	case (has("<Event>") || has("<Event ")) && has("<System", "<Provider"):
		return EventXML
	case has(`{`, `"im_msvistalog"`), has(`{`, `"EventTime"`, `"Hostname"`):
		return NXLogJSON
	case has(`{`, `"winlog"`, `"event_id"`), has(`{`, `"winlog.event_id"`):
		return WinlogbeatJSON
	case !has(`{`):
		return ""
	}
	for _, g := range guesses {
		if has(g.words...) {
			return g.format
		}
	}
	return ""
}

// guesses are the words that tell the shapes of JSON apart, the surest first.
var guesses = []struct {
	format Format
	words  []string
}{
	{SplunkJSON, []string{`"preview"`, `"result"`, `"_raw"`}},
	{SplunkHEC, []string{`"event"`, `"sourcetype"`, `"time"`}},
	{ChainsawJSON, []string{`"document`, `"Event"`, `"System"`}},
	{EvtxDumpJSON, []string{`"Event"`, `"System"`, `"EventID`}},
	{DumpEvtxJSON, []string{`"System"`, `"EventID"`, `"SystemTime"`}},
	{EvtxECmdJSON, []string{`"Payload"`, `"EventRecordId"`}},
	{AzureJSON, []string{`"RawXml"`}},
	{AzureJSON, []string{`"TimeGenerated"`, `"EventID"`, `"Computer"`}},
	{LogMonitorJSON, []string{`"LogEntry"`, `"EventId"`}},
	{FluentBitJSON, []string{`"ProviderName"`, `"EventID"`, `"Channel"`}},
	{GetWinEventJSON, []string{`"Id"`, `"ProviderName"`, `"LogName"`}},
	{OTelJSON, []string{`"event_id"`, `"provider"`, `"system_time"`}},
	{WazuhJSON, []string{`"win"`, `"eventID"`, `"providerName"`}},
}

// shapes are the formats of JSON.
var shapes = map[eventjson.Shape]Format{
	eventjson.NXLog: NXLogJSON, eventjson.Winlogbeat: WinlogbeatJSON, eventjson.EvtxDump: EvtxDumpJSON, eventjson.DumpEvtx: DumpEvtxJSON,
	eventjson.EvtxECmd: EvtxECmdJSON, eventjson.Chainsaw: ChainsawJSON, eventjson.GetWinEvent: GetWinEventJSON, eventjson.FluentBit: FluentBitJSON,
	eventjson.OTel: OTelJSON, eventjson.LogMonitor: LogMonitorJSON, eventjson.Azure: AzureJSON, eventjson.Splunk: SplunkJSON,
	eventjson.HEC: SplunkHEC, eventjson.Wazuh: WazuhJSON, eventjson.Other: WrappedJSON,
}

// startsLine says whether a line of text starts with word.
func startsLine(text []byte, word string) bool {
	return bytes.HasPrefix(text, []byte(word)) || bytes.Contains(text, []byte("\n"+word))
}
