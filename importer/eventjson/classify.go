package eventjson

import (
	"strings"

	"escutcheon/event"
)

// marks are the names an object has that tell shapes apart.
type marks uint64

const (
	mEvent marks = 1 << iota // {
	mSystem
	mDocument
	mData
	mPayload
	mECmd
	mLogEntry
	mPreview
	mRaw
	mRawXML
	mLogAnalytics
	mTimeGenerated
	mEventID
	mModule
	mHostname
	mEventTime
	mProviderName
	mChannel
	mInserts
	mSourceName
	mID
	mWinEvent
	mEventIDObject
	mOTel
	mWinlog
	mWinlogFlat
	mBeat6
	mFlatID
	mHECEvent
	mHEC
	mBeatTime
	mRuleTitle
	mWin
	mTables
	mLastRow
	mBulk
	mBody
	mEventCode
	mSearch
	mLater // a value decides that is not there yet
)

func (m marks) all(of marks) bool { return m&of == of }
func (m marks) any(of marks) bool { return m&of != 0 }

// scalar is for names that count where their value is none of these.
var scalar = map[string]marks{
	"Payload": mPayload, "PayloadData1": mECmd, "EventRecordId": mECmd, "MapDescription": mECmd, "ChunkNumber": mECmd,
	"preview": mPreview, "_raw": mRaw, "lastrow": mLastRow, "RawXml": mRawXML,
	"RenderedDescription": mLogAnalytics, "EventOriginId": mLogAnalytics, "ParameterXml": mLogAnalytics,
	"EventLevelName": mLogAnalytics,
	"DeploymentId":   mLogAnalytics, "EventSourceName": mLogAnalytics,
	"TimeGenerated": mTimeGenerated, "EventID": mEventID, "EventId": mEventID, "EventTime": mEventTime,
	"Hostname": mHostname, "HOSTNAME": mHostname,
	"ProviderName": mProviderName | mWinEvent, "Channel": mChannel, "StringInserts": mInserts, "TimeWritten": mInserts,
	"SourceName": mSourceName, "ComputerName": mSearch,
	"Id": mID, "LogName": mWinEvent | mSearch, "RecordId": mWinEvent, "MachineName": mWinEvent,
	"LevelDisplayName": mWinEvent,
	"TimeCreated":      mWinEvent, "record_id": mOTel, "system_time": mOTel, "channel": mOTel, "computer": mOTel,
	"log_name": mBeat6, "record_number": mBeat6, "source_name": mBeat6, "computer_name": mBeat6, "event_id": mFlatID,
	"event": mHECEvent, "time": mHEC, "sourcetype": mHEC, "source": mHEC, "index": mHEC, "host": mHEC,
	"@timestamp": mBeatTime,
	"RuleTitle":  mRuleTitle, "EventCode": mEventCode, "_time": mSearch, "SourceModuleType": mModule,
}

// moduleType is the SourceModuleType of what NXLog read from an event log.
const moduleType = "im_msvistalog"

// containers are the names that count where their value is an object or array.
var containers = map[string]marks{
	"Event": mEvent, "System": mSystem, "document": mDocument, "data": mData, "LogEntry": mLogEntry,
	"StringInserts": mInserts, "event_id": mEventIDObject, "provider": mOTel, "event_data": mOTel,
	"winlog": mWinlog, "event": mHECEvent, "fields": mHEC, "win": mWin, "tables": mTables, "_raw": mRaw,
	"TimeCreated": mWinEvent, "LogName": mWinEvent, "Properties": mWinEvent, "body": mBody,
	"index": mBulk, "create": mBulk, "RuleTitle": mRuleTitle,
}

// marksOf looks at the names of the object nodes[at].
func marksOf(nodes []node, at int) (m marks) {
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		n := &nodes[i]
		if n.known == nil {
			n.known = knownAs(n.key)
		}
		f := n.known.scalar
		switch {
		case n.kind == '{' || n.kind == '[':
			f = n.known.nested
		case n.value == "" && !n.unescaped && f != mPreview:
			continue
		case f == mModule && n.value == "":
			f = mLater
		case f == mModule && n.value != moduleType:
			f = 0
		}
		if f == 0 && strings.HasPrefix(n.key, "winlog.") {
			f = mWinlogFlat
		}
		m |= f
	}
	return m
}

// mostWrapped is how deep an event may lie in what shippers wrap it in.
const mostWrapped = 6

// object fills e from the object nodes[at], whatever shape it has. The result
// is the shape and why it is no event, or "".
func (r *reader) object(e *event.Event, nodes []node, at, depth int) (Shape, string) {
	if depth > mostWrapped {
		return Other, reasonOther
	}
	return r.marked(e, nodes, at, depth, marksOf(nodes, at))
}

// nxlog says whether an object is NXLog's.
func (m marks) nxlog() bool { return m.any(mModule) || m.any(mHostname) && m.any(mEventTime|mEventID) }

