package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A certificate that is made here lasts as long as browsers take one, and is
// made anew by a start in its last days.
const (
	selfLasts = 825 * 24 * time.Hour
	selfAnew  = 60 * 24 * time.Hour
)

// SelfSigned sees to it that a file has a key and a certificate for names and
// addresses, made here: it stays as long as it holds.
func SelfSigned(path string, names []string, now time.Time) error {
	if pair, err := tls.LoadX509KeyPair(path, path); err == nil && holds(pair.Leaf, names, now) {
		return os.Chmod(path, 0o600)
	}
	data, err := makeSelfSigned(names, now)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func holds(c *x509.Certificate, names []string, now time.Time) bool {
	for _, name := range names {
		if c.VerifyHostname(name) != nil {
			return false
		}
	}
	return now.After(c.NotBefore) && now.Add(selfAnew).Before(c.NotAfter)
}

func makeSelfSigned(names []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "Escutcheon"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfLasts), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = errors.Join(pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return out.Bytes(), err
}

// OwnNames are the names and addresses under which a server on an address is
// found: those it was given, and those of this machine that it listens on.
func OwnNames(listen string, allowed []string) []string {
	names := append(append([]string{}, loopbackNames...), allowed...)
	addr, err := net.ResolveTCPAddr("tcp", listen)
	if err == nil && addr.IP != nil && !addr.IP.IsUnspecified() {
		return append(names, addr.IP.String())
	}
	all, err := net.InterfaceAddrs()
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && err == nil && !ip.IP.IsLinkLocalUnicast() && !ip.IP.IsLoopback() {
			names = append(names, ip.IP.String())
		}
	}
	return names
}
