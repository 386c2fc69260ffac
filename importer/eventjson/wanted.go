package eventjson

import (
	"escutcheon/event"
	"escutcheon/importer/record"
)

// needs are the members of NXLog's objects, by their roles, that make fields that
// are asked for.
type needs struct {
	of    *record.Wanted
	roles [nxOpcodeValue + 1]bool
}

// nxlogFields are the fields that a role has a part in.
var nxlogFields = [nxOpcodeValue + 1][]string{
	nxTime: {"EventTime"}, nxStamp: {"@timestamp"}, nxCreated: {"TimeCreated"}, nxComputer: {"ComputerName"},
	nxProvider: {"SourceName", "OpCode", "Message"}, nxRecord: {"RecordNumber"}, nxOpcode: {"OpCode"},
	nxMessage: {"Message"}, nxSid: {"Sid"}, nxCategory: {"TaskCategory"}, nxType: {"EventType", "Type"},
	nxSeverity: {"Severity", "Type"}, nxGUID: {"ProviderGuid", "OpCode", "Message"},
	nxOpcodeValue: {"OpcodeValue", "OpCode"},
}

func (n *needs) renew(w *record.Wanted) {
	if n.of == w {
		return
	}
	n.of = w
	for role, fields := range nxlogFields {
		n.roles[role] = w.Any(fields...)
	}
	n.roles[nxChannel], n.roles[nxCode] = true, true // they say what a message holds
	for _, role := range []nxlogRole{nxTime, nxStamp, nxCreated} {
		n.roles[role] = n.roles[role] || w.Time
	}
}

// skim is what one look over an object found.
type skim struct {
	end   int // of the object, or unread
	marks marks
	// message is where the value of the one message is that was passed over; 0 for
	// none.
	message int
}

// wanted fills e with what is asked for where that is not everything and the
// window begins with an object of NXLog's whose members are all plain. It returns
// where the object ends, or unread for any other, and why it is no event, or "".
func (r *reader) wanted(e *event.Event) (end int, reason string) {
	w := r.opt.Wanted
	if w == nil {
		return unread, ""
	}
	r.needs.renew(w)
	b := r.sc.Window()
	s := r.skim(b, r.sc.Text(len(b)))
	if s.end == unread || !s.marks.nxlog() || !r.plain(b[:s.end]) {
		r.opt.Wanted = nil // everything, then
		return unread, ""
	}
	raw, offset := r.sc.Text(s.end), r.sc.Offset()
	if e.Raw, e.Offset = raw, offset; !r.fillWanted(e) {
		r.opt.Wanted = nil
		return unread, ""
	}
	if s.message > 0 && w.InMessage(e) {
		n := node{kind: '"', known: knownAs("Message")}
		r.tree.text(b, s.message, &n.from, &n.to, &n.unescaped)
		r.tree.add(&n)
		r.tree.nodes[0].end++
		e.Reset()
		e.Raw, e.Offset = raw, offset
		r.fillWanted(e)
	}
	return s.end, ""
}

// fillWanted fills e from the members that were kept, and says whether it is an
// event.
func (r *reader) fillWanted(e *event.Event) bool {
	t := &r.tree
	for i := range t.nodes {
		if n := &t.nodes[i]; i > 0 && n.known.nxlog == nxMessage {
			t.straighten(i)
		}
	}
	t.bind(e.Raw)
	t.settle()
	if r.nxlog(e, t.nodes, 0) != "" {
		return false
	}
	record.SetComputer(e, r.opt.Computer)
	record.FieldsFromMessage(e)
	return true
}

// skim reads the object that b, which is text, begins with into nodes of the
// members that are asked for. One with a nested value, or too many, is left to
// others.
func (r *reader) skim(b []byte, text string) (s skim) {
	t := &r.tree
	t.forget()
	t.nodes, t.plain, t.high, t.names = append(t.nodes[:0], node{kind: '{'}), t.plain[:0], 0, false
	at := 1
	for range record.MostWanted {
		n := node{known: &unknown}
		if at = t.key(b, at, &n); at == unread || n.keyUnescaped {
			return skim{}
		}
		key := text[n.keyFrom:n.keyTo]
		n.known = knownAs(key)
		keep := n.known.nxlog == nxField && r.opt.Wanted.Has(key) ||
			n.known.nxlog != nxField && r.needs.roles[n.known.nxlog]
		at = skipSpace(b, at)
		from := at
		if at = t.skimValue(b, at, &n, keep); at == unread || !s.note(b, from, &n, keep) {
			return skim{}
		}
		if keep {
			t.add(&n)
		}
		if at = skipSpace(b, at); at == len(b) {
			break
		}
		if b[at] == '}' {
			t.nodes[0].end = int32(len(t.nodes))
			s.end = at + 1
			return s
		}
		if b[at] != ',' {
			break
		}
		at++
	}
	return skim{}
}

// note notes what a member says of its object. It is false where that takes a
// closer look. The value begins at b[from].
func (s *skim) note(b []byte, from int, n *node, keep bool) bool {
	empty := n.from == n.to && !n.unescaped
	switch f := n.known.scalar; {
	case f == mModule && string(b[n.from:n.to]) != moduleType, empty:
	default:
		s.marks |= f
	}
	if keep || n.known.nxlog != nxMessage || empty {
		return true
	}
	if s.message > 0 || n.kind != '"' {
		return false
	}
	s.message = from
	return true
}

// skimValue reads a value that is no container, and passes over one that is not
// kept.
func (t *tree) skimValue(b []byte, at int, n *node, keep bool) (next int) {
	switch {
	case at == len(b) || b[at] == '{' || b[at] == '[':
		return unread
	case b[at] != '"':
		return t.literal(b, at, n)
	}
	n.kind = '"'
	if keep {
		return t.text(b, at, &n.from, &n.to, &n.unescaped)
	}
	return t.pass(b, at, n)
}

// pass is text for a string of which only the place is asked for: it stands in b,
// with its escapes.
func (t *tree) pass(b []byte, at int, n *node) (next int) {
	at++
	n.from = int32(at)
	for at = t.stop(b, at); at < len(b); at = t.stop(b, at) {
		if b[at] == '"' {
			n.to = int32(at)
			return at + 1
		}
		n.unescaped = true
		if at+1 == len(b) {
			break
		}
		if unescapes[b[at+1]] != 0 {
			at += 2
			continue
		}
		end := len(t.plain)
		if at = t.unicode(b, at); at == unread {
			break
		}
		t.plain = t.plain[:end]
	}
	return unread
}
