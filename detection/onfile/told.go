package onfile

import (
	"fmt"
	"slices"
	"time"

	"escutcheon/artifact"
)

// tell says what a person should know of the files of a server.
func (h *History) tell(files []artifact.File, server []*artifact.File) {
	if f, _ := redirected(files); f != nil {
		h.Redirected = true
		h.say(f, 0, true, "The configuration in force is read from %s: the applicationHost.config of this server is not "+
			"the one that counts.", f.Config.Redirection.Path)
	}
	for i := range files {
		f := &files[i]
		if f.Damaged {
			h.say(f, 0, true, "%s: %s", f.Path, f.Problem)
		}
		if f.Config == nil {
			continue
		}
		for _, k := range f.Config.MachineKeys {
			where := k.Location
			if where == "" {
				where = "the whole of it"
			}
			h.say(f, k.Line, true, "%s has a literal %s for %s: rotate these. Who has read the file can forge view states, and "+
				"come back without a module. The values are masked here.", f.Path, k.Which(), where)
		}
		if f.Config.Problem != "" {
			h.say(f, f.Config.Line, true, "%s is not well-formed. %s", f.Path, f.Config.Problem)
		}
	}
	h.tellHistory(server)
}

// strays says which files look like the configuration of the server and lie where IIS does
// not read it: no versions, but where nothing else was collected.
func (h *History) strays(list, server []*artifact.File) {
	for _, f := range list {
		if h.Elsewhere = slices.Contains(server, f); h.Elsewhere {
			h.say(f, 0, true, "%s lies where IIS does not read it, and no other applicationHost.config was collected: what it "+
				"holds need not be in force.", f.Path)
		} else {
			h.say(f, 0, true, "%s looks like the configuration of the server and lies where IIS does not read it: it is no "+
				"version of it here.", f.Path)
		}
	}
}

func (h *History) say(f *artifact.File, line int, grave bool, format string, args ...any) {
	const most = 200
	if len(h.Told) < most {
		h.Told = append(h.Told, Told{Text: fmt.Sprintf(format, args...), File: f, Line: line, Grave: grave})
	}
}

// lacks says that versions lack between two times.
func (h *History) lacks(f *artifact.File, line int, from, to time.Time, format string, args ...any) {
	n := len(h.Told)
	if h.say(f, line, true, format, args...); len(h.Told) > n {
		t := &h.Told[n]
		t.History, t.From, t.To = true, from, to
	}
}

// tellHistory says what is odd about the versions that the server kept.
func (h *History) tellHistory(server []*artifact.File) {
	var kept []*artifact.File
	for _, f := range server {
		if f.Kind == artifact.History {
			kept = append(kept, f)
		}
	}
	if f := h.Current; f != nil {
		c := f.Config.History
		switch {
		case c == nil:
		case c.Enabled != nil && !*c.Enabled:
			h.lacks(f, c.Line, f.Modified, time.Time{}, "The history of the configuration is switched off in %s.", nameOf(f))
		case c.Max == "0" || c.Max == "1":
			h.lacks(f, c.Line, f.Modified, time.Time{}, "The history of the configuration keeps %s version at most, "+
				"not 10: there is next to none.", c.Max)
		case c.Path != "":
			h.say(f, c.Line, false, "The history of the configuration is kept in %s.", c.Path)
		}
	}
	for i := 1; i < len(kept); i++ {
		a, b := kept[i-1], kept[i]
		if b.Serial < a.Serial {
			h.lacks(b, 0, a.Modified, b.Modified, "The history was reset: version %d, written %s, comes before "+
				"version %d, written %s. Whatever was in between is gone.", a.Serial, when(a), b.Serial, when(b))
		}
	}
	byNumber := slices.Clone(kept)
	slices.SortFunc(byNumber, func(a, b *artifact.File) int { return a.Serial - b.Serial })
	for i := 1; i < len(byNumber); i++ {
		if gap := byNumber[i].Serial - byNumber[i-1].Serial; gap > 1 {
			h.lacks(byNumber[i], 0, byNumber[i-1].Modified, byNumber[i].Modified, "Versions %d to %d of the configuration "+
				"are missing between others: deleted, or not collected.", byNumber[i-1].Serial+1, byNumber[i].Serial-1)
		}
	}
}

func when(f *artifact.File) string {
	if f.Modified.IsZero() {
		return "at a time that is not known"
	}
	return f.Modified.UTC().Format("2006-01-02 15:04:05 UTC")
}
