package spl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parser is a cursor over the expanded text.
type parser struct {
	src     *source
	env     *Env
	s       string
	i       int
	command string   // the command being read
	depth   int      // of parentheses and NOT
	nodes   int      // of eval expressions
	stop    []string // words that end a condition of the search command
	subs    int      // subsearches that are open
	made    int      // subsearches that were read
}

func (p *parser) pipeline() (Pipeline, *Error) {
	var out Pipeline
	p.space()
	if p.done() || p.s[p.i] != '|' {
		at := p.i
		name, err := p.firstName()
		if err != nil {
			return nil, err
		}
		c, err := p.run(name, at)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for !p.done() && p.s[p.i] == '|' {
		pipe := p.i
		p.i++ // run stops only at the end or at a pipe
		p.space()
		at, name := p.i, p.peekWord()
		if name == "" {
			if p.end() && len(out) > 0 { // an empty command does nothing
				continue
			}
			p.command = ""
			if p.done() || p.closes() {
				return nil, p.fault(pipe, "pipe", "is not followed by a command")
			}
			return nil, p.fault(at, p.next(), "stands where a command is expected")
		}
		p.i += len(name)
		c, err := p.run(strings.ToLower(name), at)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// run reads one command's arguments, up to the next pipe.
func (p *parser) run(name string, at int) (Command, *Error) {
	p.command = name
	parse, ok := parsers[name]
	if !ok {
		return nil, p.fault(at, fmt.Sprintf("command %q", name), "is not supported").near(name)
	}
	pos, _ := p.src.pos(at)
	p.depth = 0
	c, err := parse(p, Origin{Name: name, Pos: pos, Macros: p.src.at(at).macros, Aside: p.src.at(at).aside})
	if err != nil {
		return nil, err
	}
	if !p.end() {
		if p.s[p.i] == '[' {
			return nil, p.fault(p.i, "subsearch", "is not supported")
		}
		return nil, p.unexpected()
	}
	return c, nil
}

func (p *parser) done() bool { return p.i >= len(p.s) }

// end says whether the command has no more arguments.
func (p *parser) end() bool {
	p.space()
	return p.done() || p.s[p.i] == '|' || p.closes()
}

// closes says whether a bracket is next that ends a subsearch.
func (p *parser) closes() bool { return p.subs > 0 && !p.done() && p.s[p.i] == ']' }

func (p *parser) space() {
	for !p.done() {
		switch p.s[p.i] {
		case ' ', '\t', '\r', '\n', '\v', '\f':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) eat(c byte) bool {
	p.space()
	if p.done() || p.s[p.i] != c {
		return false
	}
	p.i++
	return true
}

// peekWord is the run of letters, digits and _ at the cursor.
func (p *parser) peekWord() string {
	j := p.i
	for j < len(p.s) && isWordByte(p.s[j]) {
		j++
	}
	return p.s[p.i:j]
}

// keyword eats a word of that name in any case, if it is next.
func (p *parser) keyword(name string) bool {
	p.space()
	w := p.peekWord()
	if !strings.EqualFold(w, name) {
		return false
	}
	p.i += len(w)
	return true
}

// until reads up to white space or a byte of stop; a quoted run within, such
// as X."a b", is not looked into.
func (p *parser) until(stop string) string {
	start := p.i
	for !p.done() {
		c := p.s[p.i]
		if c <= ' ' && strings.IndexByte(" \t\r\n\v\f", c) >= 0 || c == '|' || c == '"' ||
			strings.IndexByte(stop, c) >= 0 || p.closes() {
			break
		}
		p.i++
	}
	return p.s[start:p.i]
}

// name reads a field's or column's name, quoted or not; none is empty.
func (p *parser) name(stop string) (string, *Error) {
	p.space()
	at := p.i
	s, err := p.anyName(stop)
	if err == nil && s == "" {
		p.i = at
		err = p.expected("a field name")
	}
	return s, err
}

func (p *parser) anyName(stop string) (string, *Error) {
	switch {
	case !p.done() && p.s[p.i] == '"':
		return p.quoted()
	case !p.done() && p.s[p.i] == '\'' && strings.IndexByte(p.s[p.i+1:], '\'') >= 0:
		return p.quotedName()
	}
	return p.until(stop), nil
}

// quoted reads a quoted value: \" is a quote, \\ a backslash, and a backslash
// before anything else stands for itself.
func (p *parser) quoted() (string, *Error) {
	end := quoteEnd(p.s, p.i)
	if end < 0 {
		return "", p.fault(p.i, "quote", "is not closed")
	}
	s := p.s[p.i+1 : end-1]
	p.i = end
	return unescape(s), nil
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (p *parser) fault(at int, subject, reason string) *Error {
	pos, macro := p.src.pos(at)
	return &Error{Command: p.command, Pos: pos, Macro: macro, Subject: subject, Reason: reason}
}

// next names what is at the cursor, for an error.
func (p *parser) next() string {
	p.space()
	if p.done() {
		return "end of the search"
	}
	if p.s[p.i] == '|' {
		return "pipe"
	}
	_, n := utf8.DecodeRuneInString(p.s[p.i:])
	n = max(n, len(p.peekWord()))
	return fmt.Sprintf("%q", p.s[p.i:p.i+n])
}

func (p *parser) unexpected() *Error {
	what := p.next()
	return p.fault(p.i, what, fmt.Sprintf("is not expected in the %s command", p.command))
}

func (p *parser) expected(what string) *Error {
	n := p.next()
	return p.fault(p.i, n, fmt.Sprintf("stands where the %s command needs %s", p.command, what))
}
