package sigma

import (
	"bytes"
	"strings"
)

// Is says whether a file seems to hold Sigma rules, by the keys at the left edge of
// its text: a detection with a logsource, or a correlation, and no search, as ESCU's
// detections have it. It does not say that the rules can be read.
func Is(data []byte) bool {
	keys := map[string]bool{}
	for line := range bytes.Lines(data[:min(len(data), maxFile)]) {
		if key := edgeKey(line); key != "" {
			keys[key] = true
		}
	}
	if keys["search"] && !keys["detection"] {
		return false
	}
	return keys["detection"] && keys["logsource"] || keys["correlation"] && keys["title"]
}

// edgeKey is the key with which a line begins; "" where it begins with none.
func edgeKey(line []byte) string {
	if len(line) > 0 && (line[0] <= ' ' || line[0] == '#' || line[0] == '-') {
		return ""
	}
	key, rest, ok := bytes.Cut(bytes.TrimPrefix(line, []byte("\ufeff")), []byte(":"))
	if !ok || len(key) > 40 || len(rest) > 0 && rest[0] > ' ' {
		return ""
	}
	return strings.Trim(string(key), `"' `)
}
