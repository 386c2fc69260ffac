package detection

import (
	"cmp"
	"slices"
	"strings"

	"escutcheon/event"
)

// What is read of a command: logs hold scripts of megabytes.
const (
	mostCommand = 64 << 10 // bytes
	mostWithin  = 3        // commands within the words of others
)

// commandOf is what the command line or script block of an event does to a module or
// to HTTP logging, as far as its text says. Of several commands to modules it is the
// first that adds one with an image, else the first that adds one, else the first; of
// those to logging the first that switches it off, else the first.
func commandOf(e *event.Event) (c ChangeEvent, ok bool) {
	text, appcmd := "", false
	switch {
	case e.EventCode == 1 && e.IsSysmon(), e.EventCode == 4688 && e.IsSecurity():
		text, _ = e.Get("CommandLine")
		name, _ := e.Get("OriginalFileName")
		appcmd = isAppcmd(name)
	case e.EventCode == 4104:
		if text, _ = e.Get("ScriptBlockText"); text == "" {
			text = e.Message
		}
	}
	if len(text) > mostCommand {
		text = text[:mostCommand]
	}
	if !ofCommands.in(text) {
		return c, false
	}
	best, logging := gravestCommands(text, appcmd)
	c = ChangeEvent{Kind: logging.kind, Scope: logging.scope}
	if best.rank() > 0 {
		c.Kind, c.Module, c.Image = c.Kind|best.kind, best.name, best.image
		c.Scope = cmp.Or(c.Scope, best.scope)
	}
	if c.Kind == 0 {
		return c, false
	}
	c.Kind, c.By = c.Kind|FromCommand, whoRan(e)
	return c, true
}

// gravestCommands are, of the commands that a text holds, the one to a module and the
// one to HTTP logging that say most.
func gravestCommands(text string, appcmd bool) (best, logging moduleCommand) {
	for _, m := range append(moduleCommands(text, appcmd, 0), configEntries(text)...) {
		if m.rank() > best.rank() {
			best = m
		}
		if m.kind&HTTPLoggingOff != 0 && logging.kind&HTTPLoggingOff == 0 || logging.kind == 0 && m.kind&HTTPLoggingOn != 0 {
			logging = m
		}
	}
	if m := scriptedLogging(text); m.kind&HTTPLoggingOff != 0 && logging.kind&HTTPLoggingOff == 0 || logging.kind == 0 {
		logging = m
	}
	return best, logging
}

// CommandModule is a module that a command is about.
type CommandModule struct{ Name, Image string }

// CommandModules are the modules that the commands of a text change, whoever ran it.
func CommandModules(text string) (out []CommandModule) {
	if text = text[:min(len(text), mostCommand)]; !ofCommands.in(text) {
		return nil
	}
	for _, m := range append(moduleCommands(text, false, 0), configEntries(text)...) {
		if m.rank() > 0 {
			out = append(out, CommandModule{m.name, m.image})
		}
	}
	return out
}

// wordsOf are words of which a text must have one, in lower case.
type wordsOf []string

var ofCommands = wordsOf{"module", "dontlog", "httplogging", "logfile"}

// in says whether a text has one of them, and is not run on another host.
func (w wordsOf) in(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(w, func(s string) bool { return strings.Contains(text, s) }) &&
		!strings.Contains(text, "-computername")
}

// whoRan is who started a process or ran a script.
func whoRan(e *event.Event) string {
	name, _ := e.Get("SubjectUserName")
	if domain, _ := e.Get("SubjectDomainName"); name != "" && name != "-" {
		if domain != "" && domain != "-" {
			return domain + `\` + name
		}
		return name
	}
	return AccountOf(e)
}

// moduleCommand is what one command does to a module or to HTTP logging.
type moduleCommand struct {
	kind               Kind
	name, image, scope string
}

func (m *moduleCommand) rank() int {
	switch {
	case m.kind&ModuleKinds == 0 || m.name == "" || isVariable(m.name):
		return 0
	case m.kind&(ModuleAdded|ModuleEnabledForSite) == 0:
		return 1
	case m.image == "":
		return 2
	}
	return 3
}

// isVariable says that a word stands for another that the text does not hold.
func isVariable(s string) bool {
	return strings.HasPrefix(s, "$") || strings.HasPrefix(s, "(") || strings.HasPrefix(s, "%") && !isNative(s)
}

// moduleCommands are those that a text holds, also within the words of others:
// cmd /c "appcmd …".
func moduleCommands(text string, appcmd bool, within int) (out []moduleCommand) {
	for i, words := range splitCommands(text) {
		if m, ok := appcmdOf(words, appcmd && i == 0); ok {
			out = append(out, m)
		} else if m, ok := cmdletOf(words); ok {
			out = append(out, m)
		}
		for _, w := range words {
			if within == mostWithin || isAway(w) {
				break
			}
			if strings.ContainsAny(w, " \t") && len(w) < len(text) {
				out = append(out, moduleCommands(w, false, within+1)...)
			}
		}
	}
	return out
}

// isAway says whether a command that follows a word is only spoken of, or is run on
// another host.
func isAway(word string) bool {
	switch strings.TrimSuffix(strings.ToLower(lastName(word)), ".exe") {
	case "echo", "rem", "find", "findstr", "type", "write-host", "write-output", "get-help", "get-command",
		"select-string", "psexec", "winrs", "wmic", "invoke-command":
		return true
	}
	return strings.HasPrefix(word, "#")
}

func lastName(s string) string { return s[strings.LastIndexAny(s, `\/`)+1:] }

func isAppcmd(word string) bool {
	word = lastName(word)
	return strings.EqualFold(word, "appcmd") || strings.EqualFold(word, "appcmd.exe")
}

// splitCommands cuts a text into commands, and these into words without their
// quotes.
func splitCommands(text string) (out [][]string) {
	var words []string
	var word strings.Builder
	begun := false
	end := func(command bool) {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		if begun = false; command && len(words) > 0 {
			out, words = append(out, words), nil
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '`' && i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r'): // the line goes on
			for i+1 < len(text) && (text[i+1] == '\n' || text[i+1] == '\r') {
				i++
			}
			end(false)
		case c == '"', c == '\'' && (!begun || strings.HasSuffix(word.String(), ":")):
			n := strings.IndexByte(text[i+1:], c)
			if n < 0 {
				n = len(text) - i - 1
			}
			word.WriteString(text[i+1 : i+1+n])
			begun, i = true, i+n+1
		case c == '\n' || c == ';' || c == '|' || c == '&' || c == '{' || c == '}':
			end(true)
		case c <= ' ':
			end(false)
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	end(true)
	return out
}
