package evtx

import "strings"

// place is where in an event a piece of binary XML stands.
type place uint8

const (
	inTop     place = iota // the whole event
	inEvent                // below Event
	inSystem               // below System
	inSection              // below EventData, UserData or another section
	contexts
)

// step takes one value out of an instance of a template: slot when it is one
// value as it stands, else the ops from:to put together.
type step struct {
	system     bool
	nested     bool // a field only when it holds something
	ctx        place
	id         SystemField
	slot       int32 // or -1
	from, to   int32
	nameFrom   int32 // of a name that the record gives
	nameTo     int32
	section    string // "" is that of the place where the template is used
	field      Field  // names only
	textFrom   int32
	textTo     int32
	fixed      bool // the value is text[textFrom:textTo]
	namedByOps bool // the name is what nameFrom:nameTo make
	plain      bool // neither nested nor namedByOps
}

type plan []step

// plan is the list of steps for a context, made when first asked for.
func (t *template) plan(ctx place) plan {
	if !t.made[ctx] {
		t.made[ctx] = true
		p := planner{t: t, steps: t.plans[ctx][:0]}
		for i := range t.ops {
			if t.ops[i].kind == opElement {
				p.element(i, ctx, "")
				break
			}
		}
		for i := range p.steps {
			p.steps[i].plain = !p.steps[i].nested && !p.steps[i].namedByOps
		}
		t.plans[ctx] = p.steps
	}
	return t.plans[ctx]
}

type planner struct {
	t     *template
	steps []step
}

// element plans the element at op i.
func (p *planner) element(i int, ctx place, section string) {
	o := &p.t.ops[i]
	if ctx == inTop {
		if o.name == "Event" {
			p.children(p.inside(i), int(o.end)-1, inEvent, "", o.name)
			return
		}
		ctx = inEvent
	}
	top := ctx == inEvent
	if top {
		if ctx, section = inSection, o.name; o.name == "System" {
			ctx = inSystem
			p.children(p.inside(i), int(o.end)-1, ctx, section, o.name)
			return
		}
	}
	attrs := p.attributes(i, ctx, section)
	from, to := p.inside(i), int(o.end)-1
	if !p.leaf(from, to) || top {
		p.children(from, to, inSection, section, o.name)
		return
	}
	if ctx == inSystem {
		if id, ok := systemField(o.name, ""); ok {
			s := p.value(from, to)
			s.system, s.id = true, id
			p.steps = append(p.steps, s)
			return
		}
	}
	if from == to && (attrs || ctx == inSystem) {
		return // nothing but its attributes
	}
	s := p.value(from, to)
	s.section, s.ctx, s.field = section, inSection, Field{Element: o.name}
	p.names(&s, i)
	p.steps = append(p.steps, s)
}

// inside is the index of the first op of an element's content.
func (p *planner) inside(i int) int {
	for p.t.ops[i].kind != opInside {
		i++
	}
	return i + 1
}

func (p *planner) leaf(from, to int) bool {
	for _, o := range p.t.ops[from:to] {
		if o.kind == opElement {
			return false
		}
	}
	return true
}

// children plans content that is no leaf: elements, values between them, and
// text that is more than white space.
func (p *planner) children(from, to int, ctx place, section, element string) {
	for i := from; i < to; i++ {
		switch o := &p.t.ops[i]; o.kind {
		case opElement:
			p.element(i, ctx, section)
			i = int(o.end) - 1
		case opSub, opText:
			if o.kind == opText && strings.TrimSpace(string(p.t.text[o.from:o.to])) == "" {
				continue
			}
			s := p.value(i, i+1)
			s.nested, s.section, s.ctx = true, section, ctx
			s.field = Field{Element: element, Name: element}
			p.steps = append(p.steps, s)
		}
	}
}

// attributes plans the attributes of element i, but its name and namespaces.
func (p *planner) attributes(i int, ctx place, section string) (any bool) {
	element := p.t.ops[i].name
	for j := i + 1; p.t.ops[j].kind == opAttr; j = int(p.t.ops[j].end) {
		a := &p.t.ops[j]
		if a.name == "xmlns" || strings.HasPrefix(a.name, "xmlns:") ||
			(a.name == "Name" && ctx != inSystem && nameable(element)) {
			continue
		}
		any = true
		s := p.value(j+1, int(a.end))
		if ctx == inSystem {
			s.id, s.system = systemField(element, a.name)
		}
		if !s.system {
			s.section, s.ctx, s.field = section, inSection, Field{Element: element, Attr: a.name}
			p.names(&s, i)
		}
		p.steps = append(p.steps, s)
	}
	return any
}

// nameable says whether an element's attribute Name names its value.
func nameable(element string) bool { return element == "Data" || element == "ComplexData" }

// names finds what the value of element i is called: the attribute Name of
// Data, which may be missing, or the element's own name.
func (p *planner) names(s *step, i int) {
	element := p.t.ops[i].name
	if !nameable(element) {
		s.field.Name = element
		return
	}
	for j := i + 1; p.t.ops[j].kind == opAttr; j = int(p.t.ops[j].end) {
		a := &p.t.ops[j]
		if a.name != "Name" {
			continue
		}
		v := p.value(j+1, int(a.end))
		if v.fixed {
			s.field.Name = string(p.t.text[v.textFrom:v.textTo])
			continue
		}
		s.namedByOps, s.nameFrom, s.nameTo = true, int32(j+1), a.end
	}
}

// value plans the value that the ops from:to make.
func (p *planner) value(from, to int) step {
	s := step{slot: -1, from: int32(from), to: int32(to)}
	switch {
	case from == to:
		s.fixed = true
	case to == from+1 && p.t.ops[from].kind == opSub:
		s.slot = int32(p.t.ops[from].slot)
	case to == from+1:
		s.fixed, s.textFrom, s.textTo = true, p.t.ops[from].from, p.t.ops[from].to
	}
	return s
}
