package evtx

const templateHeaderSize = 24 // next definition, GUID, size

// template is the template whose definition lies at an offset of the chunk:
// from the cache when another chunk defined the same, else compiled. It always
// returns one, with err set when the definition is damaged.
func (d *Decoder) template(off uint32) *template {
	at := int64(off) + templateHeaderSize
	if off < chunkHeaderSize || at > int64(len(d.chunk)) {
		return &template{err: fault(BadOffset)}
	}
	key := templateKey{GUID(d.chunk[off+4 : off+20]), le.Uint32(d.chunk[off+20:])}
	if int64(key.size) > int64(len(d.chunk))-at {
		return &template{err: fault(BadOffset)}
	}
	for _, t := range d.cache[key] {
		if t.same(d.chunk, int(at)) {
			return t
		}
	}
	t := &template{}
	if _, err := d.compile(t, int(at), int(at)+int(key.size), true); err != nil {
		return &template{err: err}
	}
	t.src = append(t.src, d.chunk[at:at+int64(key.size)]...)
	for i := range t.refs {
		t.refs[i].utf16 = append([]byte(nil), t.refs[i].utf16...)
	}
	d.remember(key, t)
	return t
}

// remember puts a template into the cache, which is emptied when full: a sound
// log has some hundred templates.
func (d *Decoder) remember(key templateKey, t *template) {
	if d.cached >= maxCached || d.bytes+len(t.src) > maxCachedBytes {
		clear(d.cache)
		d.cached, d.bytes = 0, 0
	}
	if same := d.cache[key]; len(same) < maxSameTemplate {
		d.cache[key] = append(same, t)
		d.cached++
		d.bytes += len(t.src)
	}
}
