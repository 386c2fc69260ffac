package spl

import (
	"time"
)

// Append puts the rows of a subsearch after those that there are.
type Append struct {
	Origin
	Options SubOptions
	Sub     *Sub
}

// SubOptions bound the subsearch of append and appendcols; zero is the default.
type SubOptions struct {
	MaxOut  int
	MaxTime int // in seconds
}

var _ = register("append", parseAppend)

func parseAppend(p *parser, o Origin) (x *Append, err *Error) {
	x = &Append{Origin: o}
	if err = x.Options.read(p, nil); err == nil {
		x.Sub, err = p.subsearch()
	}
	return x, err
}

// read reads the options, and those of more by take.
func (s *SubOptions) read(p *parser, take func(option) *Error, more ...string) *Error {
	for {
		opt, err := p.optionTo(",[", append([]string{"maxtime", "maxout", "timeout", "extendtimerange"}, more...)...)
		if err != nil {
			return err
		}
		switch opt.name {
		case "":
			return nil
		case "maxtime":
			s.MaxTime, err = p.count(opt)
		case "maxout":
			s.MaxOut, err = p.count(opt)
		case "timeout":
			_, err = p.count(opt)
		case "extendtimerange":
			_, err = p.truth(opt)
		default:
			err = take(opt)
		}
		if err != nil {
			return err
		}
	}
}

// maxSubOut bounds maxout=, as Splunk does.
const maxSubOut = 50_000

// limits are those of a run, where the options say nothing else.
func (s SubOptions) limits(e *exec) (rows int, long time.Duration) {
	rows, long = e.opt.Limits.SubRows, e.opt.Limits.SubTime
	if s.MaxOut > 0 {
		rows = min(s.MaxOut, maxSubOut)
	}
	if s.MaxTime > 0 {
		long = min(time.Duration(s.MaxTime)*time.Second, long)
	}
	return rows, long
}

func (s SubOptions) add(l *line) *line {
	return l.number("maxtime", s.MaxTime, 0).number("maxout", s.MaxOut, 0)
}

func (x *Append) String() string {
	return x.Options.add(newLine(x.Origin)).add(x.Sub.String()).String()
}

// Reads is nothing.
func (x *Append) Reads() []string { return nil }

// Sets is nothing.
func (x *Append) Sets() []string { return nil }

// Place is all rows of a search that is run whole.
func (x *Append) Place() Place { return Whole }

func (x *Append) subs() []*Sub { return []*Sub{x.Sub} }

func (x *Append) compile(c *compiler, in shape) (step, shape, *Error) {
	more := c.nested[0]
	return step{wide: func(e *exec, rows []*rec) []*rec {
		n, long := x.Options.limits(e)
		return append(rows, e.sub(more, n, long)...)
	}}, in.beside(more.out), nil
}

// beside is what is known of rows of which some are of one shape and some of
// another.
func (s shape) beside(o shape) shape {
	out := s.with(o.names...)
	out.open = s.open || o.open
	out.rows = out.open && (s.rows || !s.open) && (o.rows || !o.open)
	return out
}
