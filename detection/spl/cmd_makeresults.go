package spl

import (
	"time"

	"escutcheon/detection/spl/value"
)

// Makeresults makes N rows with nothing but the present moment.
type Makeresults struct {
	Origin
	N int
}

var _ = register("makeresults", parseMakeresults)

func parseMakeresults(p *parser, o Origin) (*Makeresults, *Error) {
	x := &Makeresults{Origin: o, N: 1}
	for !p.end() {
		opt, err := p.option("count", "annotate")
		switch {
		case err != nil:
		case opt.name == "count":
			x.N, err = p.count(opt)
		case opt.name == "annotate":
			var yes bool
			if yes, err = p.truth(opt); yes && err == nil {
				err = p.unsupported(opt)
			}
		default:
			err = p.unexpected()
		}
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

func (x *Makeresults) String() string { return newLine(x.Origin).number("count", x.N, 1).String() }

// Reads is nothing.
func (x *Makeresults) Reads() []string { return nil }

// Sets is the moment.
func (x *Makeresults) Sets() []string { return []string{timeField} }

// Place is a search that is run whole.
func (x *Makeresults) Place() Place { return Whole }

func (x *Makeresults) starts() bool { return true }

func (x *Makeresults) compile(c *compiler, _ shape) (step, shape, *Error) {
	now := c.env.Now
	return step{make: func(e *exec, emit func(*rec) bool) {
		for range x.N {
			r := e.made(nil)
			t := time.Unix(0, r.clock)
			if now != nil {
				t = now(t)
			}
			r.set(timeField, value.Text(value.FormatEpoch(t.UnixNano())))
			if !emit(r) {
				return
			}
		}
	}}, shape{names: []string{timeField}}, nil
}
