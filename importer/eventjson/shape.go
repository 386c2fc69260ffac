package eventjson

// Shape is whose JSON an object is: the name of its format.
type Shape = string

// The shapes.
const (
	NXLog       Shape = "nxlog-json"       // im_msvistalog, xm_json
	Winlogbeat  Shape = "winlogbeat-json"  // nested, flattened, 6.x, Logstash, Elasticsearch hits
	EvtxDump    Shape = "evtxdump-json"    // evtx_dump, chainsaw dump: Event.System
	DumpEvtx    Shape = "dumpevtx-json"    // Velocidex dumpevtx, OpenWEC: System
	EvtxECmd    Shape = "evtxecmd-json"    // Payload is a JSON string
	Chainsaw    Shape = "chainsaw-json"    // chainsaw hunt: document.data.Event
	GetWinEvent Shape = "getwinevent-json" // Get-WinEvent | ConvertTo-Json
	FluentBit   Shape = "fluentbit-json"   // winevtlog and winlog
	OTel        Shape = "otel-json"        // the collector's windowseventlog receiver, also as OTLP
	LogMonitor  Shape = "logmonitor-json"  // Microsoft LogMonitor for containers
	Azure       Shape = "azure-json"       // Azure diagnostics and Log Analytics tables
	Splunk      Shape = "splunk-json"      // exported search results
	HEC         Shape = "splunk-hec"       // what is sent to Splunk's HTTP event collector
	Wazuh       Shape = "wazuh-json"       // data.win
	Other       Shape = "wrapped-json"     // whoever's that has an event as text in a member
)

// Shape is whose JSON the event was that Next returned last.
func (r *reader) Shape() Shape { return r.kind }

// Refused is a sentence that says what the first object is that was known and
// is no event of an event log, or "".
func (r *reader) Refused() string { return r.refused }

// Sentences for what is known and not read.
const (
	reasonHayabusa = "This is a Hayabusa timeline: it holds what its rules found, not the events. Import the EVTX " +
		"files themselves."
	reasonChainsaw   = "This Chainsaw hit is not of an event log: it carries no Event."
	reasonLogMonitor = "This LogMonitor entry comes from a trace session, a log file or a process, not from an event log."
	reasonTables     = "This is an answer of the Log Analytics API with columns and rows apart. Export the query's " +
		"result with one JSON object a row."
	reasonRows = "This is a Splunk export with names and rows apart. Export the search as JSON (output_mode=json), " +
		"CSV or raw events."
	reasonResult = "This row of a Splunk export is no Windows event: it has no _raw that is one, and no EventCode."
	reasonHEC    = "What this HEC payload carries as its event is no Windows event."
	reasonNoCode = "This object has no number as its event ID."
	reasonCode   = "The event ID of this object is not a number."
)

// reasonSkip is for objects that are part of a format and no event: they are
// neither events nor rejected.
const reasonSkip = "skip"
