package archive

import (
	"strings"
	"unicode/utf8"
)

// cp437 are the characters above ASCII of the code page that zip names are in
// when they do not say UTF-8.
var cp437 = []rune(
	"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0")

// zipName decodes a name of a zip: UTF-8 where it is that, as most tools write
// it today with the flag or without, else code page 437, which has a character
// for every byte, so that two names stay two.
func zipName(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		if c < 0x80 {
			s.WriteByte(c)
		} else {
			s.WriteRune(cp437[c-0x80])
		}
	}
	return s.String()
}

// tarName decodes a name of a tar, which does not say what it is in: UTF-8, or
// else Latin-1.
func tarName(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	var s strings.Builder
	for i := range len(name) {
		s.WriteRune(rune(name[i]))
	}
	return s.String()
}
