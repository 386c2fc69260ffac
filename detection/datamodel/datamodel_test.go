package datamodel_test

import (
	"testing"

	"escutcheon/detection/datamodel"
	"escutcheon/detection/spl"
	"escutcheon/event"
)

// fields is an event of another kind than *event.Event.
type fields = spl.Map

func TestHas(t *testing.T) {
	for _, tt := range []struct {
		channel string
		code    int64
		text    string
		want    string
	}{
		{event.Sysmon, 1, "1", "Endpoint.Processes"},
		{"security", 4688, "4688", "Endpoint.Processes"},
		{event.Security, 1, "1", ""},
		{event.Sysmon, 11, "11", "Endpoint.Filesystem"},
		{event.Sysmon, 12, "12", "Endpoint.Registry"},
		{event.Sysmon, 13, "13", "Endpoint.Registry"},
		{event.Sysmon, 14, "14", "Endpoint.Registry"},
		{event.Sysmon, 15, "15", ""},
		{"", event.None, "", ""},
	} {
		for _, name := range []string{"Endpoint.Processes", "endpoint.registry", "Endpoint.Filesystem"} {
			d, ok := datamodel.Find(name)
			if !ok {
				t.Fatal(name)
			}
			want := d.Name() == tt.want
			if d.Has(&event.Event{Channel: tt.channel, EventCode: tt.code}) != want || d.Has(fields{"LogName": tt.channel, "EventCode": tt.text}) != want {
				t.Errorf("%s %d in %s: want %v", tt.channel, tt.code, d.Name(), want)
			}
		}
	}
	if _, ok := datamodel.Find("Web.Web"); ok {
		t.Error("a model that is none was found")
	}
}

func TestGet(t *testing.T) {
	d, _ := datamodel.Find("Endpoint.Processes")
	r, _ := datamodel.Find("Endpoint.Registry")
	for _, tt := range []struct {
		d        *datamodel.Dataset
		name     string
		want     string
		has      bool
		holdings fields
	}{
		{d, "process", "x", true, fields{"process": "x"}},
		{d, "process", "unknown", true, nil},
		{d, "os", "Microsoft Windows", true, nil},
		{d, "action", "allowed", true, fields{"action": "success"}},
		{d, "registry_path", "", false, fields{"registry_path": "x"}},
		{r, "action", "deleted", true, fields{"action": "deleted"}},
		{r, "action", "modified", true, nil},
		{r, "registry_value_text", "1", true, fields{"registry_value_data": "1"}},
	} {
		if got, ok := tt.d.Get(tt.holdings, tt.name); got != tt.want || ok != tt.has {
			t.Errorf("%s of %v: %q %v", tt.name, tt.holdings, got, ok)
		}
	}
}
