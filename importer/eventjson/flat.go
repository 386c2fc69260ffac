package eventjson

// flat takes the members of nodes[at] by a table. What it does not have
// becomes a field, nested values under dotted names.
func (d *draft) flat(t table, nodes []node, at int) {
	for i := at + 1; i < int(nodes[at].end) && d.bad == ""; i = int(nodes[i].end) {
		n := &nodes[i]
		c := t[n.key]
		switch {
		case c.role == asNothing:
		case n.kind != '{' && n.kind != '[':
			d.put(c, n.key, n.value)
		case c.role == asData:
			d.eventData(nodes, i)
		case c.role == asInserts:
			d.inserts(nodes, i)
		case c.role == asField && c.name == "":
			if len(n.key) > mostPath || !d.nested(nodes, i) {
				d.bad = reasonPath
			}
		default:
			d.several(c, nodes, i)
		}
	}
}

// nested adds the values of the object or array nodes[i] under dotted names.
func (d *draft) nested(nodes []node, i int) bool {
	return walk(nodes, i, []byte(nodes[i].key), func(path []byte, n *node) {
		if n.value != "" {
			d.put(column{}, d.r.names.of(path), n.value)
		}
	})
}

// several puts each value of an array, or of an object the one that stands for
// it: PowerShell writes dates, SIDs and lists as objects.
func (d *draft) several(c column, nodes []node, at int) {
	if nodes[at].kind == '{' {
		for _, key := range [...]string{"Value", "value", "#text", "DateTime"} {
			if i := child(nodes, at, key); i > 0 {
				if nodes[i].kind == '[' || nodes[i].kind == '{' {
					d.several(c, nodes, i)
				} else {
					d.put(c, nodes[at].key, nodes[i].value)
				}
				return
			}
		}
		return
	}
	for i := at + 1; i < int(nodes[at].end); i = int(nodes[i].end) {
		if nodes[i].kind == '{' || nodes[i].kind == '[' {
			d.several(c, nodes, i)
			continue
		}
		d.put(c, nodes[at].key, nodes[i].value)
	}
}
