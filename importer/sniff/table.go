package sniff

import (
	"escutcheon/importer/eventcsv"
	"escutcheon/importer/eventjson"
	"escutcheon/importer/iislog"
)

// The formats by name, for those who speak of one. Imports store the texts.
const (
	EVTX            Format = "evtx"
	SplunkText      Format = "splunk-text"
	EventXML        Format = "event-xml"
	NXLogJSON       Format = eventjson.NXLog
	SplunkJSON      Format = eventjson.Splunk
	SplunkHEC       Format = eventjson.HEC
	WinlogbeatJSON  Format = eventjson.Winlogbeat
	ChainsawJSON    Format = eventjson.Chainsaw
	EvtxDumpJSON    Format = eventjson.EvtxDump
	DumpEvtxJSON    Format = eventjson.DumpEvtx
	EvtxECmdJSON    Format = eventjson.EvtxECmd
	AzureJSON       Format = eventjson.Azure
	LogMonitorJSON  Format = eventjson.LogMonitor
	FluentBitJSON   Format = eventjson.FluentBit
	GetWinEventJSON Format = eventjson.GetWinEvent
	OTelJSON        Format = eventjson.OTel
	WazuhJSON       Format = eventjson.Wazuh
	WrappedJSON     Format = eventjson.Other
	EventViewerCSV  Format = eventcsv.EventViewer
	GetWinEventCSV  Format = eventcsv.GetWinEvent
	SplunkCSV       Format = eventcsv.Splunk
	EvtxECmdCSV     Format = eventcsv.EvtxECmd
	EventViewerText Format = "eventviewer-text"
	IISModules      Format = "iis-modules"
	IISW3C          Format = iislog.W3C
	HTTPErr         Format = iislog.HTTPErr
	IISNative       Format = "iis-native"
	NCSA            Format = "ncsa"
)

