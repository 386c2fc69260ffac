package eventjson

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"escutcheon/event"
	"escutcheon/importer/record"
)

// mostPath is how long a dotted name may be.
const mostPath = 1024

const reasonPath = "This object has names longer than 1,024 bytes, which no Windows event has."

const reasonOther = "This JSON object is no Windows event of a shape that is known here."

// decode fills e from its Raw. The result is why it is no event, or "".
func (r *reader) decode(e *event.Event) string {
	if reason := r.tree.parse(record.Text(e, r.opt)); reason != "" {
		return reason
	}
	return r.fill(e, marksOf(r.tree.nodes, 0))
}

// quick fills e from the object that the window begins with where that needs
// one look: the object is there as a whole and in UTF-8, and no string of it has
// a line end, by which torn ones are known. It returns where the object ends, or
// unread for all others, and why it is no event, or "".
func (r *reader) quick(e *event.Event) (end int, reason string) {
	t := &r.tree
	t.forget()
	w := r.sc.Window()
	end = t.scan(w)
	if end == unread || len(t.nodes) > mostNodes || t.deepest > mostDepth || !r.plain(w[:end]) {
		return unread, ""
	}
	e.Raw, e.Offset = r.sc.Text(end), r.sc.Offset()
	t.bind(e.Raw)
	return end, r.fill(e, r.settled())
}

// plain says whether the object that was scanned, with which the window begins,
// is one line of UTF-8.
func (r *reader) plain(w []byte) bool {
	if bytes.IndexByte(w, '\n') >= 0 {
		return false
	}
	if zero := r.sc.Zeros(); zero >= 0 && zero < len(w) {
		return false
	}
	return r.tree.high == 0 || record.Wide(r.opt.Encoding) || utf8.Valid(w)
}

// settled gives the tree its last strings and returns the root's marks. An NXLog
// message has its line ends made straight before, which saves a copy.
func (r *reader) settled() marks {
	t := &r.tree
	if t.names {
		t.settle()
		return marksOf(t.nodes, 0)
	}
	m := marksOf(t.nodes, 0)
	if m.nxlog() {
		for i := 1; i < len(t.nodes); i = int(t.nodes[i].end) {
			if t.nodes[i].known.nxlog == nxMessage {
				t.straighten(i)
			}
		}
	}
	t.settle()
	if m.any(mLater) {
		return marksOf(t.nodes, 0)
	}
	return m
}

// fill fills e from the tree, whose root has these marks.
func (r *reader) fill(e *event.Event, m marks) string {
	if len(r.tree.nodes) == 1 {
		return reasonSkip // {}, as Fluent Bit writes for no metadata
	}
	r.deep = 0
	kind, reason := r.marked(e, r.tree.nodes, 0, 0, m)
	if reason == "" {
		r.kind = kind
		record.SetComputer(e, r.opt.Computer)
		record.FieldsFromMessage(e)
	}
	return reason
}

// names are the dotted names of nested values, each made once.
type names map[string]string

// mostNames and mostName keep hostile names from staying in memory.
const (
	mostNames = 4096
	mostName  = 128
)

func (n names) of(path []byte) string {
	if s, ok := n[string(path)]; ok {
		return s
	}
	s := string(path)
	if len(n) < mostNames && len(s) <= mostName {
		n[s] = s
	}
	return s
}

// walk calls visit for every value below nodes[at], with its dotted path.
// Values of an array have the array's path. visit must not keep path.
// It is false for a name that is too long, which a hostile object could make
// very costly.
func walk(nodes []node, at int, path []byte, visit func(path []byte, n *node)) bool {
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		p := path
		if len(p)+len(nodes[i].key) > mostPath {
			return false
		}
		if nodes[at].kind == '{' {
			if len(p) > 0 {
				p = append(p, '.')
			}
			p = append(p, nodes[i].key...)
		}
		if nodes[i].kind == '{' || nodes[i].kind == '[' {
			if !walk(nodes, i, p, visit) {
				return false
			}
			continue
		}
		visit(p, &nodes[i])
	}
	return true
}

// typeText is a level's name as classic text has it in Type.
func typeText(level string) string {
	var room [24]byte // no name is longer
	low := room[:0]
	for i := range len(level) {
		c := level[i]
		if c >= utf8.RuneSelf { // a letter may have one of ASCII as its small one
			low = []byte(strings.ToLower(level))
			break
		}
		if len(low) == len(room) {
			return record.LevelText(level)
		}
		if c-'A' <= 'Z'-'A' {
			c |= 0x20
		}
		low = append(low, c)
	}
	switch string(low) {
	case "critical":
		return "Critical"
	case "error":
		return "Error"
	case "warning":
		return "Warning"
	case "info", "information", "audit_success", "audit_failure", "logalways", "log always", "success audit",
		"failure audit":
		return "Information"
	case "verbose":
		return "Verbose"
	}
	return record.LevelText(level)
}
