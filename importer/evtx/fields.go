package evtx

import "slices"

// run takes the values out of an instance of a template.
func (d *Decoder) run(t *template, slots []Value, ctx place, section string, depth int) error {
	steps := t.plan(ctx)
	if err := d.spend(len(steps)); err != nil {
		return err
	}
	for i := range steps {
		s := &steps[i]
		var v Value
		if s.slot >= 0 {
			v = slots[s.slot]
		} else {
			var err error
			if v, err = d.value(t, s, slots); err != nil {
				return err
			}
		}
		if s.system && v.typ != BinXML {
			if at := &d.rec.System.values[s.id]; at.typ == Null {
				*at = v
			}
			continue
		}
		sec := s.section
		if sec == "" {
			sec = section
		}
		var err error
		if s.plain && v.typ != BinXML && v.typ&Array == 0 {
			err = d.emit(&s.field, sec, v)
		} else {
			err = d.field(t, s, slots, v, sec, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// value is what a step names that is not a value as it stands.
func (d *Decoder) value(t *template, s *step, slots []Value) (Value, error) {
	if s.fixed {
		return Value{raw: t.text[s.textFrom:s.textTo:s.textTo], typ: String, utf8: true}, nil
	}
	return d.compose(t, s.from, s.to, slots)
}

// compose puts text and values together. It is a missing value when it holds
// an optional value that is missing.
func (d *Decoder) compose(t *template, from, to int32, slots []Value) (Value, error) {
	if err := d.spend(int(to - from)); err != nil {
		return Value{}, err
	}
	start := len(d.arena)
	for i := from; i < to; i++ {
		o := &t.ops[i]
		if o.kind != opSub {
			d.arena = append(d.arena, t.text[o.from:o.to]...)
			continue
		}
		v := slots[o.slot]
		if err := d.charge(len(v.raw)); err != nil {
			return Value{}, err
		}
		if v.typ == Null && o.optional {
			return Value{}, nil
		}
		if v.typ != BinXML {
			d.arena = v.AppendText(d.arena)
		}
	}
	return Value{raw: d.arena[start:len(d.arena):len(d.arena)], typ: String, utf8: true}, nil
}

// charge counts bytes that values name.
func (d *Decoder) charge(n int) error {
	d.named += n
	if d.named > maxBytes || d.chunkNamed+d.named > bytesPerByte*len(d.chunk) {
		return fault(TooMuch)
	}
	return nil
}

// field emits a value: one field, one for each item of an array, or what the
// binary XML in it holds.
func (d *Decoder) field(t *template, s *step, slots []Value, v Value, section string, depth int) error {
	if v.typ == BinXML {
		return d.fragment(int(v.off), int(v.off)+len(v.raw), s.ctx, section, depth+1)
	}
	if s.nested && len(v.raw) == 0 {
		return nil
	}
	f := s.field
	if s.namedByOps {
		name, err := d.compose(t, s.nameFrom, s.nameTo, slots)
		if err != nil {
			return err
		}
		f.Name = string(name.raw)
	}
	if v.typ&Array == 0 {
		return d.emit(&f, section, v)
	}
	for item := range v.items() {
		if err := d.emit(&f, section, item); err != nil {
			return err
		}
	}
	return nil
}

// emit appends a field that is named as f is.
func (d *Decoder) emit(f *Field, section string, v Value) error {
	if err := d.charge(len(v.raw)); err != nil {
		return err
	}
	n := len(d.rec.Fields)
	if n >= maxFields || d.chunkFields+n >= maxChunkFields {
		return fault(TooMuch)
	}
	if n == cap(d.rec.Fields) {
		d.rec.Fields = slices.Grow(d.rec.Fields, 32)
	}
	d.rec.Fields = d.rec.Fields[:n+1]
	to := &d.rec.Fields[n]
	to.Section, to.Element, to.Name, to.Attr, to.Value = section, f.Element, f.Name, f.Attr, v
	return nil
}
