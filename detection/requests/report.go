package requests

import (
	"cmp"
	"slices"
	"time"
)

// Kind is what is told of.
type Kind string

// The kinds, in the order in which they are told.
const (
	NewPath   Kind = "first-seen address"
	Burst     Kind = "POST burst"
	Turned    Kind = "error turned to answer"
	NewClient Kind = "client seen only after"
	NewAgent  Kind = "user agent seen only after"
)

// most is how many of a kind a report has.
const most = 50

// Item is one thing that the requests tell.
type Item struct {
	Kind        Kind
	Path        string // of NewPath, Burst, Turned
	Client      string // of Burst, NewClient
	Agent       string // of NewAgent
	Count       int    // requests after the change; of a burst, those in it
	Posts       int    // of them, POSTs that were answered
	Failed      int    // of Turned: how many failed before
	First, Last time.Time
}

// List is what there is of a kind, what matters first.
type List struct {
	Kind  Kind
	Items []Item
	More  int // that it leaves out
}

// Report is what the requests around a change tell.
type Report struct {
	At, From, To  time.Time
	Before, After int // requests
	Refused       int // addresses that were asked for only after, and never answered
	Full          bool
	Lists         []List // one for each kind, in their order; none where Why is not ""
	Why           string // why nothing can be said to be new
}

// Report is what was counted until now.
func (t *Tally) Report() *Report {
	r := &Report{At: t.at, From: t.from, To: t.to, Before: t.before, After: t.after, Full: t.full}
	switch {
	case t.full:
		r.Why = "There are more addresses, clients and user agents in these requests than can be compared. " +
			"Choose a shorter time."
	case t.before == 0 && t.after == 0:
		r.Why = "There are no requests in this time."
	case t.before == 0:
		r.Why = "There are no requests before the change: nothing can be said to be new."
	case t.after == 0:
		r.Why = "There are no requests after the change."
	}
	if r.Why != "" {
		return r
	}
	var fresh, turned []Item
	for _, p := range t.paths {
		item := Item{Path: p.name, Count: p.answered[1], Posts: p.posts, First: p.firstOK, Last: p.lastOK}
		switch {
		case p.before == 0 && p.answered[1] > 0:
			item.Kind = NewPath
			fresh = append(fresh, item)
		case p.before == 0:
			r.Refused++
		case p.failed[0] > 0 && p.answered[0] == 0 && p.answered[1] > 0:
			item.Kind, item.Failed = Turned, p.failed[0]
			turned = append(turned, item)
		}
	}
	r.Lists = []List{listOf(NewPath, fresh), listOf(Burst, t.bursts()), listOf(Turned, turned),
		listOf(NewClient, only(NewClient, t.clients)), listOf(NewAgent, only(NewAgent, t.agents))}
	return r
}

// only are those that were seen only after the change.
func only(kind Kind, of map[string]*seen) (out []Item) {
	for name, s := range of {
		if s.before > 0 {
			continue
		}
		item := Item{Kind: kind, Count: s.after, Posts: s.posts, First: s.first, Last: s.last}
		if kind == NewClient {
			item.Client = name
		} else {
			item.Agent = name
		}
		out = append(out, item)
	}
	return out
}

// bursts are those after the change, to addresses that had none before it: mail clients
// and single-page applications have them all day.
func (t *Tally) bursts() (out []Item) {
	usual := map[string]bool{}
	for at, s := range t.slots {
		if at.n < 0 && s.before >= Many {
			usual[at.path] = true
		}
	}
	found := map[slot]*Item{} // whatever the slot
	for at, s := range t.slots {
		if at.n < 0 || s.after < Many || usual[at.path] {
			continue
		}
		at.n = 0
		b := found[at]
		if b == nil {
			b = &Item{Kind: Burst, Path: s.name, Client: at.client}
			found[at] = b
		}
		b.Path = min(b.Path, s.name)
		b.Count += s.after
		b.Posts += s.posts
		b.First, _ = widen(b.First, b.Last, s.first)
		_, b.Last = widen(b.First, b.Last, s.last)
	}
	for _, b := range found {
		out = append(out, *b)
	}
	return out
}

// listOf orders items: those with POSTs that were answered first, for these carry
// commands; then those that are many, and those that came first.
func listOf(kind Kind, items []Item) List {
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(b.Posts, a.Posts), cmp.Compare(b.Count, a.Count), a.First.Compare(b.First),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Client, b.Client), cmp.Compare(a.Agent, b.Agent))
	})
	l := List{Kind: kind, Items: items}
	if n := len(items); n > most {
		l.Items, l.More = slices.Clone(items[:most]), n-most
	}
	return l
}
