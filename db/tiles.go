package db

import (
	"encoding/binary"
	"errors"

	"escutcheon/detection/risk"
)

// A tile is a risk.Hour as risk_week keeps it: of one object, rule, run, hour
// and message. A week's tiles are packed into one blob:
//
//	a byte of flags
//	the texts (rules and messages): how many, and of each its length and bytes
//	of each tile: the hour's distance from the one before, the run's from the
//	hour, rule and message by their numbers, count, sum, top, and how many
//	seconds before the hour's end the first and the last risk event are
//
// All numbers are varints, those that may be below 0 zigzag.

// untold says that the messages are left out, as there are too many: they are
// read from the risk events then.
const untold = 1

// mostTold is how many bytes of messages a week holds.
const mostTold = 32 << 10

var errTiles = errors.New("a week of risk is damaged")

// packTiles packs hours, which are sorted by hour.
func packTiles(hours []risk.Hour) []byte {
	var t tilePacker
	told := 0
	for _, h := range hours {
		t.number(h.RuleID)
	}
	for _, h := range hours {
		if n := len(t.texts); t.number(h.Message) == n {
			told += len(h.Message)
		}
	}
	flags := byte(0)
	if told > mostTold {
		flags, t = untold, tilePacker{}
		hours = withoutMessages(hours)
		for _, h := range hours {
			t.number(h.RuleID)
			t.number(h.Message)
		}
	}
	b := binary.AppendUvarint([]byte{flags}, uint64(len(t.texts)))
	for _, s := range t.texts {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	before := int64(0)
	for _, h := range hours {
		hour := risk.HourOf(h.Last)
		end := hour * 3600
		b = binary.AppendVarint(b, hour-before)
		b = binary.AppendVarint(b, h.RunAt/3600-hour)
		b = binary.AppendUvarint(b, uint64(t.number(h.RuleID)))
		b = binary.AppendUvarint(b, uint64(t.number(h.Message)))
		b = binary.AppendUvarint(b, uint64(h.Count))
		b = binary.AppendVarint(b, int64(h.Sum))
		b = binary.AppendVarint(b, int64(h.Top))
		b = binary.AppendUvarint(b, uint64(end-h.First))
		b = binary.AppendUvarint(b, uint64(end-h.Last))
		before = hour
	}
	return b
}

func withoutMessages(hours []risk.Hour) []risk.Hour {
	out := make([]risk.Hour, len(hours))
	for i, h := range hours {
		h.Message = ""
		out[i] = h
	}
	return risk.Tile(out)
}

// tilePacker numbers texts.
type tilePacker struct {
	texts []string
	known map[string]int
}

// number is a text's number, a new one for a new text.
func (t *tilePacker) number(s string) int {
	if len(t.texts) < 8 { // most weeks have one rule and one message
		for i, known := range t.texts {
			if known == s {
				return i
			}
		}
	} else if n, ok := t.known[s]; ok {
		return n
	}
	n := len(t.texts)
	t.texts = append(t.texts, s)
	if n == 7 {
		t.known = make(map[string]int, 16)
		for i, known := range t.texts {
			t.known[known] = i
		}
	} else if n > 7 {
		t.known[s] = n
	}
	return n
}

// unpackTiles is the inverse of packTiles; told is false where the messages are
// left out.
func unpackTiles(b []byte) (hours []risk.Hour, told bool, err error) {
	if len(b) == 0 {
		return nil, false, errTiles
	}
	u := unpacker{b: b[1:]}
	texts := make([]string, u.length())
	for i := range texts {
		texts[i] = u.text()
	}
	hours = make([]risk.Hour, 0, len(u.b)/9)
	hour := int64(0)
	for len(u.b) > 0 && !u.bad {
		hour += u.signed()
		var h risk.Hour
		h.RunAt = (hour + u.signed()) * 3600
		rule, message := u.unsigned(), u.unsigned()
		h.Count, h.Sum, h.Top = int(u.unsigned()), int(u.signed()), int(u.signed())
		h.First, h.Last = hour*3600-int64(u.unsigned()), hour*3600-int64(u.unsigned())
		if rule >= uint64(len(texts)) || message >= uint64(len(texts)) {
			return nil, false, errTiles
		}
		h.RuleID, h.Message = texts[rule], texts[message]
		hours = append(hours, h)
	}
	if u.bad {
		return nil, false, errTiles
	}
	return hours, b[0]&untold == 0, nil
}

// unpacker reads varints; bad says that they ended too soon.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) unsigned() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.b, u.bad = nil, true
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) signed() int64 {
	v, n := binary.Varint(u.b)
	if n <= 0 {
		u.b, u.bad = nil, true
		return 0
	}
	u.b = u.b[n:]
	return v
}

// length is a number of things that take a byte at least each.
func (u *unpacker) length() int {
	n := u.unsigned()
	if n > uint64(len(u.b)) {
		u.b, u.bad = nil, true
		return 0
	}
	return int(n)
}

func (u *unpacker) text() string {
	n := u.length()
	s := string(u.b[:n])
	u.b = u.b[n:]
	return s
}
