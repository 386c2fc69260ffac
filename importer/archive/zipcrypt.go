package archive

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/subtle"
	"errors"
	"hash"
	"hash/crc32"
	"io"
)

// decrypted returns the member's compressed bytes.
func (z *zipFile) decrypted(h *zipHead, src *body) (io.Reader, error) {
	switch {
	case h.flags&flagCrypt == 0:
		return src, nil
	case z.password == "":
		return nil, errorf(ErrPassword, "%q is encrypted: it needs a password.", quoted(h.name))
	case h.method == methodAES && h.aes != nil:
		return z.aes(h, src)
	}
	return z.zipCrypto(h, src)
}

func (z *zipFile) wrong(h *zipHead) error {
	return errorf(ErrWrongPassword, "%q cannot be decrypted: the password is wrong.", quoted(h.name))
}

// proveMost bounds what is read to find out whether a password is right: the
// size of a member, and how many are tried.
const (
	proveMost  = 64 << 20
	proveTries = 3
)

// zipCrypto decrypts PKWARE's old cipher (APPNOTE.TXT 6.1). Its header lets
// one wrong password in 256 pass, so the first member is read whole before it
// is believed.
func (z *zipFile) zipCrypto(h *zipHead, src *body) (io.Reader, error) {
	at, left := src.r, src.left
	r, err := z.zipCryptoOnce(h, src)
	if err != nil || z.proved || h.endless() || h.usize > proveMost || z.tries >= proveTries {
		return r, err
	}
	z.tries++
	out, err := z.decompress(h.method, r, h)
	if err == nil {
		_, err = io.Copy(io.Discard, newCheck(z, h, src, r, out))
	}
	var own *Error
	if errors.As(err, &own) && !src.cut {
		return nil, err
	}
	z.proved = err == nil
	if _, err := at.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	*src = body{left: left, r: at}
	return z.zipCryptoOnce(h, src)
}

func (z *zipFile) zipCryptoOnce(h *zipHead, src *body) (io.Reader, error) {
	var head [12]byte
	if _, err := io.ReadFull(src, head[:]); err != nil {
		return nil, z.said(h, src, err)
	}
	c := newZipCipher(z.password)
	c.decrypt(head[:])
	last := head[11]
	if last != byte(h.crc>>24) && !(h.flags&flagAfter != 0 && last == byte(h.clock>>8)) {
		return nil, z.wrong(h)
	}
	return &zipCryptoReader{src, c}, nil
}

type zipCryptoReader struct {
	r io.Reader
	c *zipCipher
}

func (z *zipCryptoReader) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	z.c.decrypt(p[:n])
	return n, err
}

// zipCipher is the state of PKWARE's old cipher.
type zipCipher struct{ k0, k1, k2 uint32 }

func newZipCipher(password string) *zipCipher {
	c := &zipCipher{0x12345678, 0x23456789, 0x34567890}
	for i := range len(password) {
		c.update(password[i])
	}
	return c
}

func (c *zipCipher) update(b byte) {
	c.k0 = crc32.IEEETable[byte(c.k0)^b] ^ c.k0>>8
	c.k1 = (c.k1+c.k0&0xff)*134775813 + 1
	c.k2 = crc32.IEEETable[byte(c.k2)^byte(c.k1>>24)] ^ c.k2>>8
}

func (c *zipCipher) decrypt(p []byte) {
	for i, b := range p {
		t := c.k2 | 2
		b ^= byte(t * (t ^ 1) >> 8)
		c.update(b)
		p[i] = b
	}
}

// aes decrypts WinZip's AE-1 and AE-2: salt, two bytes that tell most wrong
// passwords, AES in counter mode, ten bytes of HMAC-SHA1.
func (z *zipFile) aes(h *zipHead, src *body) (io.Reader, error) {
	strength := int(h.aes[4])
	if strength < 1 || strength > 3 {
		return nil, errorf(ErrMethod, "%q is encrypted with an AES that is not known.", quoted(h.name))
	}
	keyLen := 8 + 8*strength
	head := make([]byte, keyLen/2+2)
	if src.left < uint64(len(head)+macLen) {
		return nil, damaged("%q is damaged: it is shorter than what encryption adds.", quoted(h.name))
	}
	if _, err := io.ReadFull(src, head); err != nil {
		return nil, z.said(h, src, err)
	}
	salt, tell := head[:keyLen/2], head[keyLen/2:]
	key, err := pbkdf2.Key(sha1.New, z.password, salt, 1000, 2*keyLen+2)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(key[2*keyLen:], tell) != 1 {
		return nil, z.wrong(h)
	}
	block, err := aes.NewCipher(key[:keyLen])
	if err != nil {
		return nil, err
	}
	return &aesReader{src: src, left: src.left - macLen, block: block, mac: hmac.New(sha1.New, key[keyLen:2*keyLen])}, nil
}

const macLen = 10

// aesReader decrypts in counter mode, whose counter WinZip runs from 1 on with
// its lowest byte first.
type aesReader struct {
	src   *body
	left  uint64
	block cipher.Block
	mac   hash.Hash
	count uint64
	pad   [aes.BlockSize]byte
	used  int // bytes of pad that are used up; 0: none made
	err   error
}

var errMAC = errors.New("wrong authentication code")

func (a *aesReader) Read(p []byte) (int, error) {
	if a.err != nil {
		return 0, a.err
	}
	if a.left == 0 {
		a.err = a.verify()
		return 0, a.err
	}
	n, err := a.src.Read(p[:min(uint64(len(p)), a.left)])
	a.left -= uint64(n)
	a.mac.Write(p[:n])
	a.xor(p[:n])
	a.err = err
	return n, err
}

func (a *aesReader) xor(p []byte) {
	for len(p) > 0 {
		if a.used == 0 {
			a.count++
			a.pad = [aes.BlockSize]byte{}
			le.PutUint64(a.pad[:], a.count)
			a.block.Encrypt(a.pad[:], a.pad[:])
		}
		n := subtle.XORBytes(p, p, a.pad[a.used:])
		a.used = (a.used + n) % aes.BlockSize
		p = p[n:]
	}
}

func (a *aesReader) verify() error {
	var want [macLen]byte
	if _, err := io.ReadFull(a.src, want[:]); err != nil {
		return err
	}
	if !hmac.Equal(a.mac.Sum(nil)[:macLen], want[:]) {
		return errMAC
	}
	return io.EOF
}
