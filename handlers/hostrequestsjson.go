package handlers

import (
	"escutcheon/views"
)

type requestsJSON struct {
	Dest       string         `json:"dest"`
	At         *string        `json:"at"` // null: no change is known
	Hours      int            `json:"hours"`
	From       *string        `json:"from"`
	To         *string        `json:"to"`
	Collected  bool           `json:"collected"`
	Before     int            `json:"before"`
	After      int            `json:"after"`
	Refused    int            `json:"refused"`
	Damaged    int            `json:"damaged"`
	Why        string         `json:"why"`
	Complete   bool           `json:"complete"`
	Caution    string         `json:"caution"`
	ViewStates viewStatesJSON `json:"view_states"`
	Told       []requestTold  `json:"told"`
	More       map[string]int `json:"more"` // of a kind, that are left out
	Changes    []besideJSON   `json:"changes"`
}

type viewStatesJSON struct {
	Count  int     `json:"count"`
	First  *string `json:"first"`
	Last   *string `json:"last"`
	Search string  `json:"search"`
}

type requestTold struct {
	Kind   string  `json:"kind"`
	Path   string  `json:"path"`
	Client string  `json:"client"`
	Agent  string  `json:"user_agent"`
	Count  int     `json:"count"`
	Posts  int     `json:"posts"`
	Failed int     `json:"failed_before"`
	First  *string `json:"first"`
	Last   *string `json:"last"`
	Search string  `json:"search"`
}

type besideJSON struct {
	At        *string `json:"at"`
	Name      string  `json:"name"`
	Judgement string  `json:"judgement"`
}

func requestsAsJSON(p *views.RequestsPage) requestsJSON {
	out := requestsJSON{Dest: p.Dest, At: instant(p.At), Hours: p.Hours, From: instant(p.From), To: instant(p.To),
		Collected: p.Collected, Before: p.Before, After: p.After, Refused: p.Refused, Damaged: p.Damaged, Why: p.Why,
		Complete: p.Complete,
		Caution:  p.Caution, Told: []requestTold{}, More: map[string]int{}, Changes: []besideJSON{},
		ViewStates: viewStatesJSON{p.ViewStates.Count, instant(p.ViewStates.First), instant(p.ViewStates.Last),
			p.ViewStates.Search}}
	for _, l := range p.Lists {
		for _, r := range l.Rows {
			out.Told = append(out.Told, requestTold{l.Kind, r.Path, r.Client, r.Agent, r.Count, r.Posts, r.Failed,
				instant(r.First), instant(r.Last), r.Search})
		}
		if l.More > 0 {
			out.More[l.Kind] = l.More
		}
	}
	for _, c := range p.Changes {
		out.Changes = append(out.Changes, besideJSON{instant(c.At), c.Name, c.Judgement})
	}
	return out
}
