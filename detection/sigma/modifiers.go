package sigma

import (
	"net/netip"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// modifier changes an item. An error without a line is one at the modifier itself.
type modifier func(m *item, name string) error

// modifiers are those of the specification's appendix, by name.
var modifiers = map[string]modifier{
	// generic
	"all": modifyAll, "cased": modifyCased, "neq": modifyNeq, "exists": modifyHow,
	"contains": modifyPlace, "startswith": modifyPlace, "endswith": modifyPlace,
	// texts
	"windash": modifyDash, "base64": modifyBase64, "base64offset": modifyOffsets,
	"utf16le": modifyUTF16, "wide": modifyUTF16, "utf16be": modifyUTF16, "utf16": modifyUTF16,
	"re": modifyHow, "i": modifyFlag, "m": modifyFlag, "s": modifyFlag,
	// numbers, dates, addresses
	"lt": modifyNumber, "lte": modifyNumber, "gt": modifyNumber, "gte": modifyNumber,
	"minute": modifyDate, "hour": modifyDate, "day": modifyDate, "week": modifyDate, "month": modifyDate,
	"year": modifyDate, "cidr": modifyHow,
	// specific
	"expand": modifyExpand, "fieldref": modifyHow,
}

// operators are those of numbers, by modifier.
var operators = map[string]string{"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "date": "="}

var decimal = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,18})?$`)

func modifyAll(m *item, _ string) error {
	if m.all = true; !m.many {
		return misplaced("all needs several values")
	}
	return nil
}

func modifyCased(m *item, _ string) error {
	m.cased = true
	return nil
}

func modifyNeq(m *item, _ string) error {
	if m.negated = true; m.field == "" {
		return misplaced("neq needs a field")
	}
	return nil
}

// modifyHow says what the values are: expressions, ranges of addresses, names of
// fields, or whether the field exists.
func modifyHow(m *item, name string) error {
	if m.how != "" {
		return misplaced("it does not go together with " + m.how)
	}
	m.how = name
	return nil
}

func modifyFlag(m *item, name string) error {
	if m.how != "re" {
		return misplaced("it says how a regular expression is read, and stands behind re")
	}
	m.flags += name
	return nil
}

func modifyNumber(m *item, name string) error {
	if m.how != "" && m.how != "date" {
		return misplaced("it does not go together with " + m.how)
	}
	m.how = name
	return nil
}

func modifyDate(m *item, name string) error {
	if m.how != "" || m.field == "" {
		return misplaced("it needs a field with a date")
	}
	m.how, m.datePart = "date", name
	return nil
}

// modifyPlace opens the values at one end, or at both.
func modifyPlace(m *item, name string) error {
	if m.how == "fieldref" {
		m.place = name
		return nil
	}
	if m.how == "re" && name == "contains" { // which it does anyway
		return nil
	}
	if m.how != "" {
		return misplaced("it does not go together with " + m.how)
	}
	m.place = name
	return m.eachText(name, func(v itemValue) ([]itemValue, error) {
		v.p = v.p.open(name != "startswith", name != "endswith")
		return []itemValue{v}, nil
	})
}

// prefixOf reads a range of addresses.
func prefixOf(n *yaml.Node) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(n.Value)
	if err != nil {
		if a, e := netip.ParseAddr(n.Value); e == nil {
			return netip.PrefixFrom(a, a.BitLen()), nil
		}
		return p, fault(n, "%q is no range of addresses", n.Value)
	}
	return p.Masked(), nil
}
