package detection_test

import (
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/detection"
	"escutcheon/event"
)

// TestHandlers: what an event 29 does to a handler is noted where it is about the whole of
// it or about what it runs, and it is no finding's kind.
func TestHandlers(t *testing.T) {
	const h = `/system.webServer/handlers/add[@name="A/B"]`
	for _, tt := range []struct {
		path        string
		edit        int
		after       string
		kind        detection.Kind
		name, image string
	}{
		{h, logwriter.EditAdd, "", detection.HandlerAdded, "A/B", ""},
		{h, logwriter.EditDelete, "", detection.HandlerRemoved, "A/B", ""},
		{h, logwriter.EditModify, "", 0, "", ""},
		{h, 9, "", detection.HandlerAdded | detection.Unsure, "A/B", ""},
		{`/system.webServer/handlers/remove[@name="A/B"]`, logwriter.EditAdd, "", detection.HandlerRemoved, "A/B", ""},
		{h + "/@type", logwriter.EditAdd, "Evil.Handler", detection.HandlerCode, "A/B", "Evil.Handler"},
		{h + "/@type", logwriter.EditDelete, "", 0, "", ""},
		{h + "/@scriptProcessor", logwriter.EditModify, `C:\php.exe|-c x`, detection.HandlerCode, "A/B", `C:\php.exe`},
		{h + "/@path", logwriter.EditAdd, "*.x", 0, "", ""},
		{`/system.webServer/handlers`, logwriter.EditAdd, "", 0, "", ""},
	} {
		r := logwriter.IISChange(logwriter.Change{Path: tt.path, Edit: tt.edit, After: tt.after})
		e := event.Event{EventCode: 29, Channel: event.IISConfiguration, Fields: r.Data}
		c, ok := detection.ChangeEventOf(&e)
		if ok != (tt.kind != 0) || ok && (c.Kind != tt.kind || c.Module != tt.name || c.Image != tt.image ||
			c.Scope != logwriter.AppHost) {
			t.Errorf("%s %d: %+v", tt.path, tt.edit, c)
		}
		if all, _ := detection.ChangeOf(&e); all.Kind&^detection.Unsure != detection.OtherChange {
			t.Errorf("%s: a finding of it is of kind %s", tt.path, all.Kind)
		}
	}
}
