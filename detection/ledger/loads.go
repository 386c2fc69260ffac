package ledger

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection"
)

// loaded puts what was loaded among the evidence of the rows whose image it is. What was
// loaded and no row has is one of its own where it is publicly known bad, or lies where IIS
// keeps its modules and is none of IIS's own.
func loaded(rows []Module, loads []Load, known Known) []Module {
	at := map[string][]int{}
	for i := range rows {
		if key := detection.ImageKey(rows[i].Image); key != "" {
			at[key] = append(at[key], i)
		}
	}
	added := map[string]int{}
	for _, l := range loads {
		key := detection.ImageKey(l.Image)
		e := Evidence{Source: Loads, Event: l.Event, At: l.Last, Text: l.words()}
		for _, i := range at[key] {
			rows[i].Evidence = append(rows[i].Evidence, e)
			rows[i].Last = latest(rows[i].Last, l.Last)
		}
		if len(at[key]) > 0 {
			continue
		}
		if i, ok := added[key]; ok {
			rows[i].Evidence = append(rows[i].Evidence, e)
			continue
		}
		j := Judge("", l.Image, "", false, known)
		if j.Judged != Bad && (j.Judged != Unlisted || !strings.HasPrefix(key, "c:/windows/system32/inetsrv/")) {
			continue
		}
		j.Reason += "; a worker process loaded it, and nothing here registers it"
		added[key] = len(rows)
		rows = append(rows, Module{Name: l.Image[strings.LastIndexByte(l.Image, '\\')+1:], Image: l.Image, Type: Native,
			Present: Unknown, AddedBy: NotKnown, First: l.First, Last: l.Last, Judgement: j, Evidence: []Evidence{e}})
	}
	slices.SortStableFunc(rows, func(a, b Module) int { return a.Graver(&b) })
	return rows
}

func (l *Load) words() string {
	what := "loaded by a worker process"
	if l.Failed {
		what = "a worker process failed to load it"
	}
	if l.Times > 1 && !l.First.IsZero() {
		what += fmt.Sprintf(", %d times since %s", l.Times, l.First.Format("2006-01-02 15:04:05 UTC"))
	}
	return what
}
