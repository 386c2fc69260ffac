package handlers_test

import (
	"net/http"
	"testing"

	"escutcheon/demo"
	"escutcheon/internal/consoletest"
)

// TestFilesOfTheDemo: the collection of the planted host shows the module in a version of
// its configuration, with the event that says so, and its file; what was written by hand
// is no more than unknown.
func TestFilesOfTheDemo(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	loadDemo(t, s)
	type row struct {
		Name, Image, Type, Present, SHA256, Judgement string
		AddedBy                                       string `json:"added_by"`
	}
	got := decodeJSON[struct{ Modules []row }](t, s.Get(t, "/hosts/"+demo.PlantedHost+"/modules", "Accept",
		consoletest.JSON), http.StatusOK)
	rows := map[string]row{}
	for _, r := range got.Modules {
		if r.Present != "yes" || r.Judgement == "bad" || r.Judgement == "posing" {
			t.Errorf("%+v", r)
		}
		rows[r.Name] = r
	}
	if m := rows[demo.PlantedModule]; m.SHA256 == "" || m.Image != demo.PlantedImage || m.Judgement != "unknown" ||
		m.AddedBy != `NT AUTHORITY\SYSTEM` {
		t.Errorf("%+v", m)
	}
	if m := rows[demo.HandByHand]; m.Type != "handler" || m.Judgement != "unknown" {
		t.Errorf("%+v", m)
	}
	c := decodeJSON[struct {
		Versions []struct {
			Name        string
			Differences []struct {
				Text  string
				Event int64
			}
		}
	}](t, s.Get(t, "/hosts/"+demo.PlantedHost+"/config", "Accept", consoletest.JSON), http.StatusOK)
	said, unsaid := 0, 0
	for _, v := range c.Versions {
		for _, d := range v.Differences {
			if d.Event != 0 {
				said++
			} else {
				unsaid++
			}
		}
	}
	if len(c.Versions) != 7 || said != 4 || unsaid != 2 { // by hand are a handler and a setting
		t.Errorf("%d versions, %d differences with an event, %d without: %+v", len(c.Versions), said, unsaid, c)
	}
}
