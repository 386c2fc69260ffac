package wire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"escutcheon/wire"
)

// TestIssued: a certificate that another vouches for is told from one that vouches for
// itself (TestSelfSigned), in two files.
func TestIssued(t *testing.T) {
	one := func(name string) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}, key
	}
	issuer, issuerKey := one("issuer.example")
	leaf, key := one("console.example")
	der, err := x509.CreateCertificate(rand.Reader, leaf, issuer, key.Public(), issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for kind, data := range map[string][]byte{"CERTIFICATE": der, "PRIVATE KEY": secret} {
		path := filepath.Join(t.TempDir(), "x.pem")
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		if files = append(files, path); kind == "CERTIFICATE" {
			files[0], files[len(files)-1] = path, files[0]
		}
	}
	c, err := wire.LoadCertificate(files[0], files[1], slog.New(slog.DiscardHandler))
	if err != nil || !c.Issued() {
		t.Errorf("%v", err)
	}
}
