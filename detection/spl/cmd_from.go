package spl

import (
	"fmt"
	"strings"
)

// From starts from a dataset: datamodel:MODEL.DATASET, or lookup:TABLE.
type From struct {
	Origin
	Kind, Name string
	table      *Inputlookup
}

var _ = register("from", parseFrom)

func parseFrom(p *parser, o Origin) (*From, *Error) {
	x := &From{Origin: o}
	p.space()
	at := p.i
	kind := strings.ToLower(p.peekWord())
	p.i += len(kind)
	if !p.eat(':') && p.end() {
		return nil, p.expected("a dataset such as datamodel:Endpoint.Processes")
	}
	x.Kind = kind
	var err *Error
	if x.Name, err = p.datasetName(); err != nil {
		return nil, err
	}
	switch kind {
	case "datamodel":
		if m, ok := p.env.model(x.Name); !ok || m == nil {
			return nil, p.fault(at, fmt.Sprintf("data model %q", x.Name), "is not supported")
		}
	case "lookup", "inputlookup":
		x.Kind, x.table = "lookup", &Inputlookup{Origin: o, Table: x.Name, at: at}
	default:
		return nil, p.fault(at, fmt.Sprintf("dataset %q", kind), "is not supported")
	}
	return x, nil
}

// datasetName reads a name that may be in quotes, whole or part by part.
func (p *parser) datasetName() (string, *Error) {
	name, err := p.name("()=,")
	for err == nil && !p.done() && (p.s[p.i] == '.' || p.s[p.i] == '"') {
		if p.s[p.i] == '.' {
			p.i++
		}
		var more string
		more, err = p.name("()=,")
		name = strings.TrimSuffix(name, ".") + "." + strings.TrimPrefix(more, ".")
	}
	return name, err
}

func (x *From) String() string { return "from " + x.Kind + ":" + quoteText(x.Name) }

// Reads is nothing.
func (x *From) Reads() []string { return nil }

// Sets is nothing.
func (x *From) Sets() []string { return nil }

// Place is a search that is run whole.
func (x *From) Place() Place { return Whole }

func (x *From) starts() bool { return true }

func (x *From) scan(env *Env) (Scan, bool) {
	if x.table != nil {
		return Scan{}, false
	}
	m, _ := env.model(x.Name)
	return Scan{Model: m, flat: true}, true
}

func (x *From) compile(c *compiler, in shape) (step, shape, *Error) {
	if x.table != nil {
		return x.table.compile(c, in)
	}
	return keep(func(*rec) bool { return true }), in, nil
}
