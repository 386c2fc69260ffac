package spl

import (
	"strings"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// word takes a word: a command, a function, a field, or a value.
func (l *lexer) word() {
	end := l.i + max(l.wordLen(), 1)
	w := l.s[l.i:end]
	k := ErrorToken
	switch {
	case l.begins && l.name(strings.ToLower(w), end):
		l.command = strings.ToLower(w)
		if parsers[l.command] != nil {
			k = CommandToken
		}
		l.place = place{command: l.command, mode: modes[l.command]}
	case l.evals():
		k = l.evalWord(strings.ToLower(w), end)
	case l.mode == searchMode:
		k = l.searchWord(w, end)
	default:
		k = l.otherWord(strings.ToLower(w), end)
	}
	l.begins, l.value = false, false
	l.names = k == OperatorToken && strings.EqualFold(w, "as")
	if k == WordToken || k == FieldToken || k == StringToken {
		if _, number := value.ParseFloat(w); number {
			k = NumberToken
		}
	}
	l.add(k, end)
}

// wordLen is how long the word is that begins here.
func (l *lexer) wordLen() int {
	rest := l.s[l.i:]
	if l.evals() && !l.begins {
		return wordOfEval(rest)
	}
	stop := "()[],=<>"
	if l.value && l.mode == searchMode {
		stop = "()[]"
	}
	for i := range len(rest) {
		if c := rest[i]; c <= ' ' || strings.IndexByte("|\"`"+stop, c) >= 0 || strings.HasPrefix(rest[i:], "!=") {
			return i
		}
	}
	return len(rest)
}

func wordOfEval(s string) int {
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && strings.IndexByte("$@:{}", c) < 0 && c < 0x80 {
			if c == '.' && i > 0 && value.Digits(s[:i]) == i && i+1 < len(s) && value.Digits(s[i+1:]) > 0 {
				continue // of a number
			}
			return i
		}
	}
	return len(s)
}

// after is what follows a word behind white space.
func (l *lexer) after(end int) string { return strings.TrimLeft(l.s[end:], " \t\r\n\v\f") }

// name says whether a word is the name of a command: after a pipe always, else
// where a command's name may stand, and in a subsearch no operator follows.
func (l *lexer) name(low string, end int) bool {
	next := l.after(end)
	return l.piped || low == "search" && !startsWithAny(next, comparisons...) ||
		len(l.outer) > 0 && parsers[low] != nil && !startsWithAny(next, comparisons...)
}

func startsWithAny(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// calls says whether a parenthesis follows a word at once.
func (l *lexer) calls(end int) bool { return strings.HasPrefix(l.s[end:], "(") }

func (l *lexer) evalWord(low string, end int) Kind {
	switch {
	case evalWords[low] && !l.calls(end) || low == "in" || low == "not" || low == "and" || low == "or":
		return OperatorToken
	case !strings.HasPrefix(l.after(end), "("):
		return FieldToken
	case functions[low].build == nil:
		return ErrorToken
	}
	return FunctionToken
}

// Words that are operators: in expressions, and elsewhere.
var (
	evalWords  = map[string]bool{"xor": true, "like": true, "as": true, "by": true}
	otherWords = map[string]mode{"by": otherMode, "groupby": otherMode, "as": -1, "over": otherMode, "where": searchMode,
		"from": -1, "output": -1, "outputnew": -1, "with": -1, "in": -1, "sortby": -1}
)

func (l *lexer) searchWord(w string, end int) Kind {
	next := l.after(end)
	list := len(next) > 2 && strings.EqualFold(next[:2], "in") && startsWithAny(next[2:], "(", " (") ||
		strings.HasPrefix(next, "NOT IN")
	switch {
	case l.value:
		return StringToken
	case w == "AND" || w == "OR" || w == "NOT" || strings.EqualFold(w, "in") && strings.HasPrefix(next, "("):
		return OperatorToken
	case (w == "TERM" || w == "CASE") && l.calls(end):
		return FunctionToken
	case l.command != "search" && (strings.EqualFold(w, "by") || strings.EqualFold(w, "groupby")):
		l.mode = otherMode
		return OperatorToken
	case list || startsWithAny(next, comparisons...):
		return FieldToken
	}
	return WordToken
}

func (l *lexer) otherWord(low string, end int) Kind {
	mode, operator := otherWords[low]
	_, _, aggregate := agg.Find(low)
	switch {
	case l.names:
		return FieldToken
	case l.value:
		return StringToken
	case strings.HasPrefix(l.after(end), "="):
		return OptionToken
	case operator && l.depth == 0:
		if mode >= 0 && l.mode == aggMode {
			l.mode = mode
		}
		return OperatorToken
	case low == "eval" && l.calls(end):
		l.eval = l.depth + 1
		return FunctionToken
	case l.calls(end) && l.mode == aggMode && !aggregate:
		return ErrorToken
	case l.calls(end) || l.mode == aggMode && l.depth == 0 && aggregate:
		return FunctionToken
	}
	return FieldToken
}
