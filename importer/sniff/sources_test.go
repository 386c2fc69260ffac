package sniff_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"escutcheon/importer/record"
)

// dataSource is a file of the content's own list of data sources.
type dataSource struct {
	Fields []string
	Log    string `yaml:"example_log"`
}

// notGiven are the fields that an add-on shows and events here do not give, and why.
var notGiven = map[string]string{
	"_time": "the event's time, which searches have", "index": "an input's", "splunk_server": "an input's",
	"linecount": "of indexing", "punct": "of indexing", "timeendpos": "of indexing", "timestartpos": "of indexing",
	"timestamp": "of indexing: that no time was found",
	"date_hour": "a part of _time", "date_mday": "a part of _time", "date_minute": "a part of _time",
	"date_month": "a part of _time", "date_second": "a part of _time", "date_wday": "a part of _time",
	"date_year": "a part of _time", "date_zone": "a part of _time",
	"tag": "of event types, which an installation sets up", "eventtype": "of logs that no rule asks it of",
	"System_Props_Xml": "a part of _raw that no rule asks for", "LogFileCleared_Xml": "a part of _raw",
	"ta_windows_action": "what the add-on looks action up by", "ta_windows_status": "what the add-on looks up by",
	"user_group": "empty or a dash in every example; no rule asks for it",
}

// notGivenOf are those of one data source.
var notGivenOf = map[string]map[string]string{
	"powershell_installed_iis_modules": {"host": "an input's: the output names none", "source": "an input's"},
	"windows_event_log_security_4624": {"Caller_Domain": "a dash", "Caller_User_Name": "a dash", "process": "a dash",
		"process_name": "a dash", "process_path": "a dash"},
	"windows_event_log_security_4625": {"Caller_Domain": "a dash", "Caller_User_Name": "a dash", "process": "a dash",
		"process_name": "a dash", "process_path": "a dash"},
	"windows_event_log_security_4688": {"Target_Domain": "a dash", "Target_User_Name": "a dash"},
	"windows_event_log_security_4739": {"severity": "the add-on's own table"},
	"windows_event_log_defender_1121": {"Target_Commandline": "empty", "Involved_File": "empty", "New_Value": "empty",
		"Old_Value": "empty"},
	"windows_event_log_defender_1122": {"Target_Commandline": "empty", "Path": "empty"},
	"windows_event_log_defender_5007": {"New_Value": "empty"},
	"sysmon_eventid_8":                {"src_function": "a dash", "src_module": "a dash"},
}

// unread are the examples that are no whole record, and why.
var unread = map[string]string{
	"windows_active_directory_admon":  "a listing of Active Directory in the frame of an event of Sysmon",
	"windows_event_log_security_5141": "one of its tags is torn",
	"windows_defender_alerts":         "an alert of a cloud service, no Windows event",
}

// folded is classic text whose line ends YAML has folded.
var folded = regexp.MustCompile(`^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [AP]M`)

// cutRecord ends a record that the example cuts within its data.
func cutRecord(log string) string {
	if !strings.HasPrefix(log, "<Event ") || strings.Contains(log, "</Event>") {
		return log
	}
	end := strings.LastIndex(log, "</Data>")
	if open := strings.LastIndex(log, "<Data"); open > end {
		return log[:open] + "</EventData></Event>"
	}
	return log[:end+len("</Data>")] + "</EventData></Event>"
}

// TestDataSources: an example record of each data source has the fields that a
// correctly installed add-on shows of it, but for those above.
func TestDataSources(t *testing.T) {
	shared(t, "samples/data_sources/sysmon_eventid_1.yml")
	files, err := filepath.Glob("../../../shared/samples/data_sources/*.yml")
	if err != nil || len(files) < 80 {
		t.Fatal(len(files), err)
	}
	checked := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var s dataSource
		if err := yaml.Unmarshal(b, &s); err != nil {
			t.Fatal(f, err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".yml")
		if s.Log == "" || folded.MatchString(s.Log) || unread[name] != "" {
			continue
		}
		checked++
		checkSource(t, name, cutRecord(s.Log) != s.Log, cutRecord(s.Log), s.Fields)
	}
	if checked < 60 {
		t.Errorf("only %d examples were checked", checked)
	}
}

// checkSource reads an example and looks for its fields; of one that is cut, for
// those that the add-on makes of what every event has.
func checkSource(t *testing.T, name string, cut bool, log string, fields []string) {
	res := read(t, strings.NewReader(log), record.Options{Zone: time.UTC})
	if len(res.events) != 1 {
		t.Errorf("%s: %d events, %v, %v", name, len(res.events), res.rejected, res.err)
		return
	}
	var lacks []string
	for _, field := range fields {
		if _, ok := res.events[0].Get(field); !ok && notGiven[field] == "" && notGivenOf[name][field] == "" &&
			!strings.HasPrefix(field, "tag::") && !(cut && !slices.Contains(ofEvery, field)) {
			lacks = append(lacks, field)
		}
	}
	if len(lacks) > 0 {
		t.Errorf("%s lacks %s", name, strings.Join(lacks, " "))
	}
}

// ofEvery are fields that even a cut record has.
var ofEvery = []string{"EventCode", "EventID", "Channel", "Computer", "RecordNumber", "EventRecordID", "event_id", "id",
	"dvc", "dvc_nt_host", "dest", "host", "signature_id", "vendor_product", "product", "vendor", "Error_Code", "app",
	"source", "sourcetype", "change_type", "object_category", "action", "status", "Task", "CategoryString"}
