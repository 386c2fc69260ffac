package sevenz

// block is what 7z calls a folder: a run of packed bytes, how they are
// unpacked, and the members in them.
type block struct {
	coders []coder // the first reads what is packed
	bad    bool    // the coders are no chain
	offset int64   // of the packed bytes in the archive
	packed int64
	crc    uint32
	hasCRC bool
	files  []File

	ins int // packed streams
}

type coder struct {
	id    string
	props []byte
	size  int64 // unpacked
}

// size is how much the block unpacks to.
func (b *block) size() int64 {
	if len(b.coders) == 0 {
		return 0
	}
	return b.coders[len(b.coders)-1].size
}

func (b *block) encrypted() bool {
	for _, c := range b.coders {
		if c.id == methodAES {
			return true
		}
	}
	return false
}

// The most coders in a chain; 7-Zip itself stops at 32.
const maxCoders = 16

// streams reads where the blocks lie and how they are packed.
func (p *parser) streams(size int64) []block {
	var blocks []block
	var start int64
	var packed []int64
	id := p.byte()
	if id == idPack {
		start, packed = p.pack(size)
		id = p.byte()
	}
	if id == idUnpack {
		blocks = p.unpackInfo()
		id = p.byte()
	}
	p.place(blocks, start, packed)
	for i := range blocks {
		blocks[i].files = nil
	}
	if id == idSubstreams {
		p.substreams(blocks)
		id = p.byte()
	} else {
		for i := range blocks {
			b := &blocks[i]
			b.files = []File{{Size: b.size(), crc: b.crc, hasCRC: b.hasCRC}}
		}
	}
	if id != idEnd {
		p.fail(ErrDamaged)
	}
	for i := range blocks {
		blocks[i].number(i)
	}
	return blocks
}

// number tells the files of a block which one they are in, and where.
func (b *block) number(i int) {
	var at int64
	for j := range b.files {
		f := &b.files[j]
		f.block, f.offset, f.Encrypted, f.Packed = i, at, b.encrypted(), -1
		if len(b.files) == 1 {
			f.Packed = b.packed
		}
		at += f.Size
	}
}

func (p *parser) pack(size int64) (start int64, sizes []int64) {
	start = p.length()
	n := p.count(len(p.b), ErrDamaged)
	for p.err == nil {
		switch p.byte() {
		case idSize:
			for range n {
				if p.err != nil {
					return 0, nil
				}
				sizes = append(sizes, p.length())
			}
		case idCRC:
			p.checksums(n, func(int, uint32) {})
		case idEnd:
			if start > size || len(sizes) != n {
				p.fail(ErrCut)
			}
			return start + lenStart, sizes
		default:
			p.fail(ErrDamaged)
		}
	}
	return 0, nil
}

// place gives each block its packed bytes.
func (p *parser) place(blocks []block, at int64, packed []int64) {
	for i := range blocks {
		b := &blocks[i]
		if b.ins > len(packed) {
			p.fail(ErrDamaged)
			return
		}
		b.offset = at
		for _, n := range packed[:b.ins] {
			if n > 1<<62-at {
				p.fail(ErrDamaged)
				return
			}
			at += n
			b.packed += n
		}
		packed = packed[b.ins:]
	}
}

func (p *parser) unpackInfo() []block {
	p.expect(idFolder)
	n := p.count(len(p.b), ErrDamaged)
	if p.byte() != 0 { // in a stream of their own, which nothing writes
		p.fail(ErrMethod)
		return nil
	}
	var blocks []block
	var order [][]int
	for range n {
		b, sizes := p.folder()
		if p.err != nil {
			return nil
		}
		blocks, order = append(blocks, b), append(order, sizes)
	}
	p.expect(idCoderSizes)
	for i := range blocks {
		for _, to := range order[i] {
			if n := p.length(); to >= 0 {
				blocks[i].coders[to].size = n
			}
		}
	}
	for p.err == nil {
		switch p.byte() {
		case idCRC:
			p.checksums(len(blocks), func(i int, crc uint32) { blocks[i].crc, blocks[i].hasCRC = crc, true })
		case idEnd:
			return blocks
		default:
			p.fail(ErrDamaged)
		}
	}
	return nil
}

