package spl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Macro is a named piece of a search. Args are the names that stand as $name$
// in Definition.
type Macro struct {
	Definition string
	Args       []string
	// Aside says that the rows which its commands remove are set aside, and not
	// dropped.
	Aside bool
}

// Macros is a table of macros by name; a macro with n > 0 arguments has the
// key name(n), as in Splunk.
type Macros map[string]Macro

// Overlay is a table with over's macros in the place of those of m.
func (m Macros) Overlay(over Macros) Macros {
	out := maps.Clone(m)
	if out == nil {
		out = Macros{}
	}
	maps.Copy(out, over)
	return out
}

// MacroKey is the key of a macro with n arguments.
func MacroKey(name string, n int) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s(%d)", name, n)
}

// macro returns the macro for a call, or the reason why there is none.
func (env *Env) macro(name string, n int) (Macro, string) {
	m := env.Macros
	if d, ok := m[MacroKey(name, n)]; ok {
		return d, ""
	}
	if env.Missing != nil {
		if d, ok := env.Missing(name, n); ok {
			return d, ""
		}
	}
	var takes []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		base, rest, ok := strings.Cut(key, "(")
		if base != name {
			continue
		}
		if !ok {
			rest = "0)"
		}
		takes = append(takes, strings.TrimSuffix(rest, ")"))
	}
	if takes == nil {
		return Macro{}, unknownMacro
	}
	return Macro{}, fmt.Sprintf("takes %s arguments, not %d", strings.Join(takes, " or "), n)
}

const unknownMacro = "is not known"

// macroNames are the names of the macros, without their arguments.
func (env *Env) macroNames() (out []string) {
	for key := range env.Macros {
		name, _, _ := strings.Cut(key, "(")
		out = append(out, name)
	}
	return out
}

// substitute puts the arguments of a call into a macro's text.
func (d Macro) substitute(args []string) string {
	if len(d.Args) == 0 {
		return d.Definition
	}
	pairs := make([]string, 0, 2*len(args))
	for i, name := range d.Args {
		if i < len(args) && name != "" {
			pairs = append(pairs, "$"+name+"$", args[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(d.Definition)
}

// splitCall reads what stands between backticks: name, or name(a, "b").
func splitCall(call string) (name string, args []string, ok bool) {
	call = strings.TrimSpace(call)
	open := strings.IndexByte(call, '(')
	if open < 0 {
		return call, nil, isMacroName(call)
	}
	name = strings.TrimSpace(call[:open])
	if !strings.HasSuffix(call, ")") || !isMacroName(name) {
		return name, nil, false
	}
	args, ok = splitArgs(call[open+1 : len(call)-1])
	return name, args, ok
}

// splitArgs cuts at the commas outside quotes and parentheses. Quotes around a
// whole argument belong to the call, not to the argument.
func splitArgs(s string) ([]string, bool) {
	if strings.TrimSpace(s) == "" {
		return nil, true
	}
	var args []string
	start, depth := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			end := quoteEnd(s, i)
			if end < 0 {
				return nil, false
			}
			i = end - 1
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				args = append(args, unwrapArg(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(args, unwrapArg(s[start:])), true
}

func unwrapArg(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && quoteEnd(s, 0) == len(s) {
		return strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`)
	}
	return s
}

func isMacroName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isWordByte(s[i]) && s[i] != '-' && s[i] != '.' && s[i] != ':' {
			return false
		}
	}
	return s != ""
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// quoteEnd is where the quoted value that opens at i ends: the offset after
// its closing quote, or -1.
func quoteEnd(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return -1
}
