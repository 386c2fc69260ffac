package spl

// Spath takes the value at Path out of the JSON in Input into Output; without
// a path it sets a field for each thing that the JSON or XML holds.
type Spath struct {
	Origin
	Input, Output, Path string
}

var _ = register("spath", parseSpath)

func parseSpath(p *parser, o Origin) (*Spath, *Error) {
	x := &Spath{Origin: o, Input: rawField}
	for !p.end() {
		opt, err := p.option("input", "output", "path")
		switch {
		case err != nil:
		case opt.name == "input":
			x.Input = opt.value
		case opt.name == "output":
			x.Output = opt.value
		case opt.name == "path":
			x.Path = opt.value
		case x.Path != "":
			err = p.unexpected()
		default:
			x.Path, err = p.value(",")
		}
		if err != nil {
			return nil, err
		}
	}
	if x.Output == "" {
		x.Output = x.Path
	}
	return x, nil
}

func (x *Spath) String() string {
	return newLine(x.Origin).option("input", x.Input, rawField).option("output", x.Output, x.Path).
		option("path", x.Path, "").String()
}

// Reads is the field with the text.
func (x *Spath) Reads() []string { return []string{x.Input} }

// Sets is the output; what a text holds is known only when it is read.
func (x *Spath) Sets() []string {
	if x.Output == "" {
		return nil
	}
	return []string{x.Output}
}

// Place is a row by itself.
func (x *Spath) Place() Place { return EachRow }

func (x *Spath) compile(_ *compiler, in shape) (step, shape, *Error) {
	if x.Path == "" {
		return allKeysStep(x, x.Input, in)
	}
	return change(func(r *rec) {
		if v := r.value(x.Input); !v.IsNull() {
			if got := jsonPath(v.Text(), x.Path); !got.IsNull() {
				r.set(x.Output, got)
			}
		}
	}), in.with(x.Output), nil
}

// allKeysStep sets a field for each thing that a text holds. Where the columns
// are known it cannot add to them.
func allKeysStep(cmd Command, input string, in shape) (step, shape, *Error) {
	if !in.open {
		return step{}, in, refuse(cmd, "", "is not supported after stats")
	}
	return change(func(r *rec) { allKeys(r, r.value(input).Text()) }), in, nil
}