// folder reads one block's coders and puts them in the order in which bytes
// pass through them. sizes says which of them each size that follows later is
// for; -1: none.
func (p *parser) folder() (b block, sizes []int) {
	n := p.count(maxCoders, ErrMethod)
	coders := make([]coder, n)
	ins, outs := 0, 0
	for i := range coders {
		flag := p.byte()
		coders[i].id = string(p.take(uint64(flag & 0x0f)))
		in, out := 1, 1
		if flag&0x10 != 0 {
			in, out = p.count(maxCoders, ErrMethod), p.count(maxCoders, ErrMethod)
		}
		ins, outs = ins+in, outs+out
		b.bad = b.bad || in != 1 || out != 1
		if flag&0x20 != 0 {
			coders[i].props = p.take(p.number())
		}
	}
	if p.err != nil || outs == 0 || ins < outs-1 {
		p.fail(ErrDamaged)
		return b, nil
	}
	from := make([]int, ins) // which out each in reads; -1: what is packed
	for i := range from {
		from[i] = -1
	}
	for range outs - 1 {
		in, out := p.number(), p.number()
		if in >= uint64(ins) || out >= uint64(outs) {
			p.fail(ErrDamaged)
			return b, nil
		}
		from[in] = int(out)
	}
	if b.ins = ins - (outs - 1); b.ins > 1 {
		for range b.ins {
			p.number()
		}
	}
	sizes = make([]int, outs)
	if b.bad || !b.chain(coders, from, sizes) {
		b.bad, b.coders = true, coders
		for i := range sizes {
			sizes[i] = -1
		}
		sizes[0] = len(coders) - 1 // its real size is not needed
	}
	return b, sizes
}

// chain orders simple coders, each of which reads one other or what is packed.
func (b *block) chain(coders []coder, from, sizes []int) bool {
	next := map[int]int{}
	for in, out := range from {
		if _, twice := next[out]; twice {
			return false
		}
		next[out] = in
	}
	for at, ok := next[-1]; ok; at, ok = next[at] {
		if len(b.coders) == len(coders) {
			return false // a circle
		}
		sizes[at] = len(b.coders)
		b.coders = append(b.coders, coders[at])
	}
	return len(b.coders) == len(coders)
}

// substreams reads how the blocks are divided among members.
func (p *parser) substreams(blocks []block) {
	id := p.byte()
	total := 0
	counts := make([]int, len(blocks))
	for i := range counts {
		counts[i] = 1
		if id == idCounts {
			counts[i] = p.count(p.members, ErrMembers)
		}
		if total += counts[i]; total > p.members {
			p.fail(ErrMembers)
			return
		}
	}
	if id == idCounts {
		id = p.byte()
	}
	for i := range blocks {
		p.divide(&blocks[i], counts[i], id == idSize)
	}
	if id == idSize {
		id = p.byte()
	}
	var missing []*File
	for i := range blocks {
		b := &blocks[i]
		if len(b.files) == 1 && b.hasCRC {
			b.files[0].crc, b.files[0].hasCRC = b.crc, true
			continue
		}
		for j := range b.files {
			missing = append(missing, &b.files[j])
		}
	}
	for p.err == nil && id != idEnd {
		if id != idCRC {
			p.fail(ErrDamaged)
			return
		}
		p.checksums(len(missing), func(i int, crc uint32) { missing[i].crc, missing[i].hasCRC = crc, true })
		id = p.byte()
	}
}

// divide gives a block n members. The last takes what the others leave.
func (p *parser) divide(b *block, n int, sized bool) {
	if n == 0 || p.err != nil {
		return
	}
	b.files = make([]File, n)
	left := b.size()
	for j := range n - 1 {
		if !sized {
			p.fail(ErrDamaged)
			return
		}
		size := p.length()
		if !b.bad && size > left {
			p.fail(ErrDamaged)
			return
		}
		b.files[j].Size = size
		left -= size
	}
	b.files[n-1].Size = max(left, 0)
}
