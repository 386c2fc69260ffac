package blind

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"escutcheon/detection/verdict"
)

// Site is when requests of one of a host's sites were logged; Name is "" for those of which
// no log says the site.
type Site struct {
	Name  string
	runs  []run
	joins int // how many runs there are when they are joined next
}

// run is a time in which lines follow each other within a day: its first and its last one,
// by second and by event.
type run struct{ from, to line }

type line struct{ second, event int64 }

func earlier(a, b line) int {
	return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.event, b.event))
}

// apart says whether a line comes a day or more after another one.
func apart(a, b line) bool { return uint64(b.second)-uint64(a.second) >= uint64(quiet/time.Second) }

// Add tells of a line, in whatever order: its second since 1970, and its event.
func (s *Site) Add(second, event int64) {
	l := line{second, event}
	if n := len(s.runs); n > 0 {
		last := &s.runs[n-1]
		switch {
		case earlier(l, last.from) >= 0 && !apart(last.to, l) || earlier(l, last.to) <= 0 && earlier(l, last.from) >= 0:
			if earlier(l, last.to) > 0 {
				last.to = l
			}
			return
		case earlier(l, last.from) < 0 && !apart(l, last.from):
			last.from = l
			return
		}
	}
	if s.runs = append(s.runs, run{l, l}); len(s.runs) > s.joins {
		s.runs = joined(s.runs)
		s.joins = max(32, 2*len(s.runs))
	}
}

// joined are runs in their order, a day between any two.
func joined(runs []run) []run {
	slices.SortFunc(runs, func(a, b run) int { return earlier(a.from, b.from) })
	out := runs[:0]
	for _, r := range runs {
		if n := len(out); n > 0 && (r.from.second <= out[n-1].to.second || !apart(out[n-1].to, r.from)) {
			if earlier(r.to, out[n-1].to) > 0 {
				out[n-1].to = r.to
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// mostStops is how many times without lines of single sites are told: the longest.
const mostStops = 50

// stops are the times in which a site has no line for a day or more while others of the
// host have: what all of them lack is told of the log as a whole.
func stops(sites []Site) (out []Span) {
	for i := range sites {
		sites[i].runs = joined(sites[i].runs)
	}
	for i := range sites {
		s := &sites[i]
		for k := range s.runs {
			if s.Name == "" {
				break
			}
			before, after := s.runs[k].to, line{}
			if k+1 < len(s.runs) {
				after = s.runs[k+1].from
			}
			if to, who, last := meanwhile(sites, i, before, after); who != "" {
				out = append(out, stop(s.Name, who, before, after, last, to))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Span) int { return cmp.Compare(b.To.Sub(b.From), a.To.Sub(a.From)) })
	return out[:min(len(out), mostStops)]
}

// meanwhile names the sites but one that have lines between two of its own; after is zero
// where it has none any more: then to is the last line of the others, a day or more later.
func meanwhile(sites []Site, but int, before, after line) (to line, who string, some line) {
	var names []string
	for i := range sites {
		has := false
		for _, r := range sites[i].runs {
			if i == but || r.to.second <= before.second || after.event != 0 && r.from.second >= after.second {
				continue
			}
			if has = true; after.event == 0 || r.to.second < after.second {
				some = r.to
			} else if r.from.second > before.second {
				some = r.from
			}
			if earlier(r.to, to) > 0 {
				to = r.to
			}
		}
		if has {
			names = append(names, cmp.Or(sites[i].Name, "others that name no site"))
		}
	}
	if after.event != 0 {
		to = after
	}
	if len(names) == 0 || !apart(before, to) {
		return to, "", some
	}
	if n := len(names); n > 3 {
		names = append(names[:3], fmt.Sprintf("%d more", n-3))
	}
	return to, strings.Join(names, ", "), some
}

func stop(name, who string, before, after, some, to line) Span {
	s := Span{Kind: RequestsStop, From: moment(before.second), To: moment(to.second),
		Evidence: []Evidence{{Event: before.event, Text: "the last line of " + name + " before"}}}
	how := "has no line for %s"
	if after.event != 0 {
		s.Evidence = append(s.Evidence, Evidence{Event: after.event, Text: "the first line of " + name + " after"})
	} else {
		how = "ends %s before those of others do"
	}
	if some.event != 0 {
		s.Evidence = append(s.Evidence, Evidence{Event: some.event, Text: "a line of another site meanwhile"})
	}
	s.Text = fmt.Sprintf("The log of requests of %s "+how+", while these go on: %s. Nobody asked it for anything, or it "+
		"was not logged, or that log was not collected.", name, verdict.Span(s.To.Sub(s.From)), who)
	return s
}
