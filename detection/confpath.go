package detection

import "strings"

// confStep is one element of a configuration path such as
// /system.webServer/globalModules/add[@name="X"]/@image. An attribute's name
// starts with @.
type confStep struct {
	name  string
	attrs map[string]string
}

// parsePath cuts a configuration path into its steps. It takes any text: names
// of modules may hold slashes, brackets and quotes, so a value ends only at a
// quote after which the path can go on.
func parsePath(s string) []confStep {
	var out []confStep
	for {
		s = strings.TrimLeft(s, "/")
		if s == "" {
			return out
		}
		var st confStep
		i := strings.IndexAny(s, "/[")
		if i < 0 {
			i = len(s)
		}
		st.name, s = s[:i], s[i:]
		if strings.HasPrefix(s, "[") {
			st.attrs = map[string]string{}
			s = parsePredicate(s[1:], st.attrs)
		}
		out = append(out, st)
	}
}

// parsePredicate reads @name="X" and @id="1"] into attrs and returns what
// follows.
func parsePredicate(s string, attrs map[string]string) string {
	for {
		s = strings.TrimLeft(s, " ")
		name, rest, ok := strings.Cut(s, "=")
		if !ok || !strings.HasPrefix(name, "@") || rest == "" || rest[0] != '"' && rest[0] != '\'' {
			_, after, _ := strings.Cut(s, "]")
			return after
		}
		value, after, more := cutValue(rest[1:], rest[0])
		attrs[strings.TrimSpace(name[1:])] = value
		if !more {
			return after
		}
		s = after
	}
}

// cutValue ends a quoted value at the first quote after which the predicate
// ends (and then the path, or its next step) or has another attribute (more).
// Without such a quote everything is the value.
func cutValue(s string, quote byte) (value, after string, more bool) {
	for i := 0; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		rest := s[i+1:]
		if rest == "]" || strings.HasPrefix(rest, "]/") {
			return s[:i], rest[1:], false
		}
		if next, ok := strings.CutPrefix(rest, " and @"); ok {
			return s[:i], "@" + next, true
		}
	}
	return s, "", false
}

// The parts of event 29's message around its two values.
const (
	messageHead   = "Changes to '"
	messageMiddle = "' at '"
	messageTail   = "' have successfully been committed."
)

// ParseMessage takes Configuration and ConfigPath out of the message of an
// event 29. A name may hold "' at '" itself: the last one before a path that
// starts with MACHINE is taken, else the last.
func ParseMessage(message string) (configuration, configPath string, ok bool) {
	s, ok := strings.CutPrefix(strings.TrimSpace(message), messageHead)
	if !ok {
		return "", "", false
	}
	if s, ok = strings.CutSuffix(s, messageTail); !ok {
		return "", "", false
	}
	i := strings.LastIndex(s, messageMiddle+"MACHINE")
	if i < 0 {
		i = strings.LastIndex(s, messageMiddle)
	}
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+len(messageMiddle):], true
}
