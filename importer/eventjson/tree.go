package eventjson

const mostNodes = 1 << 16

// node is one value of an object. The nodes of a tree stand in the order of
// the text; those within a container follow it, up to its end.
type node struct {
	key, value string
	kind       byte // '{', '[', '"', or 0 for all else
	// Strings that had escapes are in the tree's plain text, the others in what
	// was read.
	keyUnescaped, unescaped  bool
	end                      int32 // position of the first node behind this one
	keyFrom, keyTo, from, to int32
	known                    *meaning // what the key is known for, once asked
}

// tree is an object, parsed. Its memory is used again and again.
type tree struct {
	nodes   []node
	plain   []byte // strings that had escapes
	in      []byte // what was read, where that was no window
	deepest int    // how many containers lie within each other
	names   bool   // a name had escapes
	high    uint64 // some bit is set when a string holds more than ASCII
}

// parse reads the object s. The result is why it cannot be read, or "".
func (t *tree) parse(s string) string {
	t.forget()
	t.in = append(t.in[:0], s...)
	end := t.scan(t.in)
	if len(t.nodes) > mostNodes {
		return reasonSize
	}
	if end == unread {
		return reasonTorn
	}
	t.bind(s)
	t.settle()
	return ""
}

// forget lets go of the strings of what was read before.
func (t *tree) forget() {
	clear(t.nodes)
	if cap(t.plain) > 1<<20 {
		t.plain = nil
	}
	if cap(t.in) > 1<<20 {
		t.in = nil
	}
}

// bind gives the nodes their strings without escapes, all parts of s, the text
// that was scanned. A number is as it is written, null is "".
func (t *tree) bind(s string) {
	for i := range t.nodes {
		n := &t.nodes[i]
		if !n.keyUnescaped {
			n.key = s[n.keyFrom:n.keyTo]
		}
		if !n.unescaped {
			n.value = s[n.from:n.to]
		}
	}
}

// settle gives the nodes their other strings, all parts of one.
func (t *tree) settle() {
	if len(t.plain) == 0 {
		return
	}
	plain := string(t.plain)
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.keyUnescaped {
			n.key = plain[n.keyFrom:n.keyTo]
		}
		if n.unescaped {
			n.value = plain[n.from:n.to]
		}
	}
}
