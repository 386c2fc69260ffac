// Package unseen knows the characters that a reader of a text does not see, or
// that move what stands beside them: controls, marks of direction, what has no
// width, blank letters. Who shows, prints or encodes text asks it; how such a
// character is shown is theirs.
package unseen

import "unicode"

// Rune says whether a character is not seen, or moves others. A space is seen.
func Rune(r rune) bool {
	if r >= ' ' && r < 0x7f {
		return false
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Co, unicode.Variation_Selector, unicode.Zs) || blank[r]
}

// blank are letters and marks that draw nothing.
var blank = map[rune]bool{0x034f: true, 0x115f: true, 0x1160: true, 0x17b4: true, 0x17b5: true, 0x2800: true,
	0x3164: true, 0xffa0: true}
