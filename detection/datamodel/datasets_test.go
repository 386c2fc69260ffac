package datamodel_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection/datamodel"
	"escutcheon/event"
)

func windows(channel string, code int64, fields ...string) *event.Event {
	e := &event.Event{Channel: channel, EventCode: code, Computer: "w1", HasTime: true}
	for _, f := range append(fields, fmt.Sprint("EventCode=", code)) {
		name, value, _ := strings.Cut(f, "=")
		e.Add(name, value)
	}
	return e
}

// Which events fill the datasets beside Endpoint's, and what these hold.
func TestOtherDatasets(t *testing.T) {
	connection := windows(event.Sysmon, 3, "Image=C:\\a.exe", "Protocol=tcp", "Initiated=true", "SourceIp=10.0.0.1",
		"DestinationIp=8.8.8.8", "DestinationPort=53", "ProcessId=5", "User=CORP\\bob")
	query := windows(event.Sysmon, 22, "QueryName=a.example", "QueryStatus=0", "QueryResults=1.2.3.4;")
	failed := windows(event.Security, 4625, "Keywords=0x8010000000000000", "TargetUserName=bob", "IpAddress=1.2.3.4")
	logon := windows(event.Security, 4624, "Keywords=0x8020000000000000", "TargetUserName=bob", "IpAddress=1.2.3.4")
	created := windows(event.Security, 4720, "Keywords=0x8020000000000000", "TargetUserName=bob", "SubjectUserName=adm")
	cleared := windows(event.Security, 1102, "Keywords=0x4020000000000000", "SubjectUserName=adm")
	for _, c := range []struct {
		e        *event.Event
		datasets string // that it fills
		get      string // field=value in each of them
	}{
		{connection, "Network_Traffic.All_Traffic Network_Traffic",
			"dest=8.8.8.8 dest_port=53 src=10.0.0.1 dvc=w1 process_id=5 transport=tcp action=allowed bytes=unknown"},
		{query, "Network_Resolution.DNS Network_Resolution", "query=a.example src=w1 dest=unknown reply_code=0"},
		{failed, "Authentication Authentication.Authentication Authentication.Failed_Authentication",
			"action=failure user=bob src=1.2.3.4 dest=w1 signature_id=4625"},
		{logon, "Authentication.Authentication Authentication.Successful_Authentication", "action=success user=bob"},
		{created, "Change Change.All_Changes Change.Account_Management", "result_id=4720 user=bob dest=w1 src_user=adm"},
		{cleared, "Change.All_Changes Change.Auditing_Changes", "result_id=1102 dest=w1"},
		{windows("System", 104), "Change.All_Changes Change.Auditing_Changes", "result_id=104"},
		{windows(event.Security, 4634), "", ""}, {windows("x", 3), "", ""},
	} {
		for _, name := range []string{"Network_Traffic", "Network_Traffic.All_Traffic", "Network_Resolution",
			"Network_Resolution.DNS", "Authentication", "Authentication.Authentication", "authentication.failed_authentication",
			"Authentication.Successful_Authentication", "Change", "Change.All_Changes", "Change.Account_Management",
			"Change.Auditing_Changes", "Change.Network_Changes", "Web", "Risk.All_Risk"} {
			d, ok := datamodel.Find(name)
			if !ok {
				t.Fatal(name)
			}
			wanted := false
			for w := range strings.FieldsSeq(c.datasets) {
				other, _ := datamodel.Find(w)
				wanted = wanted || other == d
			}
			if d.Has(c.e) != wanted {
				t.Errorf("%s %d in %s: %v", c.e.Channel, c.e.EventCode, name, d.Has(c.e))
			}
			for pair := range strings.FieldsSeq(c.get) {
				field, want, _ := strings.Cut(pair, "=")
				got, has := d.Get(c.e, field)
				fast, same := d.Getter(field)(c.e)
				if got != fast || has != same || wanted && (got != want || !has) {
					t.Errorf("%s %d: %s.%s is %q %v, %q by its getter; want %q", c.e.Channel, c.e.EventCode, name, field,
						got, has, fast, want)
				}
			}
		}
	}
	d, _ := datamodel.Find("Change.Account_Management")
	if v, ok := d.Get(created, "Account_Management.src_user"); v != "adm" || !ok || d.Prefix() != "All_Changes." {
		t.Error("a child's own name stands before a field", v)
	}
	if _, ok := datamodel.Find("Endpoint"); ok {
		t.Error("Endpoint is no dataset")
	}
}

// TestWeb: requests of IIS fill it, of which HTTP.sys answered some itself: these do
// not.
func TestWeb(t *testing.T) {
	d, _ := datamodel.Find("Web")
	for channel, want := range map[string]bool{event.RequestLog: true, event.RequestError: false, event.Security: false,
		"": false} {
		e := windows(channel, event.None)
		e.Fields = []event.Field{{Name: "cs_uri_stem", Value: "/a"}, {Name: "cs_uri_query", Value: "b"},
			{Name: "sc_status", Value: "404"}, {Name: "c_ip", Value: "1.2.3.4"}, {Name: "cs_username", Value: "-"}}
		got := d.Has(e) && d.Has(fields{"sourcetype": channel})
		if got != want {
			t.Errorf("of %s: %v", channel, got)
		}
		if !want {
			continue
		}
		for field, says := range map[string]string{"url": "/a?b", "status": "404", "src": "1.2.3.4", "dest": "w1",
			"user": "unknown", "http_user_agent": "unknown", "vendor_product": "Microsoft IIS"} {
			if v, ok := d.Get(e, field); v != says || !ok {
				t.Errorf("%s is %q", field, v)
			}
		}
	}
	if d.Has(windows(event.RequestLog, 29)) || d.Has(fields{"sourcetype": event.RequestLog, "EventCode": "29"}) {
		t.Error("an event with a code is none")
	}
}
