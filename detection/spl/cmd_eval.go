package spl

import "strings"

// Eval sets fields, one after the other.
type Eval struct {
	Origin
	Fields []EvalField
}

// EvalField is Name = X.
type EvalField struct {
	Name string
	X    Ex
}

var _ = register("eval", parseEval)

func parseEval(p *parser, o Origin) (*Eval, *Error) {
	ev := &Eval{Origin: o}
	for {
		f, err := p.name("=,()")
		if err != nil {
			return nil, err
		}
		if !p.eat('=') {
			return nil, p.expected("=")
		}
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		ev.Fields = append(ev.Fields, EvalField{f, x})
		if !p.eat(',') || p.end() {
			return ev, nil
		}
	}
}

func (x *Eval) String() string {
	out := make([]string, len(x.Fields))
	for i, f := range x.Fields {
		out[i] = nameText(f.Name) + " = " + expressionText(f.X)
	}
	return "eval " + strings.Join(out, ", ")
}

// Reads are the fields of the expressions.
func (x *Eval) Reads() (out []string) {
	for _, f := range x.Fields {
		out = append(out, refsOf(f.X)...)
	}
	return out
}

// Sets are the fields on the left.
func (x *Eval) Sets() (out []string) {
	for _, f := range x.Fields {
		out = append(out, f.Name)
	}
	return out
}

// names are the fields as they stand: each before those of its expression.
func (x *Eval) names() (out []string) {
	for _, f := range x.Fields {
		out = append(append(out, f.Name), refsOf(f.X)...)
	}
	return out
}

func (x *Eval) subs() (out []*Sub) {
	for _, f := range x.Fields {
		out = append(out, subsInEx(f.X)...)
	}
	return out
}

// Place is a row by itself.
func (x *Eval) Place() Place { return EachRow }

func (x *Eval) compile(c *compiler, in shape) (step, shape, *Error) {
	fs := make([]evalFn, len(x.Fields))
	for i, f := range x.Fields {
		run, err := c.expr(f.X)
		if err != nil {
			return step{}, in, err
		}
		fs[i] = run
	}
	return change(func(r *rec) {
		for i, f := range fs {
			r.set(x.Fields[i].Name, f(r))
		}
	}), in.with(x.Sets()...), nil
}
