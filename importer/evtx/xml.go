package evtx

type xmlKind uint8

const (
	xmlFixed    xmlKind = iota // lit[from:to]
	xmlText                    // a value in content
	xmlAttr                    // a value in an attribute
	xmlOptional                // go on at end when the value is missing
	xmlRepeat                  // up to end is one element, written for each item of an array
)

// xmlOp is a step of writing a template as XML.
type xmlOp struct {
	kind     xmlKind
	slot     uint16
	end      int32
	from, to int32
}

// xmlOps is made when the first record of a template is written.
func (t *template) xmlOps(scratch *[]byte) []xmlOp {
	if !t.ready {
		t.ready = true
		w := xmlWriter{t: t, scratch: scratch}
		for i := 0; i < len(t.ops); {
			i = w.op(i)
		}
		w.flush()
	}
	return t.xml
}

type xmlWriter struct {
	t       *template
	from    int // of the fixed text not yet in an op
	attr    bool
	scratch *[]byte
}

func (w *xmlWriter) fixed(s string) { w.t.lit = append(w.t.lit, s...) }

func (w *xmlWriter) flush() {
	if n := len(w.t.lit); n > w.from {
		w.t.xml = append(w.t.xml, xmlOp{kind: xmlFixed, from: int32(w.from), to: int32(n)})
		w.from = n
	}
}

func (w *xmlWriter) add(o xmlOp) int {
	w.flush()
	w.t.xml = append(w.t.xml, o)
	return len(w.t.xml) - 1
}

// op writes the op at i with all it encloses and returns the next.
func (w *xmlWriter) op(i int) int {
	o := &w.t.ops[i]
	switch o.kind {
	case opElement:
		return w.element(i)
	case opAttr:
		w.attribute(i)
		return int(o.end)
	case opText:
		from := len(w.t.lit)
		w.t.lit = append(w.t.lit, w.t.text[o.from:o.to]...)
		w.t.lit = escape(w.t.lit, from, w.attr, w.scratch)
	case opRaw:
		w.t.lit = append(w.t.lit, w.t.text[o.from:o.to]...)
	case opSub:
		kind := xmlText
		if w.attr {
			kind = xmlAttr
		}
		w.add(xmlOp{kind: kind, slot: o.slot})
	}
	return i + 1
}

func (w *xmlWriter) attribute(i int) {
	o := &w.t.ops[i]
	jumps := w.optionals(i+1, int(o.end))
	w.fixed(" " + o.name + "='")
	w.attr = true
	for j := i + 1; j < int(o.end); {
		j = w.op(j)
	}
	w.attr = false
	w.fixed("'")
	w.land(jumps)
}

func (w *xmlWriter) element(i int) int {
	o := &w.t.ops[i]
	inside := i
	for w.t.ops[inside].kind != opInside {
		inside++
	}
	last := int(o.end) - 1
	var jumps []int
	if o.name != "Event" || len(w.t.xml) > 0 { // the event is there, data or not
		jumps = w.optionals(inside+1, last)
	}
	if last == inside+2 && w.t.ops[inside+1].kind == opSub {
		jumps = append(jumps, w.add(xmlOp{kind: xmlRepeat, slot: w.t.ops[inside+1].slot}))
	}
	w.fixed("<" + o.name)
	for j := i + 1; j < inside; {
		j = w.op(j)
	}
	if o.empty {
		w.fixed("/>")
	} else {
		w.fixed(">")
		for j := inside + 1; j < last; {
			j = w.op(j)
		}
		w.fixed("</" + o.name + ">")
	}
	w.land(jumps)
	return int(o.end)
}

// optionals adds a jump for each optional value that stands directly in
// from:to: Windows leaves out what encloses a missing one.
func (w *xmlWriter) optionals(from, to int) (jumps []int) {
	for j := from; j < to; j++ {
		switch o := &w.t.ops[j]; {
		case o.kind == opElement:
			j = int(o.end) - 1
		case o.kind == opSub && o.optional:
			jumps = append(jumps, w.add(xmlOp{kind: xmlOptional, slot: o.slot}))
		}
	}
	return jumps
}

func (w *xmlWriter) land(jumps []int) {
	if len(jumps) == 0 {
		return
	}
	w.flush()
	for _, j := range jumps {
		w.t.xml[j].end = int32(len(w.t.xml))
	}
}
