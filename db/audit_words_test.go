package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/triage"
)

// TestAuditWords: each kind of change is told of in its words, by whom and from what
// to what, and what changes nothing is not told of.
func TestAuditWords(t *testing.T) {
	h, keys := triageHouse(t)
	add := func(i intake.Import) func() error {
		return func() error { _, err := h.AddImport(anna, i); return err }
	}
	yaml := func(search string) []detection.SourceFile {
		return []detection.SourceFile{{Path: "r/a.yml", Kind: detection.RuleFile,
			Content: []byte("name: A\nid: 'a-1' # so\nsearch: " + search)},
			{Path: "macros.conf", Kind: detection.MacroFile, Content: []byte("[m]")}}
	}
	file := func(search string) string { return "name: A\nid: 'a-1' # so\nsearch: " + search }
	posted := yaml("posted")[:1]
	posted[0].Author = "dora"
	set := func(c store.TriageChange) func() error {
		return func() error { _, err := h.SetTriage(anna, c); return err }
	}
	var note, view int64
	var search store.SavedSearch
	settings := risk.Default()
	settings.High++
	for _, tt := range []struct {
		what string
		do   func() error
		want []string // person|action|object|field|old|new|address
	}{
		{"triage", set(store.TriageChange{Findings: keys[:1], Status: ptr(triage.Pending), Owner: ptr("ann"), Author: "bob"}),
			[]string{"bob|set|finding " + keys[0] + "|status|New|Pending|10.0.0.7",
				"bob|set|finding " + keys[0] + "|owner||ann|10.0.0.7"}},
		{"triage that changes nothing", set(store.TriageChange{Findings: keys[:1], Owner: ptr("ann"), Author: "bob"}), nil},
		{"triage of a host", set(store.TriageChange{Host: "web03", Urgency: ptr(triage.Low)}),
			[]string{"anna|set|host web03|urgency|default|low|10.0.0.7"}},
		{"undo", func() error { _, _, err := h.UndoTriage(anna, 2, ""); return err },
			[]string{"anna|undone|host web03|urgency|low|default|10.0.0.7"}},
		{"triage that is closed", set(store.TriageChange{Findings: keys[3:4], Status: ptr(triage.Closed), Author: "bob",
			Note: "so"}), []string{"bob|set|finding " + keys[3] + "|status|New|Closed|10.0.0.7",
			"bob|written|note 1|dest||web03|10.0.0.7", "bob|written|note 1|finding||" + keys[3] + "|10.0.0.7",
			"bob|written|note 1|text||so|10.0.0.7"}},
		{"an event joins", func() error { h.add("later", iis("web03", 500, 77, "/new")); return nil },
			[]string{"escutcheon|imported|import 2|file||later|", "escutcheon|imported|import 2|zone||UTC|",
				"escutcheon|reopened|finding " + keys[3] + "|status|Closed|New|"}},
		{"note", func() (err error) {
			note, err = h.AddNote(anna, store.Note{Dest: "web02", Author: "cid", Text: "one\n"})
			return err
		}, []string{"cid|written|note 2|dest||web02|10.0.0.7", "cid|written|note 2|text||one\n|10.0.0.7"}},
		{"note edited", func() error { return h.EditNote(anna, note, 1, "dora", "two") },
			[]string{"dora|edited|note 2|text|one\n|two|10.0.0.7"}},
		{"note deleted", func() error { return h.DeleteNote(anna, note, 2, "cid") },
			[]string{"cid|deleted|note 2|text|two||10.0.0.7"}},
		{"template", func() error { return h.KeepNoteTemplate(anna, store.NoteTemplate{Name: "T", Text: "x"}) },
			[]string{"anna|written|template 1|name||T|10.0.0.7", "anna|written|template 1|text||x|10.0.0.7"}},
		{"template edited", func() error {
			return h.KeepNoteTemplate(anna, store.NoteTemplate{ID: 1, Revision: 1, Name: "T", Text: "y"})
		}, []string{"anna|edited|template 1|text|x|y|10.0.0.7"}},
		{"template deleted", func() error {
			return h.DeleteNoteTemplate(anna, store.NoteTemplate{ID: 1, Revision: 2})
		}, []string{"anna|deleted|template 1|name|T||10.0.0.7", "anna|deleted|template 1|text|y||10.0.0.7"}},
		{"rules loaded", func() error { return h.KeepRuleFiles(anna, yaml("x")) },
			[]string{"anna|loaded|rule a-1|r/a.yml||" + file("x") + "|10.0.0.7",
				"anna|loaded|file macros.conf|macros.conf||[m]|10.0.0.7"}},
		{"rules loaded again", func() error { return h.KeepRuleFiles(anna, yaml("x")) }, nil},
		{"a rule changed", func() error { return h.KeepRuleFiles(anna, yaml("y")) },
			[]string{"anna|changed|rule a-1|r/a.yml|" + file("x") + "|" + file("y") + "|10.0.0.7"}},
		{"a rule posted", func() error { return h.KeepRuleFiles(anna, posted) },
			[]string{"dora|posted|rule a-1|r/a.yml|" + file("y") + "|" + file("posted") + "|10.0.0.7"}},
		{"rules removed", func() error { return h.DropRuleFiles(anna, []string{"r/a.yml", "none"}) },
			[]string{"anna|removed|rule a-1|r/a.yml|" + file("posted") + "||10.0.0.7"}},
		{"a rule disabled", func() error { return h.EnableRule(anna, "r", false, "bob") },
			[]string{"bob|disabled|rule r||||10.0.0.7"}},
		{"and again", func() error { return h.EnableRule(anna, "r", false, "bob") }, nil},
		{"a rule enabled", func() error { return h.EnableRule(anna, "r", true, "") },
			[]string{"anna|enabled|rule r||||10.0.0.7"}},
		{"a filter", func() error {
			return h.AddFilter(anna, store.RuleFilter{RuleID: "r", Expression: "a=1", Reason: "noise", Author: "bob",
				Expires: h.now.Add(time.Hour)})
		}, []string{"bob|set|rule r|filter||a=1|10.0.0.7", "bob|set|rule r|filter's reason||noise|10.0.0.7",
			"bob|set|rule r|filter's end||2025-11-24T17:00:00Z|10.0.0.7"}},
		{"another filter", func() error {
			return h.AddFilter(anna, store.RuleFilter{RuleID: "r", Expression: "a=2", Reason: "noise", Author: "bob"})
		}, []string{"bob|set|rule r|filter|a=1|a=2|10.0.0.7",
			"bob|set|rule r|filter's end|2025-11-24T17:00:00Z||10.0.0.7"}},
		{"no filter", func() error {
			return h.AddFilter(anna, store.RuleFilter{RuleID: "r", Reason: "noise", Author: "bob"})
		}, []string{"bob|removed|rule r|filter|a=2||10.0.0.7"}},
		{"settings", func() error { return h.KeepSettings(anna, settings) },
			[]string{fmt.Sprintf("anna|set|setting high|value|%d|%d|10.0.0.7", settings.High-1, settings.High)}},
		{"settings again", func() error { return h.KeepSettings(anna, settings) }, nil},
		{"a note is demanded", func() error { return h.DemandNote(anna, true) },
			[]string{"anna|set|setting note_mandatory|value|0|1|10.0.0.7"}},
		{"a view", func() (err error) {
			view, err = h.SaveView(anna, store.SavedView{List: "hosts", Name: "V", Query: "q=1", Author: "bob"})
			return err
		}, []string{"bob|saved|view 1|list||hosts|10.0.0.7", "bob|saved|view 1|name||V|10.0.0.7",
			"bob|saved|view 1|query||q=1|10.0.0.7"}},
		{"a view again", func() error {
			return second(h.SaveView(anna, store.SavedView{List: "hosts", Name: "V", Query: "q=2", Author: "cid"}))
		}, []string{"cid|saved|view 1|query|q=1|q=2|10.0.0.7"}},
		{"a view deleted", func() error { return h.DeleteView(anna, view) },
			[]string{"anna|deleted|view 1|list|hosts||10.0.0.7", "anna|deleted|view 1|name|V||10.0.0.7",
				"anna|deleted|view 1|query|q=2||10.0.0.7"}},
		{"a search", func() (err error) {
			search, err = h.KeepSearch(anna, store.SavedSearch{Name: "S", Text: "a", Editor: "bob"})
			return err
		}, []string{"bob|written|search 1|name||S|10.0.0.7", "bob|written|search 1|text||a|10.0.0.7"}},
		{"a search edited", func() (err error) {
			search.Text, search.Latest, search.Editor = "b", "-1h", "cid"
			search, err = h.KeepSearch(anna, search)
			return err
		}, []string{"cid|edited|search 1|text|a|b|10.0.0.7", "cid|edited|search 1|latest||-1h|10.0.0.7"}},
		{"a search deleted", func() error { return h.DeleteSearch(anna, search.ID, search.Revision) },
			[]string{"anna|deleted|search 1|name|S||10.0.0.7", "anna|deleted|search 1|text|b||10.0.0.7",
				"anna|deleted|search 1|latest|-1h||10.0.0.7"}},
		{"a search restored", func() error { return h.RestoreSearch(anna, search.ID) },
			[]string{"anna|restored|search 1|name||S|10.0.0.7", "anna|restored|search 1|text||b|10.0.0.7",
				"anna|restored|search 1|latest||-1h|10.0.0.7"}},
		{"a search restored again", func() error { return h.RestoreSearch(anna, search.ID) }, nil},
		{"hosts merged", func() error {
			return h.MergeHosts(anna, store.HostAlias{Dest: "web02", Main: "web01", Author: "bob"})
		},
			[]string{"bob|merged|host web01|name||web02|10.0.0.7", "bob|merged|host web02|shown with||web01|10.0.0.7"}},
		{"hosts parted", func() error {
			return h.PartHosts(anna, store.HostAlias{Dest: "web02", Main: "web01", Author: "cid"})
		},
			[]string{"cid|parted|host web01|name|web02||10.0.0.7", "cid|parted|host web02|shown with|web01||10.0.0.7"}},
		{"an upload", add(intake.Import{Name: "u", SHA256: "5ha", Source: intake.Upload, Zone: "UTC", Path: "/p",
			Status: intake.Asking}), []string{"anna|uploaded|import 3|file||u|10.0.0.7",
			"anna|uploaded|import 3|sha256||5ha|10.0.0.7", "anna|uploaded|import 3|zone||UTC|10.0.0.7"}},
		{"a member", add(intake.Import{Name: "m", Parent: 3}), nil},
		{"an answer", func() error { return h.Answer(anna, 3, "me", "Europe/Oslo", "c", "") },
			[]string{"anna|answered|import 3|zone|UTC|Europe/Oslo|10.0.0.7", "anna|answered|import 3|computer||c|10.0.0.7"}},
		{"cancelled by itself", func() error { return h.FinishImport(ctx, 4, "", intake.Cancelled, "") }, nil},
		{"cancelled", func() error { return h.FinishImport(anna, 3, "", intake.Cancelled, "") },
			[]string{"anna|cancelled|import 3|status|queued|cancelled|10.0.0.7"}},
		{"cancelled again", func() error { return h.Cancelling(anna, 3) }, nil},
		{"imported again", add(intake.Import{Name: "a", Replaces: 1}), []string{
			"anna|imported again|import 5|file||a|10.0.0.7", "anna|imported again|import 5|replaces||import 1|10.0.0.7"}},
		{"deleted", func() error { return h.DeleteImport(anna, 3) }, []string{"anna|deleted|import 3|file|u||10.0.0.7",
			"anna|deleted|import 3|sha256|5ha||10.0.0.7"}},
		{"refused", func() error {
			for _, err := range []error{h.EditNote(anna, note, 1, "x", "y"), h.DeleteView(anna, 77), h.DeleteImport(anna, 77),
				h.PartHosts(anna, store.HostAlias{Dest: "a", Main: "b", Author: "c"}), h.Answer(anna, 1, "", "", "", ""),
				h.Requeue(anna, 1, ""), h.DeleteNoteTemplate(anna, store.NoteTemplate{ID: 1})} {
				if err == nil {
					return fmt.Errorf("one was taken")
				}
			}
			return nil
		}, nil},
	} {
		before := len(trail(t, h, store.AuditFilter{}))
		if err := tt.do(); err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if got := trail(t, h, store.AuditFilter{})[before:]; !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.what, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
	if _, err := h.VerifyAudit(ctx, func(d store.AuditDamage) { t.Error(d) }); err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }
