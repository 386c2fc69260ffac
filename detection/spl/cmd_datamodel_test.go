package spl_test

import "testing"

func TestDatamodelRefusals(t *testing.T) {
	wholeRefusals(t, "datamodel", []refusal{
		{`| datamodel Email All_Email search`, `data model "Email.All_Email" at line 1, column 13 (offset 12) is ` +
			`not supported`},
		{`| datamodel Endpoint Processes`, `end of the search at line 1, column 31 (offset 30) stands where the datamodel ` +
			`command needs search or flat`},
		{`* | datamodel Endpoint Processes search`, `command "datamodel" at line 1, column 5 (offset 4) is supported as ` +
			`the first command only`},
	})
}

// flat gives the fields their names alone.
func TestDatamodelFlat(t *testing.T) {
	got, _ := runQuery(t, `| datamodel Endpoint Processes flat | table process_name`,
		[]string{`LogName=Security; EventCode=4688; NewProcessName=C:\x\a.exe`, `LogName=Security; EventCode=1`})
	if len(got) != 1 || got[0] != "process_name=a.exe" {
		t.Error(got)
	}
}
