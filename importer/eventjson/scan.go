package eventjson

// unread is what scan says of what is no value, or not whole.
const unread = 0

// scan reads the object, or other value, that b begins with into nodes that say
// where in b, or in plain, their keys and values are. It returns where the value
// ends, or unread. Strings may hold any bytes.
func (t *tree) scan(b []byte) (end int) {
	t.nodes, t.plain, t.deepest, t.high, t.names = t.nodes[:0], t.plain[:0], 0, 0, false
	var open [mostDepth + 1]int32 // the containers that the value at hand is in
	depth, at := 0, 0
	n := node{}
	for {
		at = skipSpace(b, at)
		if at == len(b) || len(t.nodes) > mostNodes {
			return unread
		}
		switch c := b[at]; c {
		case '{', '[':
			if depth > mostDepth {
				return unread
			}
			n.kind = c
			open[depth] = int32(len(t.nodes))
			depth++
			t.deepest = max(t.deepest, depth)
			t.nodes = append(t.nodes, n)
			n = node{}
			if at = skipSpace(b, at+1); at < len(b) && b[at] == c+2 { // as it is in ASCII
				break
			}
			if depth > mostDepth {
				return unread
			}
			if c == '{' {
				if at = t.key(b, at, &n); at == unread {
					return unread
				}
			}
			continue
		case '"':
			n.kind = c
			if at = t.text(b, at, &n.from, &n.to, &n.unescaped); at == unread {
				return unread
			}
			t.add(&n)
		default:
			if at = t.literal(b, at, &n); at == unread {
				return unread
			}
			t.add(&n)
		}
		for depth > 0 { // what follows a value
			top := &t.nodes[open[depth-1]]
			if at = skipSpace(b, at); at == len(b) {
				return unread
			}
			if c := b[at]; c == top.kind+2 {
				top.end = int32(len(t.nodes))
				at++
				depth--
				continue
			} else if c != ',' {
				return unread
			}
			at++
			if n = (node{}); top.kind == '{' {
				if at = t.key(b, at, &n); at == unread {
					return unread
				}
			}
			break
		}
		if depth == 0 {
			return at
		}
	}
}

// add appends a node that holds no others.
func (t *tree) add(n *node) {
	n.end = int32(len(t.nodes) + 1)
	t.nodes = append(t.nodes, *n)
}

// key reads a member's name and its colon.
func (t *tree) key(b []byte, at int, n *node) (next int) {
	if at = skipSpace(b, at); at == len(b) || b[at] != '"' {
		return unread
	}
	if at = t.text(b, at, &n.keyFrom, &n.keyTo, &n.keyUnescaped); at == unread {
		return unread
	}
	t.names = t.names || n.keyUnescaped
	if at = skipSpace(b, at); at == len(b) || b[at] != ':' {
		return unread
	}
	return at + 1
}

func skipSpace(b []byte, at int) int {
	for at < len(b) && b[at] <= ' ' {
		at++
	}
	return at
}

// literal reads true, false, null or a number.
func (t *tree) literal(b []byte, at int, n *node) (next int) {
	from := at
	for at < len(b) && !special[b[at]] && b[at] > ' ' {
		at++
	}
	n.from, n.to = int32(from), int32(at)
	switch v := b[from:at]; string(v) {
	case "true", "false":
		return at
	case "null":
		n.to = n.from
		return at
	default:
		if !isNumber(v) {
			return unread
		}
	}
	return at
}

func isNumber(v []byte) bool {
	if len(v) == 0 || v[0] != '-' && v[0]-'0' > 9 {
		return false
	}
	for _, c := range v[1:] {
		if c-'0' > 9 && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			return false
		}
	}
	return v[len(v)-1]-'0' <= 9
}
