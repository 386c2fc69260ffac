package detection

import (
	"fmt"
	"strings"

	"escutcheon/detection/spl"
)

// stanza is one section of a Splunk .conf file.
type stanza struct {
	name string
	keys map[string]string
}

// stanzas reads a Splunk .conf file: [name], then key = value, a backslash at
// the end of a line going on with the next.
func stanzas(text string) []stanza {
	var out []stanza
	next, rest := "", strings.ReplaceAll(text, "\r\n", "\n")
	for more := true; more; {
		next, rest, more = strings.Cut(rest, "\n")
		line := next
		if s := strings.TrimSpace(line); s == "" || s[0] == '#' {
			continue
		}
		var b strings.Builder
		for strings.HasSuffix(line, `\`) && more {
			b.WriteString(strings.TrimSuffix(line, `\`))
			b.WriteByte('\n')
			line, rest, more = strings.Cut(rest, "\n")
		}
		b.WriteString(line)
		line = strings.TrimSpace(b.String())
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			out = append(out, stanza{line[1 : len(line)-1], map[string]string{}})
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && len(out) > 0 {
			out[len(out)-1].keys[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return out
}

// ParseMacrosConf reads Splunk's macros.conf: a stanza for each macro, named
// name or name(n), with definition and args.
func ParseMacrosConf(data []byte) (spl.Macros, error) {
	out := spl.Macros{}
	for _, s := range stanzas(string(data)) {
		definition, ok := s.keys["definition"]
		if !ok || s.name == "default" {
			continue
		}
		var args []string
		for a := range strings.SplitSeq(s.keys["args"], ",") {
			if a = strings.TrimSpace(a); a != "" {
				args = append(args, a)
			}
		}
		if v := strings.ToLower(s.keys["iseval"]); v == "1" || v == "true" {
			continue // its text is made when the search runs
		}
		name, _, _ := strings.Cut(s.name, "(")
		if name == "" {
			return nil, fmt.Errorf("a macro has no name (definition %.80q)", definition)
		}
		out[spl.MacroKey(name, len(args))] = spl.Macro{Definition: definition, Args: args}
	}
	return out, nil
}