// table is what is read, one row a format. A text is tried with each decoder,
// and guessed by each row, in this order: of two formats of JSON whose words
// are much the same, the surer one comes first.
var table = []Spec{
	{
		ID: EVTX, Name: "EVTX",
		Decoder: evtxs, Rank: RankEVTX,
		WrittenBy: "Windows itself", Files: ".evtx",
		Message: "IIS", OpCode: "number", Computer: "yes", Time: "UTC, 100 ns", Number: "yes", Data: "yes",
	},
	{
		ID: SplunkText, Name: "classic Splunk text",
		Decoder: classics, Rank: RankText, Zoneless: true, Guess: guessClassic,
		WrittenBy: "Splunk's WinEventLog input", Files: ".log .txt",
		Message: "yes", OpCode: "text", Computer: "yes", Time: "asked, 1 s or 1 ms", Number: "yes",
		Data: "no; of Sysmon, Security 4688 and PowerShell 4104 from the Message, in English",
	},
	{
		ID: EventXML, Name: "event XML",
		Decoder: xmls, Rank: RankXML, Guess: guessXML,
		WrittenBy: "wevtutil, Event Viewer, Splunk (renderXml), evtx_dump XML", Files: ".xml .log",
		Message: "with RenderingInfo, else IIS", OpCode: "text with RenderingInfo, else number",
		Computer: "yes", Time: "UTC, 1 µs to 1 ns", Number: "yes", Data: "yes",
	},
	{
		ID: NXLogJSON, Name: "NXLog JSON", Kind: JSON, Of: "NXLog", Group: "agents",
		Decoder: jsons, Rank: RankJSON, Zoneless: true,
		Guess:     members(all(`"im_msvistalog"`), all(`"EventTime"`, `"Hostname"`)),
		WrittenBy: "NXLog im_msvistalog with xm_json", Files: ".json .ndjson",
		Message: "yes", OpCode: "text", Computer: "yes", Time: "asked, 1 s", Number: "yes", Data: "yes",
	},
	{
		ID: SplunkJSON, Name: "Splunk JSON export", Kind: JSON, Of: "Splunk", Group: "Splunk",
		Decoder: jsons, Rank: RankJSON, Zoneless: true, Guess: members(all(`"preview"`, `"result"`, `"_raw"`)),
		WrittenBy: "Splunk searches exported as JSON", Files: ".json",
		Message: "as `_raw` has it, else as the fields have it", OpCode: "as `_raw`",
		Computer: "`_raw`, else host", Time: "`_raw`; a time without a zone gets the offset that `_time` shows",
		Number: "as `_raw`", Data: "as `_raw`",
	},
	{
		ID: SplunkHEC, Name: "Splunk HEC payload", Kind: JSON, Of: "Splunk's HTTP event collector", Group: "Splunk",
		Decoder: jsons, Rank: RankJSON, Zoneless: true,
		Guess:     members(all(`"event"`, `"sourcetype"`, `"time"`)),
		WrittenBy: "payloads for Splunk's HTTP event collector", Files: ".json",
		Message: "as the event has it", OpCode: "as the event", Computer: "the event's, else host",
		Time: "the event's; a time without a zone gets the offset that `time` shows", Number: "as the event",
		Data: "as the event",
	},
	{
		ID: WinlogbeatJSON, Name: "Winlogbeat JSON", Kind: JSON, Of: "Winlogbeat", Group: "agents",
		Decoder: jsons, Rank: RankJSON,
		Guess: members(all(`"winlog"`, `"event_id"`),
			all(`"winlog.event_id"`),
			all(`"event_id"`, `"log_name"`, `"computer_name"`)),
		WrittenBy: "Winlogbeat 5 to 8 and Elastic Agent: nested, flattened, through Logstash, as hits of " +
			"Elasticsearch",
		Files:   ".ndjson .json",
		Message: "yes", OpCode: "text", Computer: "yes", Time: "UTC, 1 ms", Number: "yes", Data: "yes",
	},
	{
		ID: ChainsawJSON, Name: "Chainsaw JSON", Kind: JSON, Of: "Chainsaw", Group: "EVTX tools",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"document`, `"Event"`, `"System"`)),
		WrittenBy: "chainsaw hunt, `--json` and `--jsonl`, aggregates too", Files: ".json .jsonl",
		Message: "IIS", OpCode: "number", Computer: "yes", Time: "UTC, 1 µs", Number: "yes", Data: "yes",
	},
	{
		ID: EvtxDumpJSON, Name: "evtx_dump JSON", Kind: JSON, Of: "evtx_dump", Group: "EVTX tools",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"Event"`, `"System"`, `"EventID"`)),
		WrittenBy: "evtx_dump (with and without `--separate-json-attributes`, with its `Record` lines), " +
			"chainsaw dump and search, python-evtx",
		Files:   ".json .jsonl",
		Message: "IIS", OpCode: "number", Computer: "yes", Time: "UTC, 1 µs", Number: "yes", Data: "yes",
	},
	{
		ID: DumpEvtxJSON, Name: "Velocidex dumpevtx JSON", Kind: JSON, Of: "dumpevtx", Group: "EVTX tools",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"System"`, `"EventID"`, `"SystemTime"`)),
		WrittenBy: "Velocidex dumpevtx, Velociraptor (also its EvtxHunter), OpenWEC", Files: ".json .jsonl",
		Message: "where the writer rendered it, else IIS", OpCode: "number; text from OpenWEC", Computer: "yes",
		Time: "UTC, all digits that the number has", Number: "yes", Data: "yes",
	},
	{
		ID: EvtxECmdJSON, Name: "EvtxECmd JSON", Kind: JSON, Of: "EvtxECmd", Group: "EVTX tools",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"Payload"`, `"EventRecordId"`)),
		WrittenBy: "EvtxECmd `--json`", Files: ".json",
		Message: "IIS", OpCode: "no", Computer: "yes", Time: "UTC, also where no offset is written, 100 ns",
		Number: "yes", Data: "yes",
	},
	{
		ID: AzureJSON, Name: "Azure WindowsEventLogs JSON", Kind: JSON, Of: "Azure", Group: "Azure",
		Decoder: jsons, Rank: RankJSON,
		Guess: members(all(`"RawXml"`), all(`"TimeGenerated"`, `"EventID"`, `"Computer"`)),
		WrittenBy: "Azure diagnostics (WADWindowsEventLogs, with RawXml), Log Analytics tables Event, " +
			"SecurityEvent and WindowsEvent",
		Files:   ".json",
		Message: "yes", OpCode: "number from RawXml and WindowsEvent; Event: no", Computer: "yes",
		Time: "UTC, 100 ns", Number: "from RawXml, SecurityEvent and WindowsEvent; Event: no", Data: "yes",
	},
	{
		ID: LogMonitorJSON, Name: "LogMonitor JSON", Kind: JSON, Of: "LogMonitor", Group: "agents",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"LogEntry"`, `"EventId"`)),
		WrittenBy: "Microsoft LogMonitor in containers", Files: ".json .log",
		Message: "yes", OpCode: "no", Computer: "asked", Time: "UTC, 1 ms", Number: "no", Data: "no",
	},
	{
		ID: FluentBitJSON, Name: "Fluent Bit JSON", Kind: JSON, Of: "Fluent Bit", Group: "agents",
		Decoder: jsons, Rank: RankJSON, Zoneless: true,
		Guess:     members(all(`"ProviderName"`, `"EventID"`, `"Channel"`)),
		WrittenBy: "Fluent Bit winevtlog and winlog, also in pairs with a time, or under `log`",
		Files:     ".json .log",
		Message:   "yes", OpCode: "number", Computer: "yes", Time: "offset, 1 s", Number: "yes",
		Data: "no: StringInserts in order",
	},
	{
		ID: GetWinEventJSON, Name: "Get-WinEvent JSON", Kind: JSON, Of: "PowerShell", Group: "PowerShell",
		Decoder: jsons, Rank: RankJSON, Zoneless: true,
		Guess:     members(all(`"Id"`, `"ProviderName"`, `"LogName"`)),
		WrittenBy: "Get-WinEvent | ConvertTo-Json, PowerShell 5.1 and 7, also after Select-Object",
		Files:     ".json",
		Message:   "if selected", OpCode: "text, else number", Computer: "if selected",
		Time: "5.1: UTC, 1 ms; 7: offset, else asked, 100 ns", Number: "if selected",
		Data: "no: values in order where `-Depth` shows them",
	},
	{
		ID: OTelJSON, Name: "OpenTelemetry JSON", Kind: JSON, Of: "OpenTelemetry", Group: "agents",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"event_id"`, `"provider"`, `"system_time"`)),
		WrittenBy: "OpenTelemetry windowseventlog receiver: bodies, log records, and OTLP as the file " +
			"exporter writes it",
		Files:   ".json",
		Message: "yes", OpCode: "text, else number", Computer: "yes", Time: "UTC, 100 ns", Number: "yes",
		Data: "yes",
	},
	{
		ID: WazuhJSON, Name: "Wazuh JSON", Kind: JSON, Of: "Wazuh", Group: "agents",
		Decoder: jsons, Rank: RankJSON, Guess: members(all(`"win"`, `"eventID"`, `"providerName"`)),
		WrittenBy: "Wazuh alerts and archives (`data.win`)", Files: ".json",
		Message: "yes", OpCode: "number", Computer: "yes", Time: "UTC, 100 ns", Number: "yes",
		Data: "yes, first letter made a capital again (but `param1` and the like)",
	},
	{
		ID: WrappedJSON, Name: "events as text in JSON", Kind: JSON,
		Decoder: jsons, Rank: RankJSON,
		WrittenBy: "any JSON with an event's XML in `message`, `data`, `event`, `xml` or the like",
		Files:     ".json",
		Message:   "as the XML", OpCode: "as the XML", Computer: "as the XML", Time: "UTC", Number: "as the XML",
		Data: "as the XML",
	},
	{
		ID: EventViewerCSV, Name: "Event Viewer CSV", Kind: CSV, Of: "Event Viewer", Group: "Event Viewer",
		Decoder: csvs, Rank: RankText, Zoneless: true, Guess: shaped(EventViewerCSV),
		WrittenBy: "Event Viewer, Save as CSV; headers in English, German, French, Spanish, Italian, " +
			"Portuguese or Dutch",
		Files:   ".csv",
		Message: "yes, none in header-only rows", OpCode: "only with the column Operational Code",
		Computer: "asked, unless the column Computer was added",
		Time:     "asked, 1 s; day or month first asked where open", Number: "only with the column Event Record ID",
		Data: "no",
	},
	{
		ID: GetWinEventCSV, Name: "Get-WinEvent CSV", Kind: CSV, Of: "PowerShell", Group: "PowerShell",
		Decoder: csvs, Rank: RankText, Zoneless: true, Guess: shaped(GetWinEventCSV),
		WrittenBy: "Get-WinEvent or Get-EventLog | Export-Csv, a selection of columns too", Files: ".csv",
		Message: "yes", OpCode: "text; Get-EventLog: no", Computer: "yes",
		Time: "asked, 1 s; day or month first asked where open", Number: "yes", Data: "no",
	},
	{
		ID: SplunkCSV, Name: "Splunk CSV export", Kind: CSV, Of: "Splunk", Group: "Splunk",
		Decoder: csvs, Rank: RankText, Zoneless: true, Guess: shaped(SplunkCSV),
		WrittenBy: "Splunk searches exported as CSV", Files: ".csv",
		Message: "as `_raw` has it, else the column", OpCode: "as `_raw`, else the column",
		Computer: "`_raw`, else host", Time: "`_time` has one, and settles that of a classic text",
		Number: "as `_raw`, else the column", Data: "as `_raw`",
	},
	{
		ID: EvtxECmdCSV, Name: "EvtxECmd CSV", Kind: CSV, Of: "EvtxECmd", Group: "EVTX tools",
		Decoder: csvs, Rank: RankText, Guess: shaped(EvtxECmdCSV),
		WrittenBy: "EvtxECmd `--csv`", Files: ".csv",
		Message: "IIS", OpCode: "no", Computer: "yes", Time: "UTC, 100 ns", Number: "yes", Data: "yes",
	},
	{
		ID: EventViewerText, Name: "Event Viewer text", Kind: Text, Of: "Event Viewer", Group: "Event Viewer",
		Decoder: viewers, Rank: RankText, Zoneless: true,
		WrittenBy: "Event Viewer, details copied as text; wevtutil `/f:text`", Files: ".txt",
		Message: "yes", OpCode: "wevtutil: text; with the XML below it: number", Computer: "yes",
		Time: "asked, 1 s; UTC where the XML follows", Number: "where the XML follows",
		Data: "where the XML follows",
	},
	{
		ID: IISModules, Name: "list of IIS modules", Kind: Text, Of: "Splunk's list of IIS modules", Group: "Splunk",
		Decoder: modules, Rank: RankText,
		WrittenBy: "Splunk's PowerShell input Pwsh:InstalledIISModules", Files: ".log .txt",
		Message: "no", OpCode: "no", Computer: "asked", Time: "no time at all", Number: "no", Data: "yes",
	},
	{
		ID: IISW3C, Name: "IIS W3C log", Kind: Text, Of: "IIS (W3C, HTTPERR, native and NCSA logs)", Group: "IIS",
		Decoder: requests, Rank: RankText, Guess: iislog.GuessW3C,
		WrittenBy: "IIS, W3C extended, with whatever fields; Advanced Logging", Files: ".log",
		Message: "no", OpCode: "no", Computer: "s-computername, else asked",
		Time: "UTC, 1 s; without a date: the day of #Date", Number: "no", Data: "as #Fields has them",
	},
	{
		ID: HTTPErr, Name: "HTTPERR log", Kind: Text,
		Decoder: requests, Rank: RankText, Guess: iislog.GuessHTTPErr,
		WrittenBy: "HTTP.sys, of requests that it answered itself", Files: ".log",
		Message: "no", OpCode: "no", Computer: "asked", Time: "UTC, 1 s", Number: "no", Data: "as #Fields has them",
	},
	{
		ID: IISNative, Name: "IIS log in its own format", Kind: Text,
		Decoder: natives, Rank: RankText, Zoneless: true,
		WrittenBy: "IIS, its own format", Files: ".log",
		Message: "no", OpCode: "no", Computer: "yes",
		Time: "asked, 1 s; day or month first asked where open", Number: "no", Data: "under W3C's names",
	},
	{
		ID: NCSA, Name: "NCSA common log", Kind: Text,
		Decoder: commons, Rank: RankText,
		WrittenBy: "IIS and other web servers, NCSA's common format", Files: ".log",
		Message: "no", OpCode: "no", Computer: "asked", Time: "offset, 1 s", Number: "no", Data: "under W3C's names",
	},
}
