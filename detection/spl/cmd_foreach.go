package spl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Foreach runs a template of commands for each of some fields: <<FIELD>> in it
// is the field's name, <<MATCHSTR>> what the wildcards of the pattern stand for,
// <<MATCHSEG1>> what the first of them stands for.
type Foreach struct {
	Origin
	Names    []string
	Template string
	Items    string    // mode=: multivalue or json_array, of the values of one field; "" for fields
	words    [5]string // fieldstr=, matchstr=, matchseg1= …: what stands for them
}

var _ = register("foreach", parseForeach)

var foreachOptions = []string{"fieldstr", "matchstr", "matchseg1", "matchseg2", "matchseg3"}

var foreachWords = [5]string{"<<FIELD>>", "<<MATCHSTR>>", "<<MATCHSEG1>>", "<<MATCHSEG2>>", "<<MATCHSEG3>>"}

// maxForeach bounds for how many fields a template is made.
const maxForeach = 10_000

func parseForeach(p *parser, o Origin) (*Foreach, *Error) {
	x := &Foreach{Origin: o, words: foreachWords}
	for p.more() && p.s[p.i] != '[' {
		opt, err := p.option(append([]string{"mode"}, foreachOptions...)...)
		switch {
		case err != nil:
		case opt.name == "mode":
			switch mode := strings.ToLower(opt.value); mode {
			case "multifield":
			case "multivalue", "json_array":
				x.Items = mode
			default:
				err = p.badOption(opt)
			}
		case opt.name != "":
			x.words[slices.Index(foreachOptions, opt.name)] = opt.value
		default:
			var f string
			f, err = p.name(",()=[]")
			x.Names = append(x.Names, f)
		}
		if err != nil {
			return nil, err
		}
	}
	if x.Names == nil || x.Items != "" && (len(x.Names) > 1 || anyWild(x.Names)) {
		return nil, p.expected("a field name")
	}
	return x, x.template(p)
}

