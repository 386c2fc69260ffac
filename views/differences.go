package views

import (
	"context"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/aymanbagabas/go-udiff"
)

// change is a part of a text: as it was before, gone, or new.
type change struct {
	Text      string
	Gone, New bool
}

// changed shows what a revision of a text changed of the one before.
func changed(before, after string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		both := strconv.Itoa(len(before)) + " " + before + after
		_, err := io.WriteString(w, rendered.once("changed", both, func() string {
			var b strings.Builder
			var seen marks
			for _, c := range differences(before, after) {
				open, end := `<span class="log">`, `</span>`
				if c.Gone {
					open, end = `<del><span class="log">`, `</span></del>`
				} else if c.New {
					open, end = `<ins><span class="log">`, `</span></ins>`
				}
				b.WriteString(open)
				seen.write(&b, c.Text, true)
				b.WriteString(end)
			}
			return b.String()
		}))
		return err
	})
}

// firstLetter is the first letter that stands for a word, mostWords how many there are.
const (
	firstLetter = 0xF0000
	mostWords   = 0xFFFD
)

// differences are what became of one text in another, word by word; of texts of very
// many words all is gone and new.
func differences(before, after string) (out []change) {
	letters := map[string]rune{}
	was, is := wordsOf(before), wordsOf(after)
	a, b := lettersOf(was, letters), lettersOf(is, letters)
	if len(letters) > mostWords {
		return []change{{Text: before, Gone: true}, {Text: after, New: true}}
	}
	say := func(words []string, c change) {
		if c.Text = strings.Join(words, ""); c.Text != "" {
			out = append(out, c)
		}
	}
	at, to := 0, 0 // in was and is
	for _, e := range udiff.Strings(a, b) {
		from, end := utf8.RuneCountInString(a[:e.Start]), utf8.RuneCountInString(a[:e.End])
		say(was[at:from], change{})
		to += from - at
		say(was[from:end], change{Gone: true})
		added := utf8.RuneCountInString(e.New)
		say(is[to:to+added], change{New: true})
		at, to = end, to+added
	}
	say(was[at:], change{})
	return out
}

// wordsOf are a text's words, and the signs and spaces between them one by one.
func wordsOf(text string) (out []string) {
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
		if n < 0 {
			n = len(text)
		}
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text)
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}

// lettersOf is a text with a letter for each word, the same one for the same word.
func lettersOf(words []string, letters map[string]rune) string {
	var b strings.Builder
	for _, w := range words {
		if _, ok := letters[w]; !ok {
			letters[w] = firstLetter + rune(len(letters)%mostWords)
		}
		b.WriteRune(letters[w])
	}
	return b.String()
}
