package spl

// Xmlkv sets a field for each element that the XML in Input holds.
type Xmlkv struct {
	Origin
	Input string
}

var _ = register("xmlkv", parseXmlkv)

func parseXmlkv(p *parser, o Origin) (*Xmlkv, *Error) {
	x := &Xmlkv{Origin: o, Input: rawField}
	if p.end() {
		return x, nil
	}
	var err *Error
	x.Input, err = p.field()
	return x, err
}

func (x *Xmlkv) String() string {
	if x.Input == rawField {
		return "xmlkv"
	}
	return "xmlkv " + nameText(x.Input)
}

// Reads is the field with the text.
func (x *Xmlkv) Reads() []string { return []string{x.Input} }

// Sets is nothing that is known before.
func (x *Xmlkv) Sets() []string { return nil }

// Place is a row by itself.
func (x *Xmlkv) Place() Place { return EachRow }

func (x *Xmlkv) compile(_ *compiler, in shape) (step, shape, *Error) {
	return allKeysStep(x, x.Input, in)
}
