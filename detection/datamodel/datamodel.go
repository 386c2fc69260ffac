// Package datamodel says which events fill the datasets of Splunk's Endpoint
// data model, and what the datasets' fields are called in the events: Processes
// from Sysmon 1 and Security 4688, Registry from Sysmon 12, 13 and 14,
// Filesystem from Sysmon 11.
//
// A Dataset is what the search language asks of a model; the fields themselves
// are derived in package event.
package datamodel

import (
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
	Code    int64
}

// Dataset is one dataset of a data model.
type Dataset struct {
	name    string // Endpoint.Processes
	prefix  string // Processes. , which stands before its fields' names
	sources []Source
	action  string // of events that say none
	fields  map[string]bool
}

var _ spl.Model = (*Dataset)(nil)

// Name is the dataset's name: Endpoint.Processes.
func (d *Dataset) Name() string { return d.name }

// Prefix stands before the names of its fields: Processes. with the dot.
func (d *Dataset) Prefix() string { return d.prefix }

// Sources are the kinds of events that fill it. The slice is not to be changed.
func (d *Dataset) Sources() []Source { return d.sources }

var datasets = []*Dataset{
	{
		name: "Endpoint.Processes", prefix: "Processes.", action: "allowed",
		sources: []Source{{event.Sysmon, 1}, {event.Security, 4688}},
		fields: names(`action dest dest_is_expected dest_requires_av dest_should_update dest_should_timesync dest_priority
			dest_category original_file_name os parent_process parent_process_exec parent_process_guid
			parent_process_id parent_process_name parent_process_path process process_current_directory process_exec
			process_guid process_hash process_id process_integrity_level process_name process_path tag user user_id
			user_bunit user_category user_priority vendor_product`),
	},
	{
		name: "Endpoint.Registry", prefix: "Registry.", action: "modified",
		sources: []Source{{event.Sysmon, 12}, {event.Sysmon, 13}, {event.Sysmon, 14}},
		fields: names(`action dest process_guid process_id process_name process_path registry_hive registry_key_name
			registry_path registry_value_data registry_value_name registry_value_text registry_value_type status tag
			user vendor_product`),
	},
	{
		name: "Endpoint.Filesystem", prefix: "Filesystem.", action: "created",
		sources: []Source{{event.Sysmon, 11}},
		fields: names(`action dest file_access_time file_acl file_create_time file_hash file_modify_time file_name file_path
			file_size process_guid process_id process_name process_path tag user vendor_product`),
	},
}

func names(s string) map[string]bool {
	out := map[string]bool{}
	for n := range strings.FieldsSeq(s) {
		out[n] = true
	}
	return out
}

// Find returns a dataset by its name, such as Endpoint.Processes.
func Find(name string) (*Dataset, bool) {
	for _, d := range datasets {
		if strings.EqualFold(d.name, name) {
			return d, true
		}
	}
	return nil, false
}

// Has says whether the event fills the dataset.
func (d *Dataset) Has(e spl.Event) bool {
	if ev, ok := e.(*event.Event); ok { // the usual case costs no text
		for _, s := range d.sources {
			if ev.EventCode == s.Code && strings.EqualFold(ev.Channel, s.Channel) {
				return true
			}
		}
		return false
	}
	channel, _ := e.Get("LogName")
	text, _ := e.Get("EventCode")
	code, err := strconv.ParseInt(text, 10, 64)
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
	if !d.fields[field] {
		return "", false
	}
	name, v := source(field)
	if v != "" {
		return v, true
	}
	v, ok = e.Get(name)
	return d.shown(name, v, ok), true
}

// Getter is Get for one field, for who asks many events for it.
func (d *Dataset) Getter(field string) func(*event.Event) (v string, ok bool) {
	name, fixed := source(field)
	switch {
	case !d.fields[field]:
		return func(*event.Event) (string, bool) { return "", false }
	case fixed != "":
		return func(*event.Event) (string, bool) { return fixed, true }
	}
	get := event.Getter(name)
	return func(e *event.Event) (string, bool) {
		v, ok := get(e)
		return d.shown(name, v, ok), true
	}
}

// source is the field of an event that a dataset's field is taken from, or what
// it is in all.
func source(field string) (name, fixed string) {
	switch field {
	case "os":
		return "", "Microsoft Windows"
	case "registry_value_text":
		return "registry_value_data", ""
	case "file_modify_time":
		return "file_create_time", ""
	case "status":
		return "", "success"
	}
	return field, ""
}

// shown is what the dataset holds where the event has v, or nothing.
func (d *Dataset) shown(name, v string, ok bool) string {
	switch {
	case name == "action" && (!ok || v != "created" && v != "deleted" && v != "modified"):
		return d.action
	case !ok:
		return Unknown
	}
	return v
}
