package importer

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf16"

	"escutcheon/event"
	"escutcheon/intake"
)

// What a change to a machine key says are keys: who has them can forge view states. Events
// keep them, as they are evidence, and no view or export of an event shows them.

const maskedKey = "(masked)"

// hasKeys says whether an event is a change to a machine key, or to another value of the
// configuration that is secret.
func hasKeys(e *event.Event) bool {
	if e.EventCode != 29 && e.EventCode != 30 {
		return false
	}
	path, _ := e.Get("Configuration")
	path = strings.ToLower(path)
	return strings.Contains(path, "machinekey") || strings.HasSuffix(path, "password") ||
		strings.HasSuffix(path, "connectionstring") || strings.HasSuffix(path, "sessionkey")
}

// keysOf are the values of such an event that are secret.
func keysOf(e *event.Event) (out []string) {
	if !hasKeys(e) {
		return nil
	}
	for _, name := range []string{"OldValue", "NewValue"} {
		v, _ := e.Get(name)
		low := strings.ToLower(v)
		if len(v) >= 4 && !strings.HasPrefix(low, "autogenerate") && low != "true" && low != "false" {
			out = append(out, v)
		}
	}
	return out
}

// maskKeys hides the keys of an event in its fields and in its record.
func maskKeys(e *event.Event) {
	keys := keysOf(e)
	if keys == nil {
		return
	}
	e.Fields = slices.Clone(e.Fields)
	for i := range e.Fields {
		if slices.Contains(keys, e.Fields[i].Value) {
			e.Fields[i].Value = maskedKey
		}
	}
	e.Raw = string(maskBytes([]byte(e.Raw), keys))
}

// maskBytes writes stars over values in bytes, as UTF-8 and UTF-16, so that all else stays
// where it is.
func maskBytes(data []byte, values []string) []byte {
	for _, v := range values {
		wide := make([]byte, 0, 2*len(v))
		for _, u := range utf16.Encode([]rune(v)) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		stars := bytes.Repeat([]byte("*"), len(v))
		data = bytes.ReplaceAll(data, []byte(v), stars)
		data = bytes.ReplaceAll(data, wide, bytes.Repeat([]byte("*\x00"), len(wide)/2))
	}
	return data
}

// secretsOf are the values of a stored record that are secret; nil: none are.
func secretsOf(r intake.Reading, raw string) []string {
	if !mayHaveKeys(raw) {
		return nil
	}
	var e event.Event
	opt, err := options(r)
	if err != nil || decodeOne(&e, r, raw, opt) != nil {
		return nil
	}
	return keysOf(&e)
}

// keyWords are parts of the paths that are secret, as UTF-8 and UTF-16.
var keyWords = []string{"achineKey", "assword", "onnectionString", "essionKey",
	"a\x00c\x00h\x00i\x00n\x00e\x00K", "a\x00s\x00s\x00w\x00o\x00r\x00d",
	"o\x00n\x00S\x00t\x00r\x00i\x00n\x00g", "s\x00i\x00o\x00n\x00K\x00e\x00y"}

// mayHaveKeys is quick: a path of the configuration that is secret stands in the record.
func mayHaveKeys(raw string) bool {
	for _, word := range keyWords {
		if strings.Contains(raw, word) {
			return true
		}
	}
	return false
}

// Shown is the bytes of a stored record as they may be shown or handed on: without keys.
func Shown(r intake.Reading, raw string) []byte {
	return maskBytes(OriginalBytes(r, raw), secretsOf(r, raw))
}
