package datamodel_test

import (
	"fmt"
	"strings"
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
			if d.Has(&event.Event{Channel: tt.channel, EventCode: tt.code}) != want ||
				d.Has(fields{"LogName": tt.channel, "EventCode": tt.text}) != want {
				t.Errorf("%s %d in %s: want %v", tt.channel, tt.code, d.Name(), want)
			}
		}
	}
	if _, ok := datamodel.Find("Email.All_Email"); ok {
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

// cim are the fields of each dataset that content groups by, and what they
// hold for an event that carries the field of that name, or nothing.
var cim = map[string]string{
	"Endpoint.Processes": `dest process_name user process process_id parent_process_name parent_process_id parent_process
		original_file_name process_guid process_path parent_process_path process_hash process_integrity_level
		user_id vendor_product`,
	"Endpoint.Registry": `dest registry_path user registry_value_data registry_key_name registry_value_name 
		registry_value_type registry_hive process_guid`,
	"Endpoint.Filesystem": `dest file_name file_path file_create_time
		 user process_guid process_id file_hash file_size file_acl`,
}

func TestFields(t *testing.T) {
	for name, list := range cim {
		d, ok := datamodel.Find(name)
		if !ok || d.Name() != name || d.Prefix() != strings.TrimPrefix(name, "Endpoint.")+"." {
			t.Fatal(name, d)
		}
		for field := range strings.FieldsSeq(list) {
			if v, ok := d.Get(fields{field: "held"}, field); v != "held" || !ok {
				t.Errorf("%s.%s that is there: %q %v", name, field, v, ok)
			}
			if v, ok := d.Get(fields{}, field); v != "unknown" || !ok {
				t.Errorf("%s.%s that is missing: %q %v", name, field, v, ok)
			}
		}
		for _, field := range []string{"", "EventCode", "Image", d.Prefix() + "dest", "Dest"} {
			if v, ok := d.Get(fields{field: "held"}, field); v != "" || ok {
				t.Errorf("%s has %q: %q", name, field, v)
			}
		}
	}
}

// What says an action that the dataset has not, or none, has the usual one;
// some fields are others under another name.
func TestDerivedFields(t *testing.T) {
	for _, tt := range []struct{ dataset, field, event, want string }{
		{"Processes", "action", "", "allowed"}, {"Processes", "action", "action=blocked", "allowed"},
		{"Filesystem", "action", "", "created"},
		{"Filesystem", "action", "action=deleted", "deleted"}, {"Filesystem", "action", "action=success", "created"},
		{"Registry", "action", "", "modified"}, {"Registry", "action", "action=created", "created"},
		{"Registry", "action", "action=modified", "modified"},
		{"Processes", "os", "os=Linux", "Microsoft Windows"}, {"Registry", "status", "status=failure", "success"},
		{"Registry", "registry_value_text", "registry_value_data=1", "1"},
		{"Registry", "registry_value_text", "registry_value_text=2", "unknown"},
		{"Filesystem", "file_modify_time", "file_create_time=3", "3"},
		{"Filesystem", "file_modify_time", "", "unknown"},
	} {
		d, _ := datamodel.Find("Endpoint." + tt.dataset)
		name, v, _ := strings.Cut(tt.event, "=")
		if got, ok := d.Get(fields{name: v}, tt.field); got != tt.want || !ok {
			t.Errorf("%s.%s of %s: %s, want %s", tt.dataset, tt.field, tt.event, got, tt.want)
		}
	}
}

// Which events fill a dataset is what Sources say, of events of any kind.
func TestSources(t *testing.T) {
	for name, want := range map[string]string{"Processes": "1 4688", "Registry": "12 13 14", "Filesystem": "11"} {
		d, _ := datamodel.Find("endpoint." + strings.ToLower(name))
		var codes []string
		for _, s := range d.Sources() {
			codes = append(codes, fmt.Sprint(s.Code))
			for _, e := range []spl.Event{&event.Event{Channel: strings.ToUpper(s.Channel), EventCode: s.Code},
				fields{"LogName": s.Channel, "EventCode": fmt.Sprint(s.Code)}} {
				if !d.Has(e) {
					t.Errorf("%s has not %v", name, s)
				}
			}
			for _, e := range []spl.Event{&event.Event{Channel: s.Channel + "x", EventCode: s.Code},
				&event.Event{Channel: s.Channel, EventCode: event.None},
				fields{"LogName": s.Channel,
					"EventCode": "x"}, fields{"LogName": s.Channel}, fields{"EventCode": fmt.Sprint(s.Code)}} {
				if d.Has(e) {
					t.Errorf("%s has %v", name, e)
				}
			}
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, name := range []string{"", "Endpoint", "Endpoint.Process", "Processes", "Email.All_Email"} {
		if _, ok := datamodel.Find(name); ok {
			t.Errorf("%q was found", name)
		}
	}
}
