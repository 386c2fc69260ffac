package sevenz

import (
	"compress/bzip2"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"io"
	"unicode/utf16"

	"github.com/klauspost/compress/flate"

	"escutcheon/importer/archive/inflate64"
	"escutcheon/importer/archive/stream"
)

// The methods that are read.
const (
	methodDeflate64 = "\x04\x01\x09"
	methodCopy      = "\x00"
	methodDelta     = "\x03"
	methodLZMA      = "\x03\x01\x01"
	methodDeflate   = "\x04\x01\x08"
	methodBzip2     = "\x04\x02\x02"
	methodZstd      = "\x04\xf7\x11\x01"
	methodAES       = "\x06\xf1\x07\x01"
	methodLZMA2     = "\x21"
)

// unpack reads a block from its beginning.
func (z *Reader) unpack(b *block) (io.Reader, error) {
	switch {
	case b.bad:
		return nil, ErrMethod
	case b.encrypted() && z.opt.Password == "":
		return nil, ErrPassword
	case b.offset > z.size || b.packed > z.size-b.offset:
		return nil, ErrCut
	}
	var r io.Reader = &source{z: z, r: io.NewSectionReader(z.r, b.offset, b.packed)}
	packed := uint64(b.packed)
	for i := range b.coders {
		next, err := z.coder(&b.coders[i], packed, r)
		if err != nil {
			return nil, z.failed(b, err)
		}
		r = io.LimitReader(next, b.coders[i].size)
		if c := &b.coders[i]; c.id != methodAES && c.id != methodCopy {
			packed = uint64(c.size)
		}
	}
	return &unpacked{z: z, b: b, r: r}, nil
}

// source notes what goes wrong while packed bytes are read.
type source struct {
	z *Reader
	r io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.z.broken = err
	}
	return n, err
}

// unpacked says what errors of decoders mean.
type unpacked struct {
	z *Reader
	b *block
	r io.Reader
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		err = u.z.failed(u.b, err)
	}
	return n, err
}

func (z *Reader) coder(c *coder, packed uint64, r io.Reader) (io.Reader, error) {
	switch c.id {
	case methodCopy:
		return r, nil
	case methodDelta:
		if len(c.props) != 1 {
			return nil, ErrDamaged
		}
		return &delta{r: r, back: int(c.props[0]) + 1}, nil
	case methodLZMA:
		return stream.LZMA(c.props, uint64(c.size), packed, r)
	case methodLZMA2:
		return stream.LZMA2(c.props, uint64(c.size), packed, r)
	case methodDeflate:
		return flate.NewReader(r), nil
	case methodDeflate64:
		return inflate64.NewReader(r), nil
	case methodBzip2:
		return bzip2.NewReader(r), nil
	case methodZstd:
		return stream.Zstandard(r)
	case methodAES:
		return z.decrypt(c.props, r)
	}
	return nil, ErrMethod
}

// failed says what an error of a block's decoders means.
func (z *Reader) failed(b *block, err error) error {
	for _, own := range []error{ErrMethod, ErrPassword, ErrWrongPassword, ErrTooBig} {
		if errors.Is(err, own) {
			return own
		}
	}
	switch {
	case z.broken != nil:
		return z.broken
	case stream.TooBig(err):
		return ErrTooBig
	case b.encrypted() && !z.proved:
		return ErrWrongPassword
	}
	return ErrDamaged
}

// delta undoes the filter of the same name.
type delta struct {
	r    io.Reader
	back int
	last [256]byte
	at   int
}

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		d.last[d.at] += p[i]
		p[i] = d.last[d.at]
		d.at = (d.at + 1) % d.back
	}
	return n, err
}

// keys holds the last key, as all blocks of an archive mostly share it, and
// how many rounds were spent on making them. 7-Zip takes 2^19 for a key, and
// the same one for all of an archive; 2^22 are a fraction of a second.
type keys struct {
	of    string
	key   [32]byte
	spent int64
}

const maxRounds = 1 << 22

func (k *keys) make(password string, salt []byte, power int) ([]byte, error) {
	of := string(rune(power)) + string(salt)
	if k.of == of {
		return k.key[:], nil
	}
	var secret []byte
	for _, u := range utf16.Encode([]rune(password)) {
		secret = le.AppendUint16(secret, u)
	}
	if power == 0x3f { // no hashing at all
		k.key = [32]byte{}
		copy(k.key[:], append(append([]byte(nil), salt...), secret...))
		k.of = of
		return k.key[:], nil
	}
	if power > 22 || k.spent+1<<power > maxRounds {
		return nil, ErrMethod
	}
	k.spent += 1 << power
	unit := append(append(append([]byte(nil), salt...), secret...), make([]byte, 8)...)
	h := sha256.New()
	for i := range uint64(1) << power {
		le.PutUint64(unit[len(unit)-8:], i)
		h.Write(unit)
	}
	h.Sum(k.key[:0])
	k.of = of
	return k.key[:], nil
}

// decrypt undoes AES-256 in CBC mode.
func (z *Reader) decrypt(props []byte, r io.Reader) (io.Reader, error) {
	if len(props) == 0 {
		return nil, ErrDamaged
	}
	power := int(props[0] & 0x3f)
	var salt, iv []byte
	if props[0]&0xc0 != 0 {
		if len(props) < 2 {
			return nil, ErrDamaged
		}
		s, v := int(props[0]>>7+props[1]>>4), int(props[0]>>6&1+props[1]&0x0f)
		if len(props) != 2+s+v || v > aes.BlockSize {
			return nil, ErrDamaged
		}
		salt, iv = props[2:2+s], props[2+s:]
	}
	key, err := z.keys.make(z.opt.Password, salt, power)
	if err != nil {
		return nil, err
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	var first [aes.BlockSize]byte
	copy(first[:], iv)
	return &cbc{r: r, mode: cipher.NewCBCDecrypter(c, first[:])}, nil
}

// cbc decrypts whole blocks; what is left at the end is none.
type cbc struct {
	r    io.Reader
	mode cipher.BlockMode
	buf  [4096]byte
	have []byte
	err  error
}

func (c *cbc) Read(p []byte) (int, error) {
	for len(c.have) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		n, err := io.ReadFull(c.r, c.buf[:])
		if c.err = err; err == io.ErrUnexpectedEOF {
			c.err = io.EOF
		}
		c.have = c.buf[:n-n%aes.BlockSize]
		c.mode.CryptBlocks(c.have, c.have)
	}
	n := copy(p, c.have)
	c.have = c.have[n:]
	return n, nil
}
