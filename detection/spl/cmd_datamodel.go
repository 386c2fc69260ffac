package spl

import (
	"fmt"
	"strings"
)

// Datamodel starts from the events of a data model's dataset: with the fields of
// the dataset under its prefix, or with Flat under their names alone.
type Datamodel struct {
	Origin
	Model string // Endpoint.Processes
	Flat  bool
}

var _ = register("datamodel", parseDatamodel)

func parseDatamodel(p *parser, o Origin) (*Datamodel, *Error) {
	x := &Datamodel{Origin: o}
	for p.skipOption("strict_fields", "allow_old_summaries", "summariesonly") {
	}
	p.space()
	at := p.i
	model, err := p.name(",()=[]")
	if err != nil {
		return nil, err
	}
	dataset, err := p.name(",()=[]")
	if err != nil {
		return nil, err
	}
	x.Model = model + "." + dataset[strings.LastIndexByte(dataset, '.')+1:]
	if m, ok := p.env.model(x.Model); !ok || m == nil {
		return nil, p.fault(at, fmt.Sprintf("data model %q", x.Model), "is not supported")
	}
	switch p.word1("search", "flat", "acceleration_search") {
	case "search", "acceleration_search":
	case "flat":
		x.Flat = true
	default:
		return nil, p.expected("search or flat")
	}
	for p.skipOption("strict_fields", "allow_old_summaries", "summariesonly") {
	}
	return x, nil
}

// skipOption passes over an option that changes nothing here.
func (p *parser) skipOption(names ...string) bool {
	opt, err := p.option(names...)
	return err == nil && opt.name != ""
}

func (x *Datamodel) String() string {
	model, dataset, _ := strings.Cut(x.Model, ".")
	mode := "search"
	if x.Flat {
		mode = "flat"
	}
	return newLine(x.Origin).add(nameText(model), nameText(dataset), mode).String()
}

// Reads is nothing.
func (x *Datamodel) Reads() []string { return nil }

// Sets is nothing.
func (x *Datamodel) Sets() []string { return nil }

// Place is a search that is run whole.
func (x *Datamodel) Place() Place { return Whole }

func (x *Datamodel) starts() bool { return true }

func (x *Datamodel) scan(env *Env) (Scan, bool) {
	m, _ := env.model(x.Model)
	return Scan{Model: m, flat: x.Flat}, true
}

func (x *Datamodel) compile(_ *compiler, in shape) (step, shape, *Error) {
	return keep(func(*rec) bool { return true }), in, nil
}
