package peimage

import (
	"strings"
	"unicode/utf16"
)

const mostBlocks = 512 // of a version resource

// block is a part of a version resource: a key, a value, and further blocks.
type block struct {
	key         string
	value, rest []byte // rest: what follows the value, aligned
}

// nextBlock takes the block that b begins with; ok is false where there is none.
func nextBlock(b []byte) (out block, after []byte, ok bool) {
	if len(b) < 8 {
		return out, nil, false
	}
	size, width := int(le.Uint16(b)), int(le.Uint16(b[2:]))
	if size < 8 || size > len(b) {
		return out, nil, false
	}
	isText := le.Uint16(b[4:]) == 1
	in := b[:size]
	key, at, ended := wide(in, 6)
	if !ended {
		return out, nil, false
	}
	at = min((at+3)&^3, size)
	if isText {
		width *= 2
	}
	end := min(at+width, size)
	out = block{key: key, value: in[at:end], rest: in[min((end+3)&^3, size):]}
	return out, b[min((size+3)&^3, len(b)):], true
}

// wide is the text at an offset that ends at a zero, and where what follows begins.
func wide(b []byte, at int) (text string, after int, ended bool) {
	var units []uint16
	for ; at+2 <= len(b); at += 2 {
		u := le.Uint16(b[at:])
		if u == 0 {
			return string(utf16.Decode(units)), at + 2, true
		}
		if len(units) < mostText {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units)), at, false
}

// version reads the texts of a version resource: those of its first language that has them.
func (r *reader) version(b []byte) {
	root, _, ok := nextBlock(b)
	if !ok || root.key != "VS_VERSION_INFO" {
		return
	}
	into := map[string]*string{"CompanyName": &r.img.Company, "ProductName": &r.img.Product,
		"FileDescription": &r.img.Describes, "OriginalFilename": &r.img.Original, "FileVersion": &r.img.Version}
	left := mostBlocks
	each(root.rest, &left, func(info block) {
		if info.key != "StringFileInfo" {
			return
		}
		each(info.rest, &left, func(table block) {
			each(table.rest, &left, func(s block) {
				if at := into[s.key]; at != nil && *at == "" {
					text, _, _ := wide(s.value, 0)
					*at = strings.ToValidUTF8(text[:min(len(text), mostText)], "")
				}
			})
		})
	})
}

func each(b []byte, left *int, do func(block)) {
	for ok := true; ok && *left > 0; *left-- {
		var one block
		if one, b, ok = nextBlock(b); ok {
			do(one)
		}
	}
}