// template reads the commands in brackets, and tries them.
func (x *Foreach) template(p *parser) *Error {
	at := p.i
	if !p.eat('[') {
		return p.expected("commands in brackets")
	}
	start := p.i
	for depth := 1; ; p.i++ {
		if p.done() {
			return p.fault(at, "bracket", "is not closed")
		}
		switch p.s[p.i] {
		case '"':
			end := quoteEnd(p.s, p.i)
			if end < 0 {
				return p.fault(p.i, "quote", "is not closed")
			}
			p.i = end - 1
			continue
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	x.Template = strings.TrimSpace(p.s[start:p.i])
	p.i++
	if x.Template == "" {
		return p.fault(at, "bracket", "has no command in it")
	}
	_, err := x.commands(p.env, x.Names[0], strings.ReplaceAll(x.Names[0], "*", "x"))
	return err
}

func (x *Foreach) String() string {
	l := newLine(x.Origin)
	for i, w := range x.words {
		l.option(foreachOptions[i], w, foreachWords[i])
	}
	return l.option("mode", x.Items, "").add(nameList(x.Names), "["+x.Template+"]").String()
}

// Reads are the fields that are named without wildcards.
func (x *Foreach) Reads() (out []string) {
	for _, n := range x.Names {
		if !strings.Contains(n, "*") {
			out = append(out, n)
		}
	}
	return out
}

// Sets is what the template sets for fields named without wildcards.
func (x *Foreach) Sets() (out []string) {
	env := &Env{}
	for _, n := range x.Reads() {
		pipe, _ := x.commands(env, n, n)
		for _, c := range pipe {
			for _, s := range c.Sets() {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// Place is a row by itself.
func (x *Foreach) Place() Place { return EachRow }

// later says that wildcards stand for the columns of all rows.
func (x *Foreach) later(shape) bool { return anyWild(x.Names) }

// commands are those of the template for one field, which fits a pattern.
func (x *Foreach) commands(env *Env, pattern, field string) (Pipeline, *Error) {
	segs, _ := capture(pattern, field)
	with := []string{x.words[0], field, x.words[1], strings.Join(segs, "")}
	for i := range 3 {
		seg := ""
		if i < len(segs) {
			seg = segs[i]
		}
		with = append(with, x.words[2+i], seg)
	}
	if x.Items != "" {
		with = itemWords
	}
	text := "| " + strings.TrimPrefix(strings.NewReplacer(with...).Replace(x.Template), "|")
	if len(text) > maxExpanded {
		return nil, x.fault(strconv.Quote(field), "makes the commands too long")
	}
	p := &parser{src: &source{search: text, text: text, spans: []span{{}}}, s: text, env: env}
	pipe, err := p.pipeline()
	if err == nil && !p.done() {
		err = p.unexpected()
	}
	if err != nil {
		return nil, x.fault(err.Subject, err.Reason+fmt.Sprintf(" (for the field %q)", field))
	}
	for _, c := range pipe {
		if c.Place() != EachRow || len(subsOf(c)) > 0 {
			return nil, x.fault(fmt.Sprintf("command %q", c.From().Name), "is not supported in foreach")
		}
	}
	return pipe, nil
}

func (x *Foreach) fault(subject, reason string) *Error { return refuse(x, subject, reason) }

func (x *Foreach) compile(c *compiler, in shape) (step, shape, *Error) {
	run := &foreachRun{x: x, c: &compiler{src: c.src, env: c.env, whole: c.whole}, in: in}
	out := in
	for _, pattern := range x.Names {
		for _, n := range x.fields(pattern, in.names) {
			steps, after, err := run.steps(pattern, n, out)
			if err != nil {
				return step{}, in, err
			}
			out = after
			run.fixed = append(run.fixed, steps...)
		}
	}
	c.used = append(c.used, run.c.used...)
	if x.Items != "" {
		return step{one: run.items}, out, nil
	}
	return step{one: run.one}, out, nil
}

// fields are those that a pattern stands for.
func (x *Foreach) fields(pattern string, names []string) (out []string) {
	if !strings.Contains(pattern, "*") {
		return []string{pattern}
	}
	for _, n := range names {
		if !strings.HasPrefix(n, "_") && glob(pattern).match(n) {
			out = append(out, n)
		}
	}
	return out
}

// foreachRun is a foreach that runs: for the fields that are known, and for those
// that a row has beside them.
type foreachRun struct {
	x     *Foreach
	c     *compiler
	in    shape
	fixed []step

	mu   sync.Mutex
	more map[[2]string][]step
}

func (f *foreachRun) steps(pattern, field string, in shape) (out []step, after shape, err *Error) {
	pipe, err := f.x.commands(f.c.env, pattern, field)
	if err != nil {
		return nil, in, err
	}
	for _, cmd := range pipe {
		st, next, err := f.c.step(cmd, in)
		if err == nil && st.one == nil {
			err = f.x.fault(fmt.Sprintf("command %q", cmd.From().Name), "is not supported in foreach")
		}
		if err != nil {
			return nil, in, err
		}
		out, in = append(out, st), next
	}
	return out, in, nil
}

func (f *foreachRun) one(r *rec) bool {
	for i := range f.fixed {
		if !f.fixed[i].one(r) {
			return false
		}
	}
	if !f.in.open {
		return true
	}
	var names []string
	for _, pattern := range f.x.Names {
		if !strings.Contains(pattern, "*") {
			continue
		}
		if names == nil {
			names = slices.Collect(r.names())
		}
		for _, n := range f.x.fields(pattern, names) {
			if slices.Contains(f.in.names, n) {
				continue
			}
			for _, st := range f.known(pattern, n) {
				if !st.one(r) {
					return false
				}
			}
		}
	}
	return true
}

// known are the steps for a field, which are made once.
func (f *foreachRun) known(pattern, field string) []step {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]string{pattern, field}
	steps, ok := f.more[key]
	if !ok && len(f.more) < maxForeach {
		steps, _, _ = f.steps(pattern, field, f.in)
		if f.more == nil {
			f.more = map[[2]string][]step{}
		}
		f.more[key] = steps
	}
	return steps
}
