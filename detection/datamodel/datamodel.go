// Package datamodel says which events fill the datasets of Splunk's data models,
// and what the datasets' fields are called in the events: those of Endpoint
// (processes, registry, files), Network_Traffic, Network_Resolution,
// Authentication and Change. Risk is filled by the events of the index risk, which
// are no Windows events; Web is known, and filled by none.
//
// A Dataset is what the search language asks of a model; the fields themselves
// are derived in package event.
package datamodel

import (
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Unknown is what a dataset holds where an event has no value for a field.
const Unknown = spl.Unknown

// Source is one kind of event that fills a dataset.
type Source struct {
	Channel string
	Code    int64 // event.None: of events that have none
}

// Dataset is one dataset of a data model.
type Dataset struct {
	name    string // Endpoint.Processes
	prefix  string // Processes. , which stands before its fields' names
	sources []Source
	fields  map[string]bool
	as      map[string][]string // fields that events have under other names: the first that they have
	fixed   map[string]string   // fields that are the same in all events
	action  string              // of events that say none of actions
	actions []string            // those that there are; nil for whatever events say
	only    string              // the action that an event must have; "" for any
	child   string              // what may stand behind the prefix: Account_Management.
	index   string              // apart from what was imported, whose events fill it: risk
}

var _ spl.Model = (*Dataset)(nil)

// Name is the dataset's name: Endpoint.Processes.
func (d *Dataset) Name() string { return d.name }

// Prefix stands before the names of its fields: Processes. with the dot.
func (d *Dataset) Prefix() string { return d.prefix }

// Index is the index whose events fill it; "" for what was imported.
func (d *Dataset) Index() string { return d.index }

// Sources are the kinds of events that fill it. The slice is not to be changed.
func (d *Dataset) Sources() []Source { return d.sources }

func names(s string) map[string]bool {
	out := map[string]bool{}
	for n := range strings.FieldsSeq(s) {
		out[n] = true
	}
	return out
}

// Find returns a dataset by its name, such as Endpoint.Processes; of a model that
// has one dataset above all others, that one by the model's name alone.
func Find(name string) (*Dataset, bool) {
	if root, ok := roots[strings.ToLower(name)]; ok {
		name = name + "." + root
	}
	for _, d := range datasets {
		if strings.EqualFold(d.name, name) {
			return d, true
		}
	}
	return nil, false
}

// Has says whether the event fills the dataset.
func (d *Dataset) Has(e spl.Event) bool { return d.isSource(e) && (d.only == "" || d.does(e)) }

func (d *Dataset) does(e spl.Event) bool {
	v, _ := e.Get("action")
	return v == d.only
}

func (d *Dataset) isSource(e spl.Event) bool {
	if d.index != "" {
		v, _ := e.Get("index")
		return strings.EqualFold(v, d.index)
	}
	if m, ok := e.(*spl.Memo); ok {
		e = m.Event
	}
	if ev, ok := e.(*event.Event); ok { // the usual case costs no text
		for _, s := range d.sources {
			if ev.EventCode == s.Code && strings.EqualFold(ev.Channel, s.Channel) {
				return true
			}
		}
		return false
	}
	channel, named := e.Get("LogName")
	text, _ := e.Get("EventCode")
	code, err := strconv.ParseInt(text, 10, 64)
	if !named && text == "" { // what is of no Windows log has a sourcetype in its place
		channel, _ = e.Get("sourcetype")
		code, err = event.None, nil
	}
	for _, s := range d.sources {
		if err == nil && code == s.Code && strings.EqualFold(channel, s.Channel) {
			return true
		}
	}
	return false
}

// Get returns a field of the dataset, without its prefix, for an event that
// fills it. A field that the dataset has and the event has not is Unknown;
// ok is false when the dataset has no such field.
func (d *Dataset) Get(e spl.Event, field string) (v string, ok bool) {
	field = d.own(field)
	if !d.fields[field] {
		return "", false
	}
	if v, ok := d.fixed[field]; ok {
		return v, true
	}
	for _, name := range d.sourcesOf(field) {
		if v, ok = e.Get(name); ok {
			break
		}
	}
	return d.shown(field, v, ok), true
}

// FieldOf is the field of an event that one of the dataset is taken from; "" when the
// dataset, or the event, has none.
func (d *Dataset) FieldOf(e spl.Event, field string) string {
	field = d.own(field)
	if _, fixed := d.fixed[field]; fixed || !d.fields[field] {
		return ""
	}
	for _, name := range d.sourcesOf(field) {
		if _, ok := e.Get(name); ok {
			return name
		}
	}
	return ""
}

// own is a field's name without that of the dataset's child.
func (d *Dataset) own(field string) string {
	if d.child == "" {
		return field
	}
	return strings.TrimPrefix(field, d.child)
}

// Getter is Get for one field, for who asks many events for it.
func (d *Dataset) Getter(field string) func(*event.Event) (v string, ok bool) {
	field = d.own(field)
	if !d.fields[field] {
		return func(*event.Event) (string, bool) { return "", false }
	}
	if fixed, ok := d.fixed[field]; ok {
		return func(*event.Event) (string, bool) { return fixed, true }
	}
	var gets []func(*event.Event) (string, bool)
	for _, name := range d.sourcesOf(field) {
		gets = append(gets, event.Getter(name))
	}
	return func(e *event.Event) (v string, ok bool) {
		for _, get := range gets {
			if v, ok = get(e); ok {
				break
			}
		}
		return d.shown(field, v, ok), true
	}
}

// sourcesOf are the fields of an event that a dataset's field is taken from: the
// first that it has.
func (d *Dataset) sourcesOf(field string) []string {
	if as, ok := d.as[field]; ok {
		return as
	}
	return []string{field}
}

// shown is what the dataset holds where the event has v, or nothing.
func (d *Dataset) shown(field, v string, ok bool) string {
	switch {
	case field == "action" && d.action != "" && (!ok || d.actions != nil && !slices.Contains(d.actions, v)):
		return d.action
	case !ok:
		return Unknown
	}
	return v
}
