package search

import (
	"strings"

	"escutcheon/detection/spl"
)

// wants is what a search wants at a place.
type wants int

const (
	wantsNothing wants = iota
	wantsCommand
	wantsTerm       // a field or a word of the search command
	wantsField      // a field
	wantsExpression // a function of eval, or a field
	wantsAggregate  // an aggregate, or a field
	wantsValue      // of a field
	wantsLookup
	wantsMacro
)

// place is where somebody writes.
type place struct {
	wants      wants
	from       int    // of what is written already, in bytes
	like       string // what that is, without quotes
	quoted     bool   // it has a quote that is not closed
	first      bool   // no command stands before
	field      string // whose value is wanted
	expression bool   // in an expression of eval
	list       bool   // within IN (…)
	index      string // that is asked for; "" for none
	table      string // the lookup whose columns are wanted; "" for none
	apart      bool   // and no field of an event
}

// What commands want besides a field.
var (
	expressions = map[string]bool{"eval": true, "where": true, "fieldformat": true}
	aggregating = map[string]bool{"stats": true, "eventstats": true, "streamstats": true, "tstats": true, "chart": true,
		"timechart": true}
	conditions = map[string]bool{"search": true, "": true}
)

// placeAt is the place behind a text.
func placeAt(before string) (p place) {
	tokens := spl.Tokens(before)
	p.from = len(before)
	if n := len(tokens); n > 0 && tokens[n-1].To == len(before) && isWord(tokens[n-1], before) {
		last := tokens[n-1]
		p.from, p.like = last.From, before[last.From:]
		tokens = tokens[:n-1]
		if q := p.like[0]; q == '"' || q == '\'' {
			p.quoted = q == '"'
			p.like = unquoted(p.like[1:])
		}
		if name, ok := strings.CutPrefix(p.like, "`"); ok && last.Kind == spl.ErrorToken && !strings.ContainsAny(name, "`(") {
			return place{wants: wantsMacro, from: p.from, like: name}
		}
		if last.Kind == spl.CommentToken || last.Kind == spl.MacroToken || closedQuote(before[last.From:]) {
			return place{from: len(before)}
		}
	}
	in := pipeOf(tokens, before)
	p.first, p.index = in.first, indexAsked(tokens, before)
	switch {
	case in.piped:
		p.wants = wantsCommand
	case in.command == "lookup" || in.command == "inputlookup":
		p.apart = in.command == "inputlookup"
		p.wants = wantsField
		if p.table = tableNamed(tokens, before); p.table == "" {
			p.wants = wantsLookup
		}
	case in.command == "eval" && assigned(tokens, before):
		p.wants = wantsExpression
	case p.compared(tokens, before), p.listed(tokens, before):
		p.wants, p.expression = wantsValue, expressions[in.command]
	case expressions[in.command]:
		p.wants = wantsExpression
	case aggregating[in.command]:
		p.wants = wantsAggregate
		if in.fields {
			p.wants = wantsField
		}
	case conditions[in.command]:
		p.wants = wantsTerm
	case in.command != "":
		p.wants = wantsField
	}
	if strings.HasPrefix(before[p.from:], "`") || strings.HasPrefix(before[p.from:], "```") {
		p.wants = wantsNothing
	}
	return p
}

// isWord says whether a token is one that may be written on.
func isWord(t spl.Token, text string) bool {
	switch t.Kind {
	case spl.PipeToken, spl.BracketToken, spl.MarkToken:
		return false
	case spl.OperatorToken:
		return strings.Trim(text[t.From:t.To], "!<>=+-*/%.") != ""
	case spl.ErrorToken:
		return text[t.From:t.To] != "]" && text[t.From:t.To] != "["
	}
	return true
}

// closedQuote says whether a text in quotes has both.
func closedQuote(s string) bool {
	q := s[0]
	if q != '"' && q != '\'' || len(s) < 2 || s[len(s)-1] != q {
		return false
	}
	back := len(s) - 1 - len(strings.TrimRight(s[:len(s)-1], `\`))
	return q == '\'' || back%2 == 0
}

// unquoted is the text of an open quote.
func unquoted(s string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
}

// within is the command that a place is in.
type within struct {
	command string
	piped   bool // a pipe stands right before
	first   bool // nothing stands before that pipe
	fields  bool // BY or the like stands before
}

func pipeOf(tokens []spl.Token, text string) (in within) {
	var outer []within
	in.command = "search"
	for i, t := range tokens {
		w := text[t.From:t.To]
		switch t.Kind {
		case spl.PipeToken:
			in = within{piped: true, first: i == 0 || tokens[i-1].Kind == spl.BracketToken && text[tokens[i-1].From] == '['}
		case spl.BracketToken:
			if w == "[" {
				outer, in = append(outer, in), within{command: "search"}
			} else if n := len(outer); n > 0 {
				in, outer = outer[n-1], outer[:n-1]
			}
		case spl.CommandToken:
			in = within{command: strings.ToLower(w)}
		case spl.OperatorToken:
			in.piped, in.fields = false, in.fields || strings.EqualFold(w, "by") || strings.EqualFold(w, "over")
		case spl.CommentToken:
		default:
			if in.piped {
				in = within{command: "?"} // one that is not known
			}
		}
	}
	return in
}

// compared says whether an operator stands before, and of which field.
func (p *place) compared(tokens []spl.Token, text string) bool {
	n := len(tokens)
	if n < 2 || tokens[n-1].Kind != spl.OperatorToken {
		return false
	}
	switch text[tokens[n-1].From:tokens[n-1].To] {
	case "=", "!=", "==", "<", ">", "<=", ">=":
		return p.of(tokens[n-2], text)
	}
	return false
}

// assigned says whether an expression begins: behind eval x= and its like.
func assigned(tokens []spl.Token, text string) bool {
	n := len(tokens)
	return n > 2 && text[tokens[n-1].From:tokens[n-1].To] == "=" && (tokens[n-3].Kind == spl.CommandToken ||
		text[tokens[n-3].From:tokens[n-3].To] == ",")
}

// of takes the name of a field.
func (p *place) of(t spl.Token, text string) bool {
	switch t.Kind {
	case spl.FieldToken, spl.WordToken, spl.StringToken:
		p.field = text[t.From:t.To]
		if len(p.field) > 1 && (p.field[0] == '"' || p.field[0] == '\'') {
			p.field = unquoted(p.field[1 : len(p.field)-1])
		}
		return true
	}
	return false
}

// listed says whether the place is within field IN (a, b.
func (p *place) listed(tokens []spl.Token, text string) bool {
	for i := len(tokens) - 1; i > 1; i-- {
		switch w := text[tokens[i].From:tokens[i].To]; {
		case w == "(" && strings.EqualFold(text[tokens[i-1].From:tokens[i-1].To], "in"):
			at := i - 2
			if at > 0 && strings.EqualFold(text[tokens[at].From:tokens[at].To], "not") {
				at--
			}
			p.list = true
			return p.of(tokens[at], text)
		case w != "," && tokens[i].Kind != spl.StringToken && tokens[i].Kind != spl.NumberToken &&
			tokens[i].Kind != spl.WordToken && tokens[i].Kind != spl.FieldToken:
			return false
		}
	}
	return false
}
