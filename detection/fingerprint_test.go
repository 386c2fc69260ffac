package detection_test

import (
	"fmt"
	"strings"
	"testing"

	"escutcheon/detection"
)

// Databases in the field hold states and findings under these fingerprints,
// BY fields and columns. What changes one of them makes every rule run anew
// over all stored events, and finding keys (links, notes) depend on the fields.
var builtInPlans = []struct{ id, fingerprint, by, columns string }{
	{"55f22929-cfd3-4388-ba5c-4d01fac7ee7e", "1dee8f033c464213",
		"OpCode EventCode ComputerName Message",
		"OpCode EventCode dest Message count firstTime lastTime"},
	{"7c025ef0-9e65-4c57-be39-1c13dbb1613e", "91b2e7ef5dc388ee",
		"Processes.dest Processes.user Processes.parent_process_name Processes.process_name Processes.process",
		"dest user parent_process_name process_name process count firstTime lastTime process_id"},
	{"3fc16961-97e5-4a5b-a079-e4ab0d9763eb", "9c95e4ee2ed83840",
		"ComputerName user_id ScriptBlockText",
		"dest user ScriptBlockText count firstTime lastTime"},
	{"67677723-6179-4747-a6f3-127546f8bb08", "798eb49361a32e8d",
		"EventCode ComputerName ConfigPath Configuration OldValue NewValue",
		"EventCode dest ConfigPath Configuration OldValue NewValue count firstTime lastTime"},
	{"23fb6787-255f-4d5b-9a66-9fd7504032b5", "f66680a4c818eb47",
		"Processes.dest Processes.user Processes.parent_process_name Processes.process_name Processes.process",
		"dest user parent_process_name process_name process count firstTime lastTime process_id"},
	{"27958de0-2857-43ca-9d4c-b255cf59dcab", "f5678dd41c66807d",
		"ComputerName user_id ScriptBlockText",
		"dest user ScriptBlockText count firstTime lastTime"},
	{"5a0fd894-bb72-4f64-90b2-75cffe26a0fb", "6b9fd78eb74ed33d",
		"EventCode ComputerName ConfigPath Configuration NewValue",
		"EventCode dest ConfigPath Configuration NewValue count firstTime lastTime"},
	{"20db5f70-34b4-4e83-8926-fa26119de173", "606f9ee4b8a9a5cd",
		"ComputerName module image",
		"dest module image count firstTime lastTime"},
	{"40c2ba5b-dd6a-496b-9e6e-c9524d0be167", "e9bbb881aed3e7d3",
		"EventCode ComputerName ModuleDll",
		"EventCode dest ModuleDll count firstTime lastTime"},
	{"38fe731c-1f13-43d4-b878-a5bbe44807e3", "248edde73f000f3d",
		"Processes.dest Processes.user Processes.parent_process_name Processes.process_name Processes.process",
		"dest user parent_process_name process_name process count firstTime lastTime process_id"},
	{"33fc9f6f-0ce7-4696-924e-a69ec61a3d57", "f09def615c707961",
		"ComputerName user_id ScriptBlockText",
		"dest user ScriptBlockText count firstTime lastTime"},
	{"c592b04f-7462-4279-b69b-6b48a9144066", "b1abd614a7fc326d",
		"EventCode ComputerName ConfigPath module",
		"EventCode dest ConfigPath module count firstTime lastTime collection"},
	{"5c0a3a5f-6b0e-4b7a-9d3c-7f1d2f4be6a1", "a40e2e20bfee17cb",
		"EventCode ComputerName uri_path",
		"EventCode dest uri_path count firstTime lastTime"},
	{"0d8ed2a4-33a0-4b0e-8d54-31a5b8e8b1c7", "bde502e10fb620c9",
		"EventCode ComputerName",
		"EventCode dest count firstTime lastTime"},
	{"e2f4d1b7-58f9-4c38-9f0b-4a8c7e61d0f2", "72992c2609d3bedb",
		"Web.dest Web.src Web.uri_path Web.status",
		"dest src uri_path status count firstTime lastTime http_user_agent"},
	{"9a4b6c1e-7d25-4e0b-b5d8-2c6f3e917a40", "97f08726269e0752",
		"Web.dest Web.src Web.http_method Web.uri_path Web.status",
		"dest src http_method uri_path status count firstTime lastTime http_user_agent"},
	{"4f7e2d90-1c6a-4a57-8e3b-d05b9c82f6e3", "582f4014fb980e4a",
		"Web.dest Web.src Web.http_method Web.uri_path Web.status",
		"dest src http_method uri_path status count firstTime lastTime http_user_agent"},
}

// The built-in rules compile to the plans that they had when the first
// databases were made.
func TestBuiltInPlansStay(t *testing.T) {
	rules, err := detection.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != len(builtInPlans) {
		t.Fatalf("%d built-in rules, want %d", len(rules), len(builtInPlans))
	}
	for _, want := range builtInPlans {
		r := detection.Find(rules, want.id)
		if r == nil {
			t.Errorf("%s is gone", want.id)
			continue
		}
		got := fmt.Sprint(r.Fingerprint(), " by ", r.Plan().By(), " columns ", r.Plan().Columns(), " ", r.Plan().Local())
		if exp := fmt.Sprintf("%s by [%s] columns [%s] true", want.fingerprint, want.by, want.columns); got != exp {
			t.Errorf("%s\n got %s\nwant %s", r.Name, got, exp)
		}
		if r.Unfiltered() != want.fingerprint {
			t.Errorf("%s: unfiltered %s", r.Name, r.Unfiltered())
		}
		if strings.Contains(r.Plan().Expanded(), "`") {
			t.Errorf("%s: a macro is left in %s", r.Name, r.Plan().Expanded())
		}
	}
}
