package evtx

// XML is the event as Windows renders it, on one line and without an XML
// declaration; see AppendXML.
func (r *Record) XML() (string, error) {
	b, err := r.AppendXML(nil)
	return string(b), err
}

// AppendXML appends the event's XML: elements, attributes and namespaces in
// the order of the record, values in single quotes, characters that XML cannot
// hold as U+FFFD. The error is a *Skip, for a record whose XML would be longer
// than 1 MiB or that asks for too much work; nothing is appended then.
func (r *Record) AppendXML(dst []byte) ([]byte, error) {
	if r.cloned {
		if r.xml == nil {
			return dst, r.skip(TooMuch)
		}
		return append(dst, r.xml...), nil
	}
	d, from := r.d, len(dst)
	if d == nil {
		return dst, r.skip(BadXML)
	}
	literals := d.nLiterals
	d.work, d.slots = 0, d.slots[:0]
	x := renderer{d: d, base: from}
	out, err := x.fragment(dst, r.binxml, r.binxml+len(r.raw)-recordHeaderSize-4, 0)
	d.nLiterals = literals
	d.chunkWork += d.work
	d.work = 0
	if d.xmlOut += len(out) - from; err == nil && d.xmlOut > xmlPerByte*len(d.chunk) {
		err = fault(TooMuch)
	}
	if err != nil {
		return out[:from], r.skip(reasonOf(err))
	}
	return out, nil
}

func (r *Record) skip(reason Reason) *Skip {
	return &Skip{Chunk: r.Chunk, Offset: r.Offset, Length: int64(r.Size), RecordID: r.ID, Reason: reason}
}

// renderer writes the XML of one record.
type renderer struct {
	d    *Decoder
	base int
}

func (x *renderer) fragment(dst []byte, pos, limit, depth int) ([]byte, error) {
	if depth > maxNesting {
		return dst, fault(TooDeep)
	}
	for pos < limit {
		if err := x.d.spend(1); err != nil {
			return dst, err
		}
		switch x.d.chunk[pos] {
		case tokEnd:
			return dst, nil
		case tokFragment:
			pos += 4
			continue
		}
		t, slots, next, err := x.d.piece(pos, limit)
		if err != nil {
			return dst, err
		}
		ops := t.xmlOps(&x.d.scratch)
		if dst, err = x.run(dst, t, ops, 0, len(ops), slots, depth, Value{}); err != nil {
			return dst, err
		}
		pos = next
	}
	return dst, nil
}

// run writes ops[from:to]; item stands for a value that is an array.
func (x *renderer) run(dst []byte, t *template, ops []xmlOp, from, to int, slots []Value, depth int,
	item Value) ([]byte, error) {
	if err := x.d.spend(to - from); err != nil {
		return dst, err
	}
	for i := from; i < to; i++ {
		o := &ops[i]
		switch o.kind {
		case xmlFixed:
			dst = append(dst, t.lit[o.from:o.to]...)
		case xmlOptional:
			if slots[o.slot].typ == Null {
				i = int(o.end) - 1
			}
		case xmlRepeat:
			v := slots[o.slot]
			if v.typ&Array == 0 {
				continue
			}
			for one := range v.items() {
				var err error
				if dst, err = x.run(dst, t, ops, i+1, int(o.end), slots, depth, one); err != nil {
					return dst, err
				}
			}
			i = int(o.end) - 1
		default:
			v := slots[o.slot]
			if v.typ&Array != 0 && o.kind == xmlText {
				v = item
			}
			var err error
			if dst, err = x.value(dst, v, o.kind == xmlAttr, depth); err != nil {
				return dst, err
			}
		}
		if len(dst)-x.base > maxXML {
			return dst, fault(TooMuch)
		}
	}
	return dst, nil
}

func (x *renderer) value(dst []byte, v Value, attr bool, depth int) ([]byte, error) {
	from := len(dst)
	switch v.typ {
	case Null:
		return dst, nil
	case BinXML:
		if attr {
			return dst, nil
		}
		return x.fragment(dst, int(v.off), int(v.off)+len(v.raw), depth+1)
	case String:
		return escape(appendUTF16(dst, trimUTF16(v.raw)), from, attr, &x.d.scratch), nil
	case ANSIString:
		return escape(v.AppendText(dst), from, attr, &x.d.scratch), nil
	}
	if v.typ&Array != 0 {
		return escape(v.AppendText(dst), from, attr, &x.d.scratch), nil
	}
	return v.appendScalar(dst), nil
}
