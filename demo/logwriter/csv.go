package logwriter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The header lines of the CSV that the functions below append, with their line
// ends.
const (
	EventViewerHeader = "Level,Date and Time,Source,Event ID,Task Category\r\n"
	ExportHeader      = `"Message","Id","Version","Qualifiers","Level","Task","Opcode","Keywords","RecordId","ProviderName","ProviderId","LogName","ProcessId","ThreadId","MachineName","UserId","TimeCreated","ActivityId","RelatedActivityId","ContainerLog","MatchedQueryIds","Bookmark","LevelDisplayName","OpcodeDisplayName","TaskDisplayName","KeywordsDisplayNames","Properties"` + "\r\n"
	SplunkHeader      = `"_time","_raw",host,index,linecount,source,sourcetype` + "\n"
	EvtxECmdHeader    = "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,UserId,MapDescription,UserName,RemoteHost,PayloadData1,PayloadData2,PayloadData3,PayloadData4,PayloadData5,PayloadData6,ExecutableInfo,HiddenRecord,SourceFile,Keywords,ExtraDataOffset,Payload\r\n"
)

// row appends the values of one row of CSV.
type row struct {
	dst   []byte
	all   bool // quote every value
	begun bool
}

func (r *row) add(v string) {
	if r.begun {
		r.dst = append(r.dst, ',')
	}
	r.begun = true
	if !r.all && !strings.ContainsAny(v, ",\"\r\n") {
		r.dst = append(r.dst, v...)
		return
	}
	r.dst = append(append(append(r.dst, '"'), strings.ReplaceAll(v, `"`, `""`)...), '"')
}

func (r *row) end(with string) []byte { return append(r.dst, with...) }

func inZone(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t.UTC()
	}
	return t.In(zone)
}

// AppendEventViewerCSV appends r as Event Viewer's "Save All Events As" does:
// five values and the message. The date is in zone (nil is UTC), written by
// layout, as the settings of Windows have it.
func AppendEventViewerCSV(dst []byte, r *Record, zone *time.Location, layout string) []byte {
	c := row{dst: dst}
	c.add(r.typeText())
	c.add(inZone(r.Time, zone).Format(layout))
	c.add(r.Provider)
	c.add(strconv.Itoa(r.EventCode))
	c.add(r.taskText())
	c.add(strings.ReplaceAll(r.Message, "\n", "\r\n"))
	return c.end("\r\n")
}

func (r *Record) taskText() string {
	if r.TaskCategory == "" {
		return "None"
	}
	return r.TaskCategory
}

// AppendExportCSV appends r as Get-WinEvent | Export-Csv does, every value in
// quotation marks. The date is in zone (nil is UTC), written by layout.
func AppendExportCSV(dst []byte, r *Record, zone *time.Location, layout string) []byte {
	c := row{dst: dst, all: true}
	for _, v := range []string{
		strings.ReplaceAll(r.Message, "\n", "\r\n"), strconv.Itoa(r.EventCode), "0", "", strconv.Itoa(r.Level),
		strconv.Itoa(r.Task),
		strconv.Itoa(max(r.Opcode, 0)), strconv.FormatInt(int64(r.Keywords), 10), strconv.FormatInt(r.RecordNumber, 10),
		r.Provider, strings.Trim(r.GUID, "{}"), r.Channel, strconv.Itoa(r.ProcessID), strconv.Itoa(r.ThreadID), r.Computer,
		r.Sid,
		inZone(r.Time, zone).Format(layout), "", "", strings.ToLower(r.Channel), "System.UInt32[]",
		"System.Diagnostics.Eventing.Reader.EventBookmark", r.typeText(), r.OpCode, r.TaskCategory,
		"System.Collections.ObjectModel.ReadOnlyCollection`1[System.String]",
		"System.Collections.Generic.List`1[System.Diagnostics.Eventing.Reader.EventProperty]",
	} {
		c.add(v)
	}
	return c.end("\r\n")
}

// AppendSplunkCSV appends r as a Splunk search exports it, with the classic
// text as _raw, its date in zone (nil is UTC).
func AppendSplunkCSV(dst []byte, r *Record, zone *time.Location) []byte {
	c := row{dst: dst, all: true}
	c.add(r.Time.UTC().Format("2006-01-02T15:04:05.000-0700"))
	c.add(strings.TrimRight(string(AppendText(nil, r, zone)), "\r\n"))
	for _, v := range []string{r.Computer, "main", "16", "WinEventLog:" + r.Channel, "WinEventLog"} {
		c.add(v)
	}
	return c.end("\n")
}

// AppendEvtxECmdCSV appends r as EvtxECmd does.
func AppendEvtxECmdCSV(dst []byte, r *Record) []byte {
	c := row{dst: dst}
	level := r.typeText()
	if level == "Information" {
		level = "Info"
	}
	for _, v := range []string{
		strconv.FormatInt(r.RecordNumber, 10), strconv.FormatInt(r.RecordNumber, 10),
		r.Time.UTC().Format("2006-01-02 15:04:05.0000000"),
		strconv.Itoa(r.EventCode), level, r.Provider, r.Channel, strconv.Itoa(r.ProcessID), strconv.Itoa(r.ThreadID),
		r.Computer,
		"0", r.Sid, "", r.User, "", "", "", "", "", "", "", "", "False", `C:\evidence\log.evtx`,
		fmt.Sprintf("0x%x", r.Keywords), "0",
		r.payload(),
	} {
		c.add(v)
	}
	return c.end("\r\n")
}

// payload is the data of r as EvtxECmd's JSON.
func (r *Record) payload() string {
	dst := []byte(`{"EventData":{"Data":[`)
	for i, f := range r.Data {
		if i > 0 {
			dst = append(dst, ',')
		}
		o := object{dst: dst}
		o.open()
		o.text("@Name", f.Name)
		o.some("#text", f.Value)
		o.close()
		dst = o.dst
	}
	return string(append(dst, `]}}`...))
}

// AppendCopyAsText appends r as Event Viewer's "Copy details as text" does,
// the date in zone (nil is UTC), written by layout; with xml, its XML follows.
func AppendCopyAsText(dst []byte, r *Record, zone *time.Location, layout string, xml bool) []byte {
	user := r.User
	if user == "" {
		user = "N/A"
	}
	for _, l := range [][2]string{
		{"Log Name:      ", r.Channel}, {"Source:        ", r.Provider},
		{"Date:          ", inZone(r.Time, zone).Format(layout)},
		{"Event ID:      ", strconv.Itoa(r.EventCode)}, {"Task Category: ", r.taskText()}, {"Level:         ", r.typeText()},
		{"Keywords:      ", strings.ReplaceAll(r.keywordText(), "None", "")}, {"User:          ", user},
		{"Computer:      ", r.Computer},
		{"Description:\r\n", strings.ReplaceAll(r.Message, "\n", "\r\n")},
	} {
		dst = append(append(append(dst, l[0]...), l[1]...), "\r\n"...)
	}
	if xml {
		dst = append(AppendXML(append(dst, "Event Xml:\r\n"...), r, false), "\r\n"...)
	}
	return dst
}
