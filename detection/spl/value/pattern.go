package value

import (
	"net/netip"
	"strings"
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

// Wild says whether there is a wildcard in it.
func (p *Pattern) Wild() bool { return p.parts != nil }

// IsNumber says whether the pattern is compared as a number.
func (p *Pattern) IsNumber() bool { return p.isNum }

// IsRange says whether it is one of addresses.
func (p *Pattern) IsRange() bool { return p.cidr.IsValid() }

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

// InPrefix says whether a text is an address in a range.
func InPrefix(prefix netip.Prefix, s string) bool {
	if len(s) > 60 {
		return false
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && prefix.Contains(addr.Unmap())
}
