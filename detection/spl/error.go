package spl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pos is a place in the search as it was given.
type Pos struct {
	Offset int // in bytes, from 0
	Line   int // from 1
	Column int // in characters, from 1
}

func (p Pos) String() string {
	return fmt.Sprintf("line %d, column %d (offset %d)", p.Line, p.Column, p.Offset)
}

// Error says why a search cannot be compiled, and where.
type Error struct {
	// Command is the command that was being read ("search" for the terms that
	// a search starts with), or "".
	Command string
	// Pos is the place in the search. When the fault is in the text of a
	// macro, it is where the search calls the macro.
	Pos Pos
	// Macro is the macro whose text is at fault, or "".
	Macro string
	// Subject is what is at fault, such as `command "eval"`.
	Subject string
	// Reason completes the sentence: "is not supported".
	Reason string
	// Hint is what would be right, where that can be said: `did you mean "stats"?`.
	Hint string
	// Meant is what would be right in place of the word at Pos, where that is known.
	Meant string
}

// Mended is the search as it would be right, where that is known; else "".
func (e *Error) Mended(search string) string {
	if e.Meant == "" || e.Macro != "" || e.Pos.Offset > len(search) {
		return ""
	}
	at := e.Pos.Offset
	if strings.HasPrefix(search[at:], "`") { // of a macro
		at++
	}
	rest := search[at:]
	n := strings.IndexFunc(rest, func(r rune) bool { return r >= 0x80 || !isWordByte(byte(r)) })
	if n < 0 {
		n = len(rest)
	}
	if n == 0 {
		return ""
	}
	return search[:at] + e.Meant + rest[n:]
}

func (e *Error) Error() string {
	in := ""
	if e.Macro != "" {
		in = fmt.Sprintf(", in macro %q,", e.Macro)
	}
	text := fmt.Sprintf("%s at %s%s %s", e.Subject, e.Pos, in, e.Reason)
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// position turns a byte offset of text into a Pos.
func position(text string, offset int) Pos {
	offset = min(offset, len(text))
	before := text[:offset]
	line := strings.LastIndexByte(before, '\n') + 1
	return Pos{
		Offset: offset,
		Line:   strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(before[line:]) + 1,
	}
}
