package spl

import "strings"

// Kind is what a Token is.
type Kind string

// The kinds of tokens.
const (
	CommandToken  Kind = "command"  // stats
	FunctionToken Kind = "function" // count, lower
	FieldToken    Kind = "field"    // EventCode
	OptionToken   Kind = "option"   // span, of span=1h
	StringToken   Kind = "string"   // in quotes, or a value without any
	NumberToken   Kind = "number"   // 4624
	WordToken     Kind = "word"     // what is looked for in events, and other words
	OperatorToken Kind = "operator" // =, AND, BY
	MarkToken     Kind = "mark"     // comma or parenthesis
	PipeToken     Kind = "pipe"     // |
	MacroToken    Kind = "macro"    // `sysmon`, with its arguments
	CommentToken  Kind = "comment"  // ```…```
	BracketToken  Kind = "bracket"  // [ or ] of a subsearch
	ErrorToken    Kind = "error"    // an unknown command or function, or what is not closed
)

// Token is a piece of a search: its bytes from From up to To.
type Token struct {
	Kind     Kind
	From, To int
}

// Tokens cuts a search, which need not be right or complete, into what its parts
// are, for who shows it. They stand in order; between them is white space. It never
// fails, and is not the parser: a search without an error token may have errors.
func Tokens(text string) []Token {
	l := lexer{s: text, place: atStart}
	for l.i < len(text) {
		l.next()
	}
	return l.out
}

// mode is how words are read.
type mode int

const (
	otherMode  mode = iota // fields, options and values
	searchMode             // conditions of search
	evalMode               // expressions
	aggMode                // aggregates
)

// modes are those of commands that have another.
var modes = map[string]mode{"search": searchMode, "eval": evalMode, "where": evalMode, "fieldformat": evalMode,
	"stats": aggMode, "eventstats": aggMode, "streamstats": aggMode, "tstats": aggMode, "chart": aggMode,
	"timechart": aggMode}

// lexer goes through a search.
type lexer struct {
	s   string
	i   int
	out []Token

	place
	outer []place // that of each open bracket
}

// place is where in a pipeline the lexer is.
type place struct {
	command string // whose arguments are read
	mode    mode
	begins  bool // a command's name may come
	piped   bool // and must: a pipe stands before it
	depth   int  // of parentheses within the command
	eval    int  // the depth of an eval( within aggregates; 0 for none
	value   bool // an operator stands before
	names   bool // AS stands before
}

var atStart = place{command: "search", mode: searchMode, begins: true}

func (l *lexer) add(k Kind, to int) {
	l.out = append(l.out, Token{k, l.i, to})
	l.i = to
}

func (l *lexer) next() {
	rest := l.s[l.i:]
	switch c := rest[0]; {
	case strings.IndexByte(" \t\r\n\v\f", c) >= 0:
		l.i++
	case strings.HasPrefix(rest, "```"):
		l.closed(CommentToken, strings.Index(rest[3:], "```"), 6)
	case c == '`':
		l.closed(MacroToken, callEnd(l.s, l.i+1)-l.i, 1)
		l.begins, l.value = false, false
	case c == '"':
		l.closed(StringToken, quoteEnd(l.s, l.i)-l.i, 0)
		l.begins, l.value = false, false
	case c == '|':
		l.add(PipeToken, l.i+1)
		l.place = place{begins: true, piped: true}
	case c == '[':
		l.open()
	case c == ']':
		l.close()
	case c == '\'' && l.evals() && strings.IndexByte(rest[1:], '\'') >= 0:
		l.add(FieldToken, l.i+2+strings.IndexByte(rest[1:], '\''))
	default:
		l.part(c)
	}
}

// closed is a token that ends where it is closed: n bytes on, and so many more; of
// n < 0 it is not.
func (l *lexer) closed(k Kind, n, more int) {
	if n < 0 {
		l.add(ErrorToken, len(l.s))
		return
	}
	l.add(k, l.i+n+more)
}

// maxOpen is how many brackets may be open.
const maxOpen = 64

func (l *lexer) open() {
	if len(l.outer) == maxOpen {
		l.add(ErrorToken, l.i+1)
		return
	}
	l.add(BracketToken, l.i+1)
	l.value = false
	l.outer = append(l.outer, l.place)
	l.place = atStart
}

func (l *lexer) close() {
	n := len(l.outer) - 1
	if n < 0 {
		l.add(ErrorToken, l.i+1)
		return
	}
	l.add(BracketToken, l.i+1)
	l.place, l.outer = l.outer[n], l.outer[:n]
}

// operators of comparisons, the longest first, and those of expressions.
var (
	comparisons = []string{"!=", "<=", ">=", "==", "=", "<", ">"}
	arithmetic  = "+-*/%."
)

// part is what is neither quoted nor a pipe or bracket.
func (l *lexer) part(c byte) {
	for _, op := range comparisons {
		if strings.HasPrefix(l.s[l.i:], op) {
			l.add(OperatorToken, l.i+len(op))
			l.value, l.begins = true, false
			return
		}
	}
	switch {
	case c == '(' || c == ')' || c == ',':
		l.paren(c)
	case l.evals() && strings.IndexByte(arithmetic, c) >= 0:
		l.add(OperatorToken, l.i+1)
	default:
		l.word()
	}
}

func (l *lexer) paren(c byte) {
	l.add(MarkToken, l.i+1)
	switch c {
	case '(':
		l.depth++
	case ')':
		if l.depth--; l.depth < l.eval {
			l.eval = 0
		}
		l.depth = max(l.depth, 0)
	}
	l.value, l.begins = false, l.begins && c == '('
}

// evals says whether an expression of eval is read.
func (l *lexer) evals() bool { return l.mode == evalMode || l.eval > 0 }
