package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// What argon2id takes: the second choice of RFC 9106, with one thread.
const (
	passes  = 3
	memory  = 64 << 10 // KiB
	threads = 1
	keyLen  = 32
)

// How long a password is, in characters and in bytes.
const (
	MinPassword = 8
	MaxPassword = 1024
)

// WrongPassword is a sentence that says why a text cannot be a password; "" when it can.
func WrongPassword(password string) string {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return fmt.Sprintf("A password has at least %d characters: a few words are easy to keep.", MinPassword)
	case len(password) > MaxPassword:
		return fmt.Sprintf("A password has at most %d bytes.", MaxPassword)
	}
	return ""
}

// HashPassword is a password as it is kept: PHC's form of argon2id.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		b.EncodeToString(salt), b.EncodeToString(argon2.IDKey([]byte(password), salt, passes, memory, threads, keyLen)))
}

// IsPassword compares a password with what is kept, in the same time whatever it is.
func IsPassword(kept, password string) bool {
	var version, m, t, p int
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p); err != nil ||
		version != argon2.Version || m < 8 || m > 1<<20 || t < 1 || t > 100 || p < 1 || p > 64 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 || len(password) > MaxPassword {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(t), uint32(m), uint8(p), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// NewSecret is a text that nobody guesses: 256 bits.
func NewSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
