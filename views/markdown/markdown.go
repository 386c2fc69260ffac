// Package markdown writes a note as HTML. It reads a stated part of Markdown,
// chosen so that evidence pasted into a note stays what it is: raw HTML and
// entities are text, a backslash escapes nothing, underscores never emphasise,
// line ends and spaces stay. What is no markup by these rules is shown as typed:
//
//   - blocks: paragraphs, parted by blank lines; headings ("# " to "###### ");
//     quotes ("> "); lists ("- ", "* ", "1. ", nested by two spaces); code between
//     lines of three backticks or tildes, which may name a language; tables of
//     lines that begin with "|"; a rule of three or more "-" between blank lines;
//   - within one line: `code`; *emphasis*, **strong**, ***both*** and ~~struck~~
//     at the edges of words; [text](https://host/path), [text](/a/page/of/ours) and
//     bare addresses of the web;
//   - @host:name, @event:number and @finding:id at the edges of words lead there.
//
// A single asterisk has a letter, a digit or code on its inner side, doubled ones
// may close behind punctuation, and outside of either is a space or the end of the
// line: *.dll, 1*2*3, "*http*" and */* are text. Nothing is loaded from elsewhere:
// an image is text. The cost is linear in the text, and what is written is bounded.
package markdown

import "strings"

// Escape writes a text as HTML that shows it: no character of it may become
// markup. Line feeds and tabs are to stay.
type Escape func(b *strings.Builder, text string)

// MaxDepth is how deep quotes and lists may stand in each other. The marks of
// what is deeper are shown as typed.
const MaxDepth = 6

// MaxElements is how many elements a note is written as: what is more is hard on a
// browser, and no note for readers.
const MaxElements = 10_000

type writer struct {
	*strings.Builder
	escape   Escape
	level    int  // of the last heading: the page's own above a note is 2
	plain    bool // links are text
	found    []Mention
	elements int // written
}

// Mention is a host, an event or a finding that a note names.
type Mention struct{ Kind, Ref string }

// Mentions are those of a note that are links, in their order.
func Mentions(text string) []Mention {
	w := writer{Builder: &strings.Builder{}, escape: func(*strings.Builder, string) {}, level: 2}
	if !w.note(text) {
		return nil
	}
	return w.found
}

// Write writes a note. Its elements have no attributes but those that stand
// here and the addresses of links. Of one of more than MaxElements it writes the
// beginning, which is not to be shown, and returns false.
func Write(b *strings.Builder, text string, escape Escape) bool {
	w := writer{Builder: b, escape: escape, level: 2}
	return w.note(text)
}

// WriteUnlinked is Write where no link may lead anywhere: its address is text.
func WriteUnlinked(b *strings.Builder, text string, escape Escape) bool {
	w := writer{Builder: b, escape: escape, level: 2, plain: true}
	return w.note(text)
}

func (w *writer) note(text string) bool {
	w.blocks(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), 0)
	return !w.over()
}

func (w *writer) over() bool { return w.elements > MaxElements }

// put writes HTML of ours: an element, its end, or what is between.
func (w *writer) put(parts ...string) {
	if p := parts[0]; p[0] == '<' && !strings.HasPrefix(p, "</") {
		w.elements++
	}
	for _, p := range parts {
		w.WriteString(p)
	}
}
