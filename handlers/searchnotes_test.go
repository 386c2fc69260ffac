package handlers_test

import (
	"net/url"
	"slices"
	"testing"

	"escutcheon/internal/consoletest"
)

// TestSearchNotes: notes are searched by their fields and words, as they stand, where
// they are asked for and nowhere else.
func TestSearchNotes(t *testing.T) {
	t.Parallel()
	s := consoletest.New(t)
	s.Load(t, "a.json", consoletest.Many(2, 2))
	for _, text := range []string{"left alone", "asked the TEAM", "goes"} {
		s.Post(t, "/hosts/web001/notes", url.Values{"author": {"anna"}, "text": {text}})
	}
	s.Post(t, "/notes/2", url.Values{"author": {"ben"}, "text": {"asked the TEAM about httpstrm.dll, \"x\"\nnext"},
		"revision": {"1"}})
	s.Post(t, "/notes/3/delete", url.Values{"author": {"ben"}, "revision": {"1"}})
	for q, want := range map[string][][]any{
		`index=notes | sort note_id | table note_id dest author editor revision status text`: {
			{"1", "web001", "anna", "anna", "1", "written", "left alone"},
			{"2", "web001", "anna", "ben", "2", "edited", "asked the TEAM about httpstrm.dll, \"x\"\nnext"}},
		`index=notes httpstrm.dll team | table note_id`:                              {{"2"}},
		`index=notes revision>1 text="*about*" | table note_id`:                      {{"2"}},
		`index=notes dest=web000 | table note_id`:                                    nil,
		`httpstrm.dll | stats count`:                                                 {{"0"}},
		`index=* OR index=notes | stats count by index`:                              {{"main", "3"}, {"notes", "2"}},
		`index=notes earliest=-1h | stats count`:                                     {{"2"}},
		`(index=notes author=anna) OR index=notable | stats count`:                   {{"4"}},
		`index=notes | stats latest(text) as text by status | head 1 | table status`: {{"edited"}},
	} {
		got := decodeJSON[rowsAnswer](t, s.Do(t, "GET", searchURL("/search", q), nil, "Accept", consoletest.JSON), 200)
		if !slices.EqualFunc(got.Rows, want, slices.Equal) {
			t.Errorf("%s: %q, want %q; %v", q, got.Rows, want, got.Messages)
		}
	}
}