// marked is object for one whose marks are known.
func (r *reader) marked(e *event.Event, nodes []node, at, depth int, m marks) (Shape, string) {
	switch {
	case m.nxlog():
		return NXLog, r.nxlog(e, nodes, at)
	case m.any(mWinlog | mWinlogFlat):
		return Winlogbeat, r.winlogbeat(e, nodes, at)
	case m.any(mEvent) && child(nodes, child(nodes, at, "Event"), "System") > 0:
		return EvtxDump, r.evtxDump(e, nodes, at)
	case m.any(mSystem):
		return DumpEvtx, r.dumpEvtx(e, nodes, at)
	case m.any(mDocument):
		return Chainsaw, r.chainsaw(e, nodes, at)
	case m.any(mData) && child(nodes, child(nodes, at, "data"), "Event") > 0:
		return Chainsaw, r.chainsawDocument(e, nodes, at)
	case m.any(mLogEntry) && text(nodes, at, "Source") != "":
		return LogMonitor, r.logMonitor(e, nodes, at)
	case m.any(mPreview|mLastRow) && !m.any(mHECEvent), m.any(mRaw), m.all(mEventCode | mSearch):
		return Splunk, r.splunkRow(e, nodes, at, depth)
	case m.any(mRuleTitle):
		return Other, r.refuse(reasonHayabusa)
	case m.any(mTables) && isTables(nodes, child(nodes, at, "tables")):
		return Other, r.refuse(reasonTables)
	}
	return r.columns(e, nodes, at, depth, m)
}

// columns is object for the shapes that have the event's values in one flat
// row, and for what wraps an event.
func (r *reader) columns(e *event.Event, nodes []node, at, depth int, m marks) (Shape, string) {
	switch {
	case m.any(mPayload) && m.any(mECmd|mEventID):
		return EvtxECmd, r.evtxECmd(e, nodes, at)
	case m.any(mRawXML | mLogAnalytics), m.all(mTimeGenerated|mEventID) && !m.any(mInserts|mSourceName):
		return Azure, r.azure(e, nodes, at, depth)
	case m.all(mEventID | mProviderName | mChannel), m.any(mEventID) && m.any(mInserts), m.any(mInserts) &&
		carries(text(nodes, at, "System")):
		return FluentBit, r.fluentBit(e, nodes, at, depth)
	case m.all(mID | mWinEvent):
		return GetWinEvent, r.getWinEvent(e, nodes, at)
	case m.all(mEventIDObject | mOTel):
		return OTel, r.otel(e, nodes, at)
	case m.all(mFlatID | mBeat6):
		return Winlogbeat, r.beat6(e, nodes, at)
	case m.any(mWin):
		return Wazuh, r.wazuh(e, nodes, at)
	case m.all(mEventTime | mEventID | mChannel):
		return DumpEvtx, r.evtxHunter(e, nodes, at)
	case m.any(mHECEvent) && !m.any(mBeatTime) && (m.any(mHEC) || nodes[at].end <= nodes[at+1].end):
		return HEC, r.hec(e, nodes, at, depth)
	case m.any(mBody):
		if kind, reason, ok := r.logRecord(e, nodes, at, depth); ok {
			return kind, reason
		}
	case m.any(mBulk) && nodes[at+1].end == nodes[at].end:
		return Other, reasonSkip
	}
	return r.wrapped(e, nodes, at, depth)
}

// wrapped looks for an event in the values of an object that is none itself.
func (r *reader) wrapped(e *event.Event, nodes []node, at, depth int) (Shape, string) {
	kind, reason := Other, reasonOther
	for i := at + 1; i < int(nodes[at].end) && reason == reasonOther; i = int(nodes[i].end) {
		n := &nodes[i]
		switch n.key {
		case "_source", "fields", "json", "log", "data", "body", "message", "properties", "event", "Event", "result",
			"record", "xml", "original", "msg":
		default:
			continue
		}
		switch {
		case n.kind == '{':
			kind, reason = r.object(e, nodes, i, depth+1)
		case n.kind == '"' && carries(n.value):
			kind, reason = r.carried(e, n.value, depth+1)
		}
	}
	return kind, reason
}

// isTables says whether nodes[at] is a list of tables with their rows apart.
func isTables(nodes []node, at int) bool {
	return int(nodes[at].end) > at+1 && child(nodes, at+1, "rows") > 0
}

// refuse remembers what an object was known to be.
func (r *reader) refuse(reason string) string {
	if r.refused == "" {
		r.refused = reason
	}
	return reason
}

// child is the position of the member key of nodes[at], or 0. Of repeated
// members it is the first. The root has no members when at is 0 for want of
// one: pass only what child or a loop gave, or the root itself.
func child(nodes []node, at int, key string) int {
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		if nodes[i].key == key {
			return i
		}
	}
	return 0
}

// text is the value of the member key of nodes[at], or "".
func text(nodes []node, at int, key string) string {
	if i := child(nodes, at, key); i > 0 {
		return nodes[i].value
	}
	return ""
}
