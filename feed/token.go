package feed

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// FileToken is a token of a file.
type FileToken struct{ Secret, Name, Zone string }

// leastSecret is how long a secret is at least: what is shorter can be guessed.
const leastSecret = 16

// ReadTokens reads a file of tokens: one a line, and behind it what may be left out,
// the feed's name and the zone of times without one, "TOKEN name=iis-farm
// zone=Europe/Berlin". Lines that begin with # say nothing.
func ReadTokens(r io.Reader) (out []FileToken, err error) {
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		words := strings.Fields(strings.TrimPrefix(sc.Text(), "\uFEFF"))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		t := FileToken{Secret: words[0], Name: fmt.Sprintf("token %d of the file", len(out)+1)}
		if len(t.Secret) < leastSecret {
			return nil, fmt.Errorf("line %d: a token has at least %d characters, so that nobody guesses it", n, leastSecret)
		}
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			switch key {
			case "name":
				t.Name = value
			case "zone":
				t.Zone = value
			default:
				return nil, fmt.Errorf("line %d: %q is neither name=… nor zone=…", n, w)
			}
		}
		if _, err := time.LoadLocation(t.Zone); err != nil || t.Zone == "Local" {
			return nil, fmt.Errorf("line %d: there is no time zone %q; name one as in Europe/Berlin", n, t.Zone)
		}
		if t.Name == "" {
			return nil, fmt.Errorf("line %d: the name is empty", n)
		}
		for _, o := range out {
			if o.Secret == t.Secret {
				return nil, fmt.Errorf("line %d: this token stands there twice", n)
			}
		}
		out = append(out, t)
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no token in it: write one a line")
	}
	return out, nil
}

// secretsOf are the texts of a request that may be its token: Splunk TOKEN, Bearer
// TOKEN, Basic with it as password, ApiKey with TOKEN or base64 of ID:TOKEN.
func secretsOf(r *http.Request) ([]string, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, errNoToken
	}
	scheme, value, ok := strings.Cut(header, " ")
	value = strings.TrimSpace(value)
	if !ok || value == "" {
		return nil, errScheme
	}
	switch strings.ToLower(scheme) {
	case "splunk", "bearer":
		return []string{value}, nil
	case "basic":
		if _, password, ok := r.BasicAuth(); ok && password != "" {
			return []string{password}, nil
		}
	case "apikey":
		out := []string{value}
		if b, err := base64.StdEncoding.DecodeString(value); err == nil {
			if _, key, ok := strings.Cut(string(b), ":"); ok && key != "" {
				out = append(out, key)
			}
		}
		return out, nil
	}
	return nil, errScheme
}
