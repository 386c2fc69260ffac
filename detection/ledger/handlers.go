package ledger

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/detection/onfile"
)

// codeOf is what an entry of a configuration runs.
func codeOf(e *placed) string { return onfile.CodeOf(e.Section, e.Image, e.Type, e.ScriptProcessor) }

// coded are rows without the handlers that run no code of their own. Where only their
// entries in force say what they run, that is what they do.
func coded(rows []Module, entries map[string][]placed, known Known) []Module {
	for i := range rows {
		m := &rows[i]
		of := entries[strings.ToLower(m.Name)]
		if m.Type != Handler || m.Image != "" || len(of) == 0 {
			continue
		}
		other := func(e placed) bool { return detection.ImageKey(codeOf(&e)) != detection.ImageKey(codeOf(&of[0])) }
		if !slices.ContainsFunc(of, other) {
			m.Image = codeOf(&of[0])
			m.Judgement = JudgeHandler(m.Image, nil, known)
		}
	}
	return slices.DeleteFunc(rows, func(m Module) bool { return m.Type == Handler && m.Image == "" })
}

// others adds rows of the handlers in force of which neither events nor versions tell: those
// that have no name.
func (r *registry) others(rows []Module, known Known) []Module {
	at := map[[2]string]int{}
	for i := range rows {
		if rows[i].Type == Handler {
			name, image := rows[i].Key()
			at[[2]string{name, image}] = i
		}
	}
	had := len(rows)
	for _, e := range r.handling {
		code := codeOf(&e)
		key := [2]string{strings.ToLower(e.Name), detection.ImageKey(code)}
		i, ok := at[key]
		if ok && i < had {
			continue
		}
		if !ok {
			i = len(rows)
			at[key] = i
			m := Module{Name: e.Name, Image: code, Type: Handler, Present: Unknown, AddedBy: NotKnown,
				First: e.file.Modified, Last: e.file.Modified}
			if r.whole || e.file != r.server {
				m.Present = Yes
			}
			m.Judgement = JudgeHandler(code, nil, known)
			rows = append(rows, m)
		}
		m := &rows[i]
		m.Scope = addScope(m.Scope, e.scope)
		m.Evidence = append(m.Evidence, e.evidence())
	}
	return rows
}

// evidence is what an entry says.
func (e *placed) evidence() Evidence {
	in := e.Section
	if e.Path != "" {
		in += " for " + e.Path
	}
	return Evidence{Source: Configuration, At: e.file.Modified, Scope: e.scope, Artifact: e.file.ID, Line: e.Line,
		Text: fmt.Sprintf("registered in %s, line %d of %s", in, e.Line, e.file.Path)}
}
