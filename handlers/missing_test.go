package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"escutcheon/importer/evtx/evtxtest"
	"escutcheon/internal/consoletest"
)

// TestMissing: what a log that was cut lacks stands on its page, in the list,
// beside the members of its archive, and in the JSON.
func TestMissing(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	var l evtxtest.Log
	for n := range uint64(4) {
		l.Add(evtxtest.IIS29(evtxtest.IISChange{Record: n + 1, Time: 134_000_000_000_000_000, Computer: "WEB01", Edit: 1,
			Configuration: fmt.Sprintf(`/system.webServer/modules/add[@name="m%d"]`, n)})).End()
	}
	cut := l.Bytes()[:4096+2*65536]
	ids := s.Upload(t, nil, consoletest.Log("cut.evtx", cut),
		consoletest.Log("a.zip", consoletest.Zipped(t, consoletest.Log("in.evtx", cut[:4096+65536]))))
	for i, want := range []int64{2, 3} {
		if got := s.Until(t, ids[i], consoletest.Ended); got.Status != "done" {
			t.Fatalf("import %d: %+v", i, got)
		}
		page := s.Doc(t, "/imports/"+ids[i])
		if told := consoletest.Words(page, ".problem"); !strings.Contains(told, fmt.Sprintf("At least %d records", want)) {
			t.Errorf("the page of import %d tells %q", i, told)
		}
		var got struct {
			Missing int64
			Members []struct{ Missing int64 }
		}
		if err := json.Unmarshal([]byte(s.Get(t, "/imports/"+ids[i], "Accept", consoletest.JSON).Body), &got); err != nil {
			t.Fatal(err)
		}
		if got.Missing != want || i == 1 && got.Members[0].Missing != want {
			t.Errorf("the JSON of import %d has %+v", i, got)
		}
	}
	if rows := consoletest.Words(s.Doc(t, "/imports/"+ids[1]), ".members"); !strings.Contains(rows, "3 records missing") {
		t.Errorf("the members: %q", rows)
	}
	list := consoletest.Words(s.Doc(t, "/imports"), ".imports .rejected")
	if !strings.Contains(list, "2 missing") || !strings.Contains(list, "3 missing") {
		t.Errorf("the list: %q", list)
	}
}
