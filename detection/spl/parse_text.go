package spl

import (
	"fmt"
	"strconv"

	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

// pattern reads a regular expression: quoted, or one word.
func (p *parser) pattern() (*rx.Regexp, *Error) {
	p.space()
	at := p.i
	s, err := p.value("")
	if err != nil {
		return nil, err
	}
	re, e := rx.Compile(s)
	if e != nil {
		return nil, p.fault(at, "regular expression", e.Error())
	}
	return re, nil
}

func parseRex(p *parser, o Origin) (Command, *Error) {
	x := &Rex{Origin: o, Field: rawField, Max: 1}
	isSed, seen := false, false
	at, text := 0, ""
	for !p.end() {
		start := p.i
		name, v, err := p.option("field", "max_match", "mode", "offset_field")
		if err != nil {
			return nil, err
		}
		switch name {
		case "field":
			x.Field = v
		case "max_match":
			if x.Max, err = p.count(start, v); err != nil {
				return nil, err
			}
		case "mode":
			if isSed = v == "sed"; !isSed {
				return nil, p.fault(start, fmt.Sprintf("mode %q", v), "is not supported")
			}
		case "offset_field":
			return nil, p.fault(start, "option offset_field", "is not supported")
		case "":
			if seen {
				return nil, p.unexpected()
			}
			at, seen = p.i, true
			if text, err = p.value(""); err != nil {
				return nil, err
			}
		}
	}
	if !seen {
		return nil, p.expected("a regular expression")
	}
	return x, p.rexPattern(x, isSed, at, text)
}

func (p *parser) rexPattern(x *Rex, isSed bool, at int, text string) *Error {
	var err error
	if isSed {
		x.Sed, err = rx.ParseSed(text)
		if err != nil {
			return p.fault(at, "sed expression", err.Error())
		}
		return nil
	}
	if x.RE, err = rx.Compile(text); err != nil {
		return p.fault(at, "regular expression", err.Error())
	}
	for _, n := range x.RE.SubexpNames() {
		if n != "" {
			return nil
		}
	}
	return p.fault(at, "regular expression", "has no named group")
}

func parseRegex(p *parser, o Origin) (Command, *Error) {
	x := &Regex{Origin: o, Field: rawField}
	p.space()
	at := p.i
	if !p.done() && p.s[p.i] != '"' {
		name := p.word()
		switch p.comparison() {
		case "=":
			x.Field = name
		case "!=":
			x.Field, x.Not = name, true
		default:
			p.i = at
		}
	}
	var err *Error
	x.RE, err = p.pattern()
	return x, err
}

func parseBin(p *parser, o Origin) (Command, *Error) {
	b := &Bin{Origin: o}
	spanned := false
	for !p.end() {
		at := p.i
		name, v, err := p.option("span", "bins", "minspan", "start", "end", "aligntime")
		switch {
		case err != nil:
			return nil, err
		case name == "span":
			s, isTime := value.ParseSpan(v)
			n, e := strconv.ParseFloat(v, 64)
			if !isTime && (e != nil || n <= 0) {
				return nil, p.fault(at, fmt.Sprintf("span %q", v), "is not supported")
			}
			b.Time, b.Span, spanned = s, n, true
		case name != "":
			return nil, p.fault(at, fmt.Sprintf("option %q", name), "is not supported")
		case b.Field != "":
			return nil, p.unexpected()
		default:
			if b.Field, err = p.name(",()="); err != nil {
				return nil, err
			}
			b.As = b.Field
			if err := p.as(&b.As); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case b.Field == "":
		return nil, p.expected("a field name")
	case !spanned: // how wide a bin is would depend on all events
		return nil, p.expected("span=")
	case b.Field == timeField && b.Time == (value.Span{}):
		b.Time = value.Span{Every: value.Seconds(b.Span)}
	}
	return b, nil
}

func parseExpand(p *parser, o Origin) (Command, *Error) {
	x := &Expand{Origin: o}
	var err *Error
	if x.Field, err = p.name(",()="); err != nil {
		return nil, err
	}
	at := p.i
	name, v, err := p.option("limit")
	if name != "" && err == nil {
		x.Limit, err = p.count(at, v)
	}
	return x, err
}

func parseNoMV(p *parser, o Origin) (Command, *Error) {
	f, err := p.name(",()=")
	return &MakeMV{Origin: o, Field: f, Join: true}, err
}

func parseCombine(p *parser, o Origin) (Command, *Error) {
	if _, _, err := p.option("delim"); err != nil {
		return nil, err
	}
	f, err := p.name(",()=")
	return &Combine{o, f}, err
}

func parseMakeMV(p *parser, o Origin) (Command, *Error) {
	m := &MakeMV{Origin: o, Delim: " "}
	for !p.end() {
		at := p.i
		name, v, err := p.option("delim", "tokenizer", "allowempty", "setsv")
		if err != nil {
			return nil, err
		}
		switch name {
		case "delim":
			m.Delim = v
		case "allowempty":
			if m.AllowEmpty, err = p.truth(at, v); err != nil {
				return nil, err
			}
		case "tokenizer":
			re, e := rx.Compile(v)
			if e != nil {
				return nil, p.fault(at, "regular expression", e.Error())
			}
			m.Tokens = re
		case "":
			if m.Field != "" {
				return nil, p.unexpected()
			}
			if m.Field, err = p.name(",()="); err != nil {
				return nil, err
			}
		}
	}
	if m.Field == "" {
		return nil, p.expected("a field name")
	}
	return m, nil
}

func parsePaths(p *parser, o Origin) (Command, *Error) {
	x := &Paths{Origin: o, Input: rawField}
	for !p.end() {
		name, v, err := p.option("input", "output", "path")
		switch {
		case err != nil:
			return nil, err
		case name == "input":
			x.Input = v
		case name == "output":
			x.Output = v
		case name == "path":
			x.Path = v
		case x.Path != "":
			return nil, p.unexpected()
		default:
			if x.Path, err = p.value(","); err != nil {
				return nil, err
			}
		}
	}
	if x.Path == "" { // all that the input holds
		x.Keys = true
	}
	if x.Output == "" {
		x.Output = x.Path
	}
	return x, nil
}

func parseXMLKV(p *parser, o Origin) (Command, *Error) {
	x := &Paths{Origin: o, Input: rawField, Keys: true}
	if p.end() {
		return x, nil
	}
	var err *Error
	x.Input, err = p.name(",()=")
	return x, err
}
