package handlers

import (
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"escutcheon/detection/spl"
	"escutcheon/views"
)

// mended is the search as it would be right, where that is known: then it can be read
// further than it is.
func (h *Handlers) mended(a asked) string {
	text := a.wrong.Mended(a.text)
	if text == "" || len(text) > maxSPL {
		return ""
	}
	_, err := h.Searches.Engine().Prepare(text, time.Time{})
	var still *spl.Error
	if errors.As(err, &still) && still.Pos.Offset <= a.wrong.Pos.Offset || err != nil && still == nil {
		return ""
	}
	return text
}

// wrong says why a text is no search, where, and what would be right.
func (h *Handlers) wrong(r *views.SearchRun, a asked) {
	at := min(a.wrong.Pos.Offset, len(a.text))
	r.Wrong, r.Line, r.Column, r.Mended = a.wrong.Error(), a.wrong.Pos.Line, a.wrong.Pos.Column, h.mended(a)
	to := at
	for _, t := range spl.Tokens(a.text) {
		if t.From <= at && at < t.To {
			to = t.To
		}
	}
	if at < to {
		r.WrongFrom, r.WrongTo = units(a.text[:at]), units(a.text[:to])
	}
	line := strings.LastIndexByte(a.text[:at], '\n') + 1
	end := len(a.text)
	if n := strings.IndexByte(a.text[at:], '\n'); n >= 0 {
		end = at + n
	}
	to = min(to, end)
	const around = 60
	r.WrongLine = [3]string{lastOf(a.text[line:at], around), a.text[at:to], cut(a.text[to:end], around)}
}

// lastOf is the end of a text, of at most so many bytes.
func lastOf(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for s != "" && s[0]&0xc0 == 0x80 {
		s = s[1:]
	}
	return "…" + s
}

// units is how long a text is to a script, which counts in UTF-16.
func units(s string) (n int) {
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}
