package handlers

import (
	"time"

	"escutcheon/views"
)

// foundJSON is what a search found, as programs read it: of each kind how many
// there are, and the first of them.
type foundJSON struct {
	Text     string              `json:"q"`
	Hosts    kindJSON[hostFound] `json:"hosts"`
	Findings kindJSON[rowFound]  `json:"findings"`
	Notes    kindJSON[noteFound] `json:"notes"`
	Searched string              `json:"searched"`
}

type kindJSON[T any] struct {
	Count int64  `json:"count"`
	URL   string `json:"url,omitempty"` // the whole list
	First []T    `json:"first"`
}

type hostFound struct {
	Dest     string `json:"dest"`
	Spelling string `json:"spelling"`
	URL      string `json:"url"`
}

type rowFound struct {
	ID    string `json:"id"`
	Rule  string `json:"rule"`
	Dest  string `json:"dest"`
	What  string `json:"what"`
	In    string `json:"in"`
	Count int64  `json:"count"`
	First string `json:"firstTime"`
	Last  string `json:"lastTime"`
}

type noteFound struct {
	ID     int64  `json:"note_id"`
	Dest   string `json:"dest"`
	Author string `json:"author"`
	Edited string `json:"edited"`
	Text   string `json:"text"`
}

func (h *Handlers) searchJSON(f found) foundJSON {
	out := foundJSON{Text: f.text, Searched: views.SearchedWords}
	out.Hosts = kindJSON[hostFound]{f.nHosts, echoQuery("/", "q", f.text), []hostFound{}}
	out.Findings = kindJSON[rowFound]{f.nFindings, foundURL(f.text), []rowFound{}}
	out.Notes = kindJSON[noteFound]{f.nNotes, "", []noteFound{}}
	for _, host := range f.hosts {
		out.Hosts.First = append(out.Hosts.First, hostFound{host.Dest, host.Spelling, views.HostURL(host.Dest)})
	}
	for _, one := range f.findings {
		out.Findings.First = append(out.Findings.First, rowFound{one.Key, h.findingRow(one).RuleName, one.Dest,
			h.labelOf(one), h.foundIn(one, f.text), one.Count, atSecond(one.First), atSecond(one.Last)})
	}
	for _, n := range f.notes {
		out.Notes.First = append(out.Notes.First, noteFound{n.ID, n.Dest, n.Author,
			n.Edited.UTC().Format(time.RFC3339Nano), around(n.Text, f.text)})
	}
	return out
}
