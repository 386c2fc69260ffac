package inflate64

// Codes of up to fast bits are looked up, longer ones decoded bit by bit.
const (
	fast    = 10
	maxBits = 15
)

// codes is a canonical Huffman code.
type codes struct {
	table   [1 << fast]uint16 // symbol<<4 | bits, by the code's bits; 0: longer
	count   [maxBits + 1]int  // codes of each number of bits
	symbols [288]uint16       // by code
}

// build makes the code from the number of bits of each symbol. Codes that are
// left over are refused where they are met; too many are refused here.
func (c *codes) build(bits []byte) error {
	*c = codes{}
	for _, n := range bits {
		c.count[n]++
	}
	c.count[0] = 0
	left := 1
	var first, next [maxBits + 2]int // a code, and its place among symbols
	for n := 1; n <= maxBits; n++ {
		if left = left<<1 - c.count[n]; left < 0 {
			return ErrCorrupt
		}
		first[n+1] = (first[n] + c.count[n]) << 1
		next[n+1] = next[n] + c.count[n]
	}
	code := first
	for s, n := range bits {
		if n == 0 {
			continue
		}
		c.symbols[next[n]] = uint16(s)
		next[n]++
		if n <= fast {
			for at := reversed(code[n], int(n)); at < 1<<fast; at += 1 << n {
				c.table[at] = uint16(s)<<4 | uint16(n)
			}
		}
		code[n]++
	}
	return nil
}

func reversed(code, n int) (out int) {
	for range n {
		out = out<<1 | code&1
		code >>= 1
	}
	return out
}

// next decodes a symbol.
func (c *codes) next(d *reader) (int, error) {
	if d.have < maxBits {
		_ = d.fill(maxBits) // near the end fewer bits may do
	}
	e := c.table[d.acc&(1<<fast-1)]
	if n := uint(e & 15); n > 0 && n <= d.have {
		d.acc >>= n
		d.have -= n
		return int(e >> 4), nil
	}
	code, first, at := 0, 0, 0
	for n := 1; n <= maxBits; n++ {
		b, err := d.bits(1)
		if err != nil {
			return 0, err
		}
		code |= b
		if k := c.count[n]; code-first < k {
			return int(c.symbols[at+code-first]), nil
		}
		at += c.count[n]
		first = (first + c.count[n]) << 1
		code <<= 1
	}
	return 0, ErrCorrupt
}

// fixed makes the codes that need no telling.
func (d *reader) fixed() error {
	var bits [288]byte
	for i := range bits {
		switch {
		case i < 144:
			bits[i] = 8
		case i < 256:
			bits[i] = 9
		case i < 280:
			bits[i] = 7
		default:
			bits[i] = 8
		}
	}
	if err := d.lit.build(bits[:]); err != nil {
		return err
	}
	for i := range 32 {
		bits[i] = 5
	}
	return d.far.build(bits[:32])
}

// order is that in which the bits of the code for codes are told.
var order = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block.
func (d *reader) dynamic() error {
	head, err := d.bits(14)
	if err != nil {
		return err
	}
	lits, fars, lens := head&31+257, head>>5&31+1, head>>10+4
	if lits > 286 {
		return ErrCorrupt
	}
	var bits [286 + 32]byte
	for _, i := range order[:lens] {
		n, err := d.bits(3)
		if err != nil {
			return err
		}
		bits[i] = byte(n)
	}
	if err := d.lit.build(bits[:19]); err != nil {
		return err
	}
	clear(bits[:19])
	for i := 0; i < lits+fars; {
		s, err := d.lit.next(d)
		if err != nil {
			return err
		}
		n, of := 1, byte(s)
		switch {
		case s == 16 && i == 0:
			return ErrCorrupt
		case s == 16:
			n, of = 3, bits[i-1]
		case s == 17:
			n, of = 3, 0
		case s == 18:
			n, of = 11, 0
		}
		if s >= 16 {
			more, err := d.bits([]uint{2, 3, 7}[s-16])
			if err != nil {
				return err
			}
			n += more
		}
		if i+n > lits+fars {
			return ErrCorrupt
		}
		for range n {
			bits[i] = of
			i++
		}
	}
	if err := d.lit.build(bits[:lits]); err != nil {
		return err
	}
	return d.far.build(bits[lits : lits+fars])
}
