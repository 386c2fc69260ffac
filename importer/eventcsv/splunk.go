package eventcsv

import (
	"escutcheon/event"
	"escutcheon/importer/inner"
	"escutcheon/importer/record"
)

// splunk makes the event of a row of search results: of its _raw when it has
// one, which is text or XML, else of the columns.
func (d *decoder) splunk(e *event.Event) string {
	for i, v := range d.values {
		switch d.header.columns[i].part {
		case raw:
			d.raw = v
		case timeText:
			d.time = v
		case host:
			d.host = v
		}
	}
	if d.raw == "" {
		return d.columns(e)
	}
	stored, is1252 := e.Raw, e.Windows1252
	opt := d.opt
	opt.Computer, opt.Encoding = d.host, record.UTF16LE // the row is decoded already
	if opt.Computer == "" {
		opt.Computer = d.opt.Computer
	}
	reason := inner.One(d.raw, opt, e)
	if reason == inner.ReasonNone && d.hasCode() {
		e.Reset()
		e.Raw, e.Windows1252 = stored, is1252
		return d.columns(e)
	}
	e.Raw, e.Offset, e.Windows1252 = stored, 0, is1252
	if reason == "" && d.time != "" && (!e.HasTime || e.Zoneless) {
		d.betterTime(e)
	}
	return reason
}

// betterTime takes the time that Splunk gave the event where _raw has none or
// leaves its zone open.
func (d *decoder) betterTime(e *event.Event) {
	var t event.Event
	d.setTime(&t, record.Trim(d.time))
	if t.HasTime && (!t.Zoneless || !e.HasTime) {
		e.Nanos, e.HasTime, e.TimeText, e.Zoneless, e.Dates = t.Nanos, true, t.TimeText, t.Zoneless, t.Dates
	}
}

// hasCode says whether a column has a number as event id.
func (d *decoder) hasCode() bool {
	for i, v := range d.values {
		if d.header.columns[i].part == eventCode && v != "" && v[0]-'0' <= 9 {
			return true
		}
	}
	return false
}
