package eventcsv

import (
	"fmt"
	"strconv"
	"strings"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// separator stands between the header line and the record in an event's Raw:
// neither can be decoded without the header, and no header holds a zero byte.
const separator = "\x00"

// Split parts an event's Raw into what a person reads, the header line above
// the record, and the record as it stands in the file.
func Split(stored string) (text, original string) {
	h, original, ok := strings.Cut(stored, separator)
	if !ok {
		return stored, stored
	}
	return h + "\n" + original, original
}

// One decodes an event's Raw again. The error is a sentence.
func One(stored string, opt record.Options, e *event.Event) error {
	e.Reset()
	line, row, ok := strings.Cut(stored, separator)
	h, known := parseHeader(line, opt.Encoding)
	if !ok || !known {
		return fmt.Errorf("this record has no header line that is known")
	}
	d := decoder{header: h, opt: opt}
	if reason := d.decode(stored, row, e); reason != "" {
		return fmt.Errorf("decode one row: %s", reason)
	}
	return nil
}

const (
	reasonCode  = "This row has no number as its event id."
	reasonShort = "This row has fewer values than the header line has names: it is cut short or torn."
	reasonLong  = "This row has more values than the header line has names: its quotation marks or delimiters are damaged."
)

// decoder makes events of the rows below one header.
type decoder struct {
	header *header
	opt    record.Options
	values []string
	data   []event.Field // of a payload, with the empty ones

	guid, opcode, level, levelText, keywords, keywordText string
	host, sourceType, raw, time                           string
}

// decode fills e, which has been Reset, from row; stored is its Raw. The
// result is why it is no event, or "".
func (d *decoder) decode(stored, row string, e *event.Event) string {
	e.Raw = stored
	var is1252 bool
	row, is1252 = record.Decoded(row, d.opt.Encoding)
	e.Windows1252 = is1252
	d.values = split(d.values[:0], row, d.header.delim, len(d.header.columns)+1)
	if d.header.loose() {
		d.message(row)
	}
	for n := len(d.values); n > len(d.header.columns) && d.values[n-1] == ""; n-- {
		d.values = d.values[:n-1]
	}
	if len(d.values) > len(d.header.columns) {
		return reasonLong
	}
	if !d.enough() {
		return reasonShort
	}
	d.guid, d.opcode, d.level, d.levelText, d.keywords, d.keywordText = "", "", "", "", "", ""
	d.host, d.sourceType, d.raw, d.time, d.data = "", "", "", "", d.data[:0]
	if d.header.shape == Splunk {
		return d.splunk(e)
	}
	return d.columns(e)
}

// message takes all that follows the other columns as the message, in which
// delimiters and quotation marks may stand as they are.
func (d *decoder) message(row string) {
	last := d.header.message
	if len(d.values) <= last+1 {
		if len(d.values) <= last || !strings.Contains(d.values[last], `"`) {
			return
		}
	}
	for range last {
		var rest string
		if row != "" && row[0] == '"' {
			_, rest = unquote(row[1:])
			rest = strings.TrimLeft(rest, "\"")
		} else {
			rest = row
		}
		i := strings.IndexByte(rest, d.header.delim)
		if i < 0 {
			return
		}
		row = rest[i+1:]
	}
	if len(row) >= 2 && row[0] == '"' && row[len(row)-1] == '"' {
		row = strings.ReplaceAll(row[1:len(row)-1], `""`, `"`)
	}
	d.values = append(d.values[:last], row)
}

// enough says whether no value is missing. The message of Event Viewer may be.
func (d *decoder) enough() bool {
	missing := len(d.header.columns) - len(d.values)
	return missing <= 0 || missing == 1 && d.header.shape == EventViewer && d.header.message == len(d.values)
}

// columns makes the event of the columns themselves.
func (d *decoder) columns(e *event.Event) string {
	for i, v := range d.values {
		if v == "" {
			continue
		}
		if c := d.header.columns[i]; c.part == plain {
			if !typeName(v) {
				e.Add(c.name, d.opt.Value(v))
			}
		} else {
			d.set(e, c.part, v)
		}
		if len(e.Fields) > record.MaxFields {
			return record.ReasonFields
		}
	}
	if e.EventCode == event.None {
		return reasonCode
	}
	d.finish(e)
	return ""
}

func (d *decoder) set(e *event.Event, p part, v string) {
	switch p {
	case timeText:
		d.setTime(e, record.Trim(v))
	case eventCode:
		record.SetEventCode(e, record.Trim(v))
	case recordNumber:
		if v != "0" || d.header.shape != GetWinEvent {
			record.SetRecordNumber(e, v)
		}
	case channel:
		record.SetChannel(e, v)
	case provider:
		record.SetProvider(e, v)
	case computer:
		record.SetComputer(e, v)
	case opCode:
		record.SetOpCode(e, v)
	case message:
		record.SetMessage(e, v)
	case levelText:
		d.levelText = v
	case levelNumber:
		d.level = v
		e.Add("Level", v)
	case opcodeNumber:
		d.opcode = v
		e.Add("Opcode", v)
	case keywordText:
		if !typeName(v) {
			d.keywordText = v
		}
	case keywordNumber:
		d.keywords = hexKeywords(v)
	case guid:
		d.guid = v
		e.Add("Guid", v)
	case host:
		d.host = v
	case sourceType:
		d.sourceType = v
	case payload:
		d.data = appendPayload(d.data, v)
	}
}

// setTime sets the time as the shape writes it.
func (d *decoder) setTime(e *event.Event, v string) {
	if d.header.shape == EvtxECmd { // UTC, though it does not say so
		nanos, order, ok := record.ParseLocal(v, nil, d.opt.Dates)
		record.SetTime(e, v, nanos, ok)
		e.Dates = order
		return
	}
	if d.header.shape == Splunk {
		if nanos, ok := epoch(v); ok {
			record.SetTime(e, v, nanos, true)
			return
		}
	}
	record.SetLocalTime(e, v, d.opt)
}

// finish adds what depends on several columns.
func (d *decoder) finish(e *event.Event) {
	if d.levelText == "" {
		d.levelText = record.LevelText(d.level)
	}
	if d.header.shape == EvtxECmd {
		switch d.levelText {
		case "Info", "LogAlways":
			d.levelText = "Information"
		}
	}
	e.Add("Type", d.levelText)
	if d.keywordText != "" {
		e.Add("Keywords", d.keywordText)
		e.Add("KeywordsValue", d.keywords)
	} else {
		e.Add("Keywords", d.keywords)
	}
	for i := range d.data {
		e.Add(d.data[i].Name, d.opt.Value(d.data[i].Value))
	}
	record.SetComputer(e, d.host)
	record.SetComputer(e, d.opt.Computer)
	record.FieldsFromMessage(e)
	if len(d.data) > 0 {
		record.RenderIIS(e, d.guid, d.opcode, d.data, true)
	} else {
		record.RenderIIS(e, d.guid, d.opcode, e.Fields, false)
	}
}

// typeName says whether Export-Csv wrote the type of a value in its place.
func typeName(v string) bool {
	return strings.HasPrefix(v, "System.") && (strings.HasSuffix(v, "]") ||
		strings.HasPrefix(v, "System.Diagnostics.Eventing."))
}

// hexKeywords turns the signed number of PowerShell into what XML has.
func hexKeywords(v string) string {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return v
	}
	return "0x" + strconv.FormatUint(uint64(n), 16)
}

// epoch reads seconds since 1970 with a fraction.
func epoch(v string) (nanos int64, ok bool) {
	if len(v) < 9 || len(v) > 20 || strings.IndexByte(v, '-') >= 0 {
		return 0, false
	}
	whole, frac, _ := strings.Cut(v, ".")
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || n > 9_000_000_000 || len(frac) > 9 {
		return 0, false
	}
	f, err := strconv.ParseUint((frac + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, false
	}
	return int64(n)*1e9 + int64(f), true
}
