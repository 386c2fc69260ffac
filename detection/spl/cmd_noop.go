package spl

import "strings"

// Noop changes no row, whatever its arguments: they are for Splunk's
// optimiser.
type Noop struct {
	Origin
	Args string
}

var _ = register("noop", parseNoop)

func parseNoop(p *parser, o Origin) (*Noop, *Error) {
	args, err := p.unread()
	return &Noop{o, args}, err
}

// unread passes over a command's arguments and returns their text.
func (p *parser) unread() (string, *Error) {
	start := p.i
	for !p.end() {
		if p.s[p.i] == '"' {
			if _, err := p.quoted(); err != nil {
				return "", err
			}
			continue
		}
		p.i++
	}
	return strings.TrimSpace(p.s[start:p.i]), nil
}

func (x *Noop) String() string { return newLine(x.Origin).add(x.Args).String() }

// Reads is nothing.
func (x *Noop) Reads() []string { return nil }

// Sets is nothing.
func (x *Noop) Sets() []string { return nil }

// Place is a row by itself.
func (x *Noop) Place() Place { return EachRow }

func (x *Noop) compile(_ *compiler, in shape) (step, shape, *Error) {
	return keep(func(*rec) bool { return true }), in, nil
}
