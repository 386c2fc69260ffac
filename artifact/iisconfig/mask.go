package iisconfig

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// masked stands for a secret, with four digits of its hash: one that changed shows that.
const masked = "(masked"

func mask(value string) string {
	sum := sha256.Sum256([]byte(value))
	return masked + " " + hex.EncodeToString(sum[:2]) + ")"
}

// The attributes that are secret wherever they stand, and the settings of applications
// whose values are.
var (
	secretName = regexp.MustCompile(`(?i)^(?:validationKey|decryptionKey|sessionKey|connectionString|` +
		`stateConnectionString|sqlConnectionString|pwd|.*password.*|.*secret.*)$`)
	secretSetting = regexp.MustCompile(`(?i)passw|pwd|secret|token|api_?key|access_?key|accountkey|connection_?string|` +
		`credential|private_?key`)
)

// plain are values that are no secrets where a secret may stand.
func plain(value string) bool {
	low := strings.ToLower(strings.TrimSpace(value))
	return low == "" || strings.HasPrefix(low, "autogenerate") || low == "true" || low == "false" ||
		strings.HasPrefix(low, masked) || low == encrypted
}

const encrypted = "[encrypted]"

var encryptedText = regexp.MustCompile(`\[enc:[^\]<>"']*(?:\]|$)`)

// shown is the value of an attribute as it may be shown.
func shown(n *node, name, value string) string {
	if strings.HasPrefix(value, "[enc:") {
		return encrypted
	}
	if (secretName.MatchString(name) || strings.EqualFold(name, "value") && secretSetting.MatchString(n.get("key"))) &&
		!plain(value) {
		return mask(value)
	}
	return value
}

var (
	// secretAttr is an attribute with a secret, in comments and torn tags too.
	secretAttr = regexp.MustCompile(`(?i)([\w.:-]*(?:validationKey|decryptionKey|sessionKey|connectionString|pwd|` +
		`password|secret)[\w.:-]*\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$))`)
	addTag  = regexp.MustCompile(`(?i)<add\s(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|[^<>"'])*>?`)
	keyAttr = regexp.MustCompile(`(?i)\skey\s*=\s*("[^"]*"|'[^']*')`)
	valAttr = regexp.MustCompile(`(?i)(\svalue\s*=\s*)("[^"]*(?:"|$)|'[^']*(?:'|$))`)
)

// Mask is a configuration as text, in UTF-8, without what is secret in it: keys,
// passwords, connection strings, encrypted values. Its lines stay.
func Mask(data []byte) []byte {
	text, _ := decode(data[:min(len(data), mostBytes)])
	text = encryptedText.ReplaceAll(text, []byte(encrypted))
	text = secretAttr.ReplaceAllFunc(text, func(m []byte) []byte {
		parts := secretAttr.FindSubmatch(m)
		return append(bytes.Clone(parts[1]), maskQuoted(parts[2])...)
	})
	return addTag.ReplaceAllFunc(text, func(m []byte) []byte {
		key := keyAttr.FindSubmatch(m)
		if key == nil || !secretSetting.Match(key[1]) {
			return m
		}
		return valAttr.ReplaceAllFunc(m, func(v []byte) []byte {
			parts := valAttr.FindSubmatch(v)
			return append(bytes.Clone(parts[1]), maskQuoted(parts[2])...)
		})
	})
}

// maskQuoted masks a value in its quotes; its line feeds stay.
func maskQuoted(quoted []byte) []byte {
	inner, quote := quoted[1:], quoted[:1]
	end := []byte(nil)
	if len(inner) > 0 && inner[len(inner)-1] == quote[0] {
		inner, end = inner[:len(inner)-1], quote
	}
	if plain(string(inner)) || string(inner) == encrypted {
		return quoted
	}
	out := append(bytes.Clone(quote), mask(text(inner))...)
	out = append(out, bytes.Repeat([]byte("\n"), bytes.Count(inner, []byte("\n")))...)
	return append(out, end...)
}
