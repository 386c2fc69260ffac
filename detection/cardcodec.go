package detection

import "encoding/binary"

// cardCodec writes values one after another, or reads them in the same order: what
// describes a card once does both. What is read shares its memory with the card.
type cardCodec struct {
	writing bool
	out     []byte
	in      string // what is yet to be read
	bad     bool   // it is no card, and nothing more is read
}

// number is a whole number.
func (c *cardCodec) number(v int) int {
	if c.writing {
		c.out = binary.AppendVarint(c.out, int64(v))
		return v
	}
	n, size := binary.Varint([]byte(c.in[:min(len(c.in), binary.MaxVarintLen64)]))
	if size <= 0 {
		c.fail()
		return 0
	}
	c.in = c.in[size:]
	return int(n)
}

// length is how long something is of which each has a byte at least, or one less.
func (c *cardCodec) length(n int) int {
	if n = c.number(n); !c.writing && (n < 0 || n > len(c.in)+1) {
		c.fail()
		return 0
	}
	return n
}

func (c *cardCodec) fail() { c.bad, c.in = true, "" }

func (c *cardCodec) numbers(list ...*int) {
	for _, n := range list {
		*n = c.number(*n)
	}
}

func (c *cardCodec) texts(list ...*string) {
	for _, s := range list {
		n := c.length(len(*s))
		switch {
		case c.writing:
			c.out = append(c.out, *s...)
		case n > len(c.in):
			c.fail()
		default:
			*s, c.in = c.in[:n], c.in[n:]
		}
	}
}

// bytes are as many as b has room for.
func (c *cardCodec) bytes(b []byte) {
	switch {
	case c.writing:
		c.out = append(c.out, b...)
	case len(c.in) < len(b):
		c.fail()
	default:
		c.in = c.in[copy(b, c.in):]
	}
}

func (c *cardCodec) list(l *[]string) { items(c, l, func(s *string) { c.texts(s) }) }

// items is a list; none and an empty one are told apart.
func items[T any](c *cardCodec, l *[]T, one func(*T)) {
	n := 0
	if *l != nil {
		n = len(*l) + 1
	}
	if n = c.length(n); n == 0 {
		return
	}
	if !c.writing {
		*l = make([]T, n-1)
	}
	for i := range *l {
		one(&(*l)[i])
	}
}

// pointer says whether there is something, and makes room for it.
func pointer[T any](c *cardCodec, p **T) bool {
	n := 0
	if *p != nil {
		n = 1
	}
	if n = c.length(n); n == 0 {
		return false
	}
	if !c.writing {
		*p = new(T)
	}
	return true
}
