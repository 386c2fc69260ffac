package detection

import (
	"fmt"
	"regexp"
	"strings"
)

var ofSite = regexp.MustCompile(`(?i)\[[^\]]*\bname\s*=\s*['"]?([^'"\],]+)`)

// loggingOption is what the options of appcmd do to HTTP logging: /dontLog:true, or
// /logFile.enabled:false of a site or of all.
func loggingOption(words []string) (m moduleCommand) {
	for _, w := range words {
		if !strings.HasPrefix(w, "/") && !strings.HasPrefix(w, "-") {
			continue
		}
		at := strings.LastIndexByte(w, ':')
		if at < 0 {
			continue
		}
		option, value := strings.ToLower(strings.Trim(w[:at], `"' `)), strings.ToLower(strings.Trim(w[at+1:], `"' `))
		isOn := value == "true" || value == "1"
		if !isOn && value != "false" && value != "0" {
			continue
		}
		switch {
		case strings.HasSuffix(option, "dontlog"):
			m.kind = switched(!isOn)
		case strings.HasSuffix(option, "logfile.enabled"):
			m.kind = switched(isOn)
		default:
			continue
		}
		if site := ofSite.FindStringSubmatch(w); site != nil {
			m.scope = site[1]
		}
		return m
	}
	return m
}

// switched is the kind of a change that switches HTTP logging on or off.
func switched(on bool) Kind {
	if on {
		return LoggingChanged | HTTPLoggingOn
	}
	return HTTPLoggingOff
}

// loggingScripts are how scripts set dontLog to a value, and logFile.enabled to one.
func loggingScripts(dontLog, enabled string) (out []*regexp.Regexp) {
	for _, s := range []string{
		fmt.Sprintf(`dontlog(\s+|[^;|\n]*(-v[a-z]*:?|[,=:])\s*)\$?(%s)([^a-z0-9]|$)`, dontLog),
		fmt.Sprintf(`-v[a-z]*:?\s*\$?(%s)([^a-z0-9][^;|\n]*)?[^;|\na-z0-9][^;|\n]*dontlog`, dontLog),
		fmt.Sprintf(`name\s*=\s*dontlog[^}]*value\s*=\s*\$?(%s)([^a-z0-9]|$)`, dontLog),
		fmt.Sprintf(`value\s*=\s*\$?(%s)[^a-z0-9][^}]*name\s*=\s*dontlog([^a-z0-9]|$)`, dontLog),
		fmt.Sprintf(`logfile\.enabled(\s+|[^;|\n]*(-v[a-z]*:?|[,=:])\s*)\$?(%s)([^a-z0-9]|$)`, enabled),
		fmt.Sprintf(`-v[a-z]*:?\s*\$?(%s)\s[^;|\n]*logfile\.enabled`, enabled),
		fmt.Sprintf(`logfile[^;|\n]*-n[a-z]*:?\s*enabled[^;|\n]*-v[a-z]*:?\s*\$?(%s)([^a-z0-9]|$)`, enabled),
	} {
		out = append(out, regexp.MustCompile(s))
	}
	return out
}

var (
	scriptedOff  = loggingScripts("true|1", "false|0")
	scriptedOn   = loggingScripts("false|0", "true|1")
	scriptGoesOn = regexp.MustCompile("`\\s*\n|['\"]\\s*\\+\\s*['\"]")
	scriptQuotes = strings.NewReplacer("`", "", "'", "", `"`, "", "(", "", ")", "")
	scriptSite   = regexp.MustCompile(`(?i)(?:IIS:\\Sites\\|WEBROOT/APPHOST/)([^'"\\/;|\n]+)`)
	writes       = regexp.MustCompile(`(?:set|add|clear)-(?:web|item|iis)|commitchanges|setmetadata|\.value\s*=`)
)

// scriptedLogging is what the cmdlets of a text do to HTTP logging. It reads them as
// the rule on PowerShell does: a finding of that is never beside a verdict that
// knows of no change.
func scriptedLogging(text string) (m moduleCommand) {
	goesOn := func(s string) string {
		if s[0] == '`' {
			return " "
		}
		return ""
	}
	plain := strings.ToLower(uncommented(text))
	plain = scriptQuotes.Replace(scriptGoesOn.ReplaceAllStringFunc(plain, goesOn))
	if !writes.MatchString(plain) {
		return m
	}
	for i, of := range [][]*regexp.Regexp{scriptedOff, scriptedOn} {
		for _, r := range of {
			if !r.MatchString(plain) {
				continue
			}
			m.kind = switched(i == 1)
			if site := scriptSite.FindStringSubmatch(text); site != nil {
				m.scope = strings.TrimSpace(site[1])
			}
			return m
		}
	}
	return m
}

// uncommented is a script without the lines that are comments.
func uncommented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}
