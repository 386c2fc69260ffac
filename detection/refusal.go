package detection

import (
	"errors"
	"fmt"
	"strings"

	"escutcheon/detection/sigma"
	"escutcheon/detection/spl"
)

// Refusal says why a rule does not run. Command and Pos are those of its
// search, and zero when the fault is not in the search; of a Sigma rule Pos is in its
// file, and Command "".
type Refusal struct {
	File, Name, ID string
	Command        string
	Pos            spl.Pos
	Reason         string
}

func (r Refusal) String() string {
	if r.Pos.Line == 0 {
		return r.Reason
	}
	if r.Command == "" {
		return fmt.Sprintf("line %d, column %d: %s", r.Pos.Line, r.Pos.Column, r.Reason)
	}
	return fmt.Sprintf("command %q at line %d, column %d: %s", r.Command, r.Pos.Line, r.Pos.Column, r.Reason)
}

// refusal puts an error of Load in words. r may be nil.
func refusal(f SourceFile, r *Rule, err error) Refusal {
	out := Refusal{File: f.Path, Name: stem(f.Path), Reason: err.Error()}
	if r != nil {
		out.ID = r.ID
		if r.Name != "" {
			out.Name = r.Name
		}
	}
	var at *sigma.Error
	if errors.As(err, &at) {
		if out.Reason = at.Reason; at.Line > 0 {
			out.Pos.Line, out.Pos.Column = at.Line+f.Line, at.Column
		}
		return out
	}
	var e *spl.Error
	if !errors.As(err, &e) {
		return out
	}
	out.Command, out.Pos, out.Reason = e.Command, e.Pos, e.Reason
	if r != nil && out.Command == "" {
		out.Command = commandAt(r.Search, e.Pos.Offset)
	}
	if e.Subject != fmt.Sprintf("command %q", e.Command) {
		out.Reason = e.Subject + " " + e.Reason
	}
	if e.Macro != "" {
		out.Reason = fmt.Sprintf("in macro %q, %s", e.Macro, out.Reason)
	}
	return out
}

// commandAt is the command that a place of a search stands in: the word behind
// the last pipe before it, "search" at the start.
func commandAt(search string, offset int) string {
	start, quoted := 0, false
	for i := 0; i < min(offset, len(search)); i++ {
		switch search[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '|':
			if !quoted {
				start = i + 1
			}
		}
	}
	word := strings.TrimSpace(search[start:])
	if start == 0 && !strings.HasPrefix(word, "|") {
		return "search"
	}
	word = strings.TrimLeft(word, "| \t\r\n`")
	end := strings.IndexFunc(word, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_')
	})
	if end >= 0 {
		word = word[:end]
	}
	if word == "" {
		return "search"
	}
	return word
}
