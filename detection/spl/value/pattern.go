package value

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pattern is a value of the search command, ready to be compared: a number as
// a number, text without case, * for any run of characters, an address range
// (10.0.0.0/8) for the addresses in it.
type Pattern struct {
	text  string
	num   Decimal
	isNum bool
	parts []string // the text between the stars, lower case; nil without a star
	ascii bool     // of parts
	cidr  netip.Prefix
}

// NewPattern reads a value of the search command.
func NewPattern(text string) Pattern {
	p := Pattern{text: text}
	if strings.Contains(text, "*") {
		p.parts = strings.Split(strings.ToLower(text), "*")
		p.ascii = IsASCII(text)
		return p
	}
	p.num, p.isNum = ParseDecimal(text)
	if strings.Contains(text, "/") {
		p.cidr, _ = netip.ParsePrefix(text) // an invalid one holds no address
	}
	return p
}

// Match says whether a value equals the pattern.
func (p *Pattern) Match(v string) bool {
	if p.parts != nil {
		return p.glob(v)
	}
	if p.isNum {
		n, ok := ParseDecimal(v)
		return ok && n.Compare(p.num) == 0
	}
	return strings.EqualFold(v, p.text) || p.cidr.IsValid() && InPrefix(p.cidr, v)
}

// Order compares a value with the pattern for < and >: as numbers when both
// are, else as text without case.
func (p *Pattern) Order(v string) int {
	if n, ok := ParseDecimal(v); ok && p.isNum {
		return n.Compare(p.num)
	}
	return strings.Compare(strings.ToLower(v), strings.ToLower(p.text))
}

func (p *Pattern) glob(v string) bool {
	if !p.ascii && !IsASCII(v) {
		v = strings.ToLower(v)
	}
	first, last := p.parts[0], p.parts[len(p.parts)-1]
	if len(v) < len(first)+len(last) || !HasPrefixFold(v, first) || !HasPrefixFold(v[len(v)-len(last):], last) {
		return false
	}
	v = v[len(first) : len(v)-len(last)]
	for _, part := range p.parts[1 : len(p.parts)-1] {
		i := indexFold(v, part)
		if i < 0 {
			return false
		}
		v = v[i+len(part):]
	}
	return true
}

// IsASCII says whether a text has no other characters.
func IsASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// LowerByte is an ASCII letter in lower case; other bytes stay.
func LowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// HasPrefixFold compares bytes with the ASCII letters of s in lower case;
// lower is so already.
func HasPrefixFold(s, lower string) bool {
	if len(s) < len(lower) {
		return false
	}
	for i := 0; i < len(lower); i++ {
		if LowerByte(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

func indexFold(s, lower string) int {
	if lower == "" {
		return 0
	}
	c := lower[0]
	for i := 0; i+len(lower) <= len(s); i++ {
		if LowerByte(s[i]) == c && HasPrefixFold(s[i:], lower) {
			return i
		}
	}
	return -1
}

// Term is a word or phrase that is looked for in _raw. It is found where it
// stands between characters that are no letters and no digits, as Splunk cuts
// events into terms; a * reaches over what is no white space.
type Term struct {
	Pattern
	inWord bool // the * may not cross white space
}

// NewTerm reads a word or phrase.
func NewTerm(text string) Term {
	t := Term{Pattern: NewPattern(text)}
	if t.parts == nil {
		t.parts, t.ascii = []string{strings.ToLower(text)}, IsASCII(text)
	}
	t.inWord = len(t.parts) > 1 && !strings.ContainsFunc(text, unicode.IsSpace)
	return t
}

// Find says whether the term stands in a text.
func (t *Term) Find(raw string) bool {
	if !t.ascii {
		raw = strings.ToLower(raw)
	}
	if !t.inWord {
		return t.findIn(raw)
	}
	for word := range strings.FieldsSeq(raw) {
		if t.findIn(word) {
			return true
		}
	}
	return false
}

// findIn takes the leftmost place for each part, which leaves the most room
// for those that follow.
func (t *Term) findIn(s string) bool {
	at, last := 0, len(t.parts)-1
	for k, part := range t.parts {
		if part == "" {
			continue
		}
		i := indexPart(s, at, part, k == 0, k == last)
		if i < 0 {
			return false
		}
		at = i + len(part)
	}
	return true
}

// indexPart finds part in s from at on; head and tail ask that it starts and
// ends where a term does.
func indexPart(s string, at int, part string, head, tail bool) int {
	for {
		i := indexFold(s[at:], part)
		if i < 0 {
			return -1
		}
		i += at
		end := i + len(part)
		if (!head || !joins(s, i)) && (!tail || !joins(s, end)) {
			return i
		}
		at = i + 1
	}
}

// joins says whether letters or digits meet at i, so that no term ends there.
func joins(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return isTermRune(before) && isTermRune(after)
}

func isTermRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// InPrefix says whether a text is an address in a range.
func InPrefix(prefix netip.Prefix, s string) bool {
	if len(s) > 60 {
		return false
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && prefix.Contains(addr.Unmap())
}

// Wild says whether there is a wildcard in it.
func (p *Pattern) Wild() bool { return p.parts != nil }

// IsNumber says whether the pattern is compared as a number.
func (p *Pattern) IsNumber() bool { return p.isNum }

// IsRange says whether it is one of addresses.
func (p *Pattern) IsRange() bool { return p.cidr.IsValid() }
