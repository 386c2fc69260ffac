package sigma

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
)

// dashes are what a flag of a command line may begin with.
var dashes = []string{"-", "/", "–", "—", "―"}

// flagDash is a dash that begins a flag: a letter or digit stands behind it, and none
// before it.
var flagDash = regexp.MustCompile(`(^|[^0-9A-Za-z_])([-/–—―])([0-9A-Za-z_])`)

// maxDashes bounds how many flags of one value are written in all ways.
const maxDashes = 4

func modifyDash(m *item, name string) error {
	return m.eachText(name, func(v itemValue) ([]itemValue, error) {
		ps, ok := dashed(v.p)
		if !ok {
			return nil, fault(v.node, "windash is for values with %d flags at most", maxDashes)
		}
		return v.with(ps), nil
	})
}

// with are values like v with other patterns.
func (v itemValue) with(ps []pattern) []itemValue {
	out := make([]itemValue, len(ps))
	for i, p := range ps {
		out[i] = v
		out[i].p = p
	}
	return out
}

// dashed are a pattern with each of its flags begun in each way.
func dashed(p pattern) (out []pattern, ok bool) {
	out = []pattern{nil}
	flags := 0
	for _, t := range p {
		if t.kind != textToken {
			for i := range out {
				out[i] = append(out[i][:len(out[i]):len(out[i])], t)
			}
			continue
		}
		pieces := cutAtDashes(t.text)
		if flags += len(pieces) - 1; flags > maxDashes {
			return nil, false
		}
		for i, piece := range pieces {
			var next []pattern
			for _, q := range out {
				if i == 0 {
					next = append(next, q.addText(piece))
					continue
				}
				for _, d := range dashes {
					next = append(next, q.addText(d+piece))
				}
			}
			out = next
		}
	}
	return out, true
}

// cutAtDashes cuts a text at the dashes of flags, which are left out.
func cutAtDashes(s string) (out []string) {
	for {
		m := flagDash.FindStringSubmatchIndex(s)
		if m == nil {
			return append(out, s)
		}
		out = append(out, s[:m[4]])
		s = s[m[5]:]
	}
}

// encoded puts what f makes of a value's bytes in its place.
func (m *item) encoded(name string, f func(s string) []string) error {
	return m.eachText(name, func(v itemValue) ([]itemValue, error) {
		text, ok := v.p.literal()
		if !ok {
			return nil, fault(v.node, "a value with wildcards cannot be encoded; contains and its like go behind %s", name)
		}
		if text == "" {
			return nil, fault(v.node, "an empty value cannot be encoded")
		}
		var ps []pattern
		for _, s := range f(text) {
			ps = append(ps, plain(s))
		}
		return v.with(ps), nil
	})
}

func modifyBase64(m *item, name string) error {
	return m.encoded(name, func(s string) []string { return []string{base64.StdEncoding.EncodeToString([]byte(s))} })
}

// Of a text that stands so many bytes behind a multiple of three, the first
// characters and the last ones depend on what stands around it.
var (
	offsetStart = [3]int{0, 2, 3}
	offsetEnd   = [3]int{0, 3, 2}
)

func modifyOffsets(m *item, name string) error {
	return m.encoded(name, func(s string) (out []string) {
		for i := range 3 {
			e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
			from, to := offsetStart[i], len(e)-offsetEnd[(len(s)+i)%3]
			if from < to {
				out = append(out, e[from:to])
			}
		}
		return out
	})
}

func modifyUTF16(m *item, name string) error {
	return m.encoded(name, func(s string) []string {
		var order binary.AppendByteOrder = binary.LittleEndian
		var out []byte
		switch name {
		case "utf16be":
			order = binary.BigEndian
		case "utf16":
			out = append(out, 0xff, 0xfe)
		}
		for _, u := range utf16.Encode([]rune(s)) {
			out = order.AppendUint16(out, u)
		}
		return []string{string(out)}
	})
}
