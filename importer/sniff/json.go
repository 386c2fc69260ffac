package sniff

import (
	"bytes"

	"escutcheon/importer/eventjson"
)

// shapes are the formats of JSON.
var shapes = map[eventjson.Shape]Format{
	eventjson.NXLog: NXLogJSON, eventjson.Winlogbeat: WinlogbeatJSON, eventjson.EvtxDump: EvtxDumpJSON, eventjson.DumpEvtx: DumpEvtxJSON,
	eventjson.EvtxECmd: EvtxECmdJSON, eventjson.Chainsaw: ChainsawJSON, eventjson.GetWinEvent: GetWinEventJSON, eventjson.FluentBit: FluentBitJSON,
	eventjson.OTel: OTelJSON, eventjson.LogMonitor: LogMonitorJSON, eventjson.Azure: AzureJSON, eventjson.Splunk: SplunkJSON,
	eventjson.HEC: SplunkHEC, eventjson.Wazuh: WazuhJSON, eventjson.Other: WrappedJSON,
}

// isJSON has the formats of JSON.
var isJSON = func() map[Format]bool {
	out := map[Format]bool{}
	for _, f := range shapes {
		out[f] = true
	}
	return out
}()

// guesses are the words that tell the shapes of JSON apart, the surest first.
var guesses = []struct {
	format Format
	words  []string
}{
	{NXLogJSON, []string{`"im_msvistalog"`}},
	{NXLogJSON, []string{`"EventTime"`, `"Hostname"`}},
	{SplunkJSON, []string{`"preview"`, `"result"`, `"_raw"`}},
	{SplunkHEC, []string{`"event"`, `"sourcetype"`, `"time"`}},
	{WinlogbeatJSON, []string{`"winlog"`, `"event_id"`}},
	{WinlogbeatJSON, []string{`"winlog.event_id"`}},
	{WinlogbeatJSON, []string{`"event_id"`, `"log_name"`, `"computer_name"`}},
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

// guessJSON finds the shape of JSON whose first event is not whole.
func guessJSON(text []byte) Format {
	for _, g := range guesses {
		if has(text, "{") && has(text, g.words...) {
			return g.format
		}
	}
	return ""
}

func has(text []byte, words ...string) bool {
	for _, w := range words {
		if !bytes.Contains(text, []byte(w)) {
			return false
		}
	}
	return true
}
