package sigma

import (
	"strconv"
	"strings"
)

// makers make of a rule's value what it is in events that write it otherwise. Of one
// that cannot be there they make none.
var makers = map[string]func(pattern) []pattern{
	"hex": hexed, "integrity": integrity, "device": devicePath, "protocol": protocol, "initiated": direction,
	"registry": registryPath, "details": registryData,
}

// one is the value of patterns without wildcards that a table has.
func one(p pattern, table map[string]string) []pattern {
	text, ok := p.literal()
	if !ok {
		return []pattern{p}
	}
	if v, known := table[strings.ToLower(text)]; known {
		return []pattern{plain(v)}
	}
	return []pattern{p}
}

// integrity is the label of an integrity level.
func integrity(p pattern) []pattern {
	return one(p, map[string]string{"untrusted": "S-1-16-0", "low": "S-1-16-4096", "medium": "S-1-16-8192",
		"mediumplus": "S-1-16-8448", "high": "S-1-16-12288", "system": "S-1-16-16384"})
}

// protocol is a protocol's number.
func protocol(p pattern) []pattern {
	return one(p, map[string]string{"icmp": "1", "tcp": "6", "udp": "17"})
}

// direction says of a connection whether the host began it.
func direction(p pattern) []pattern {
	return one(p, map[string]string{"true": "%%14593", "false": "%%14592"})
}

// hexed is a number as Security writes the ids of processes, too.
func hexed(p pattern) []pattern {
	text, _ := p.literal()
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return []pattern{p, plain("0x" + strconv.FormatUint(n, 16))}
	}
	return []pattern{p}
}

// replaced is a pattern with the beginning of a text in it put for another.
func (p pattern) replaced(at int, n int, with pattern) pattern {
	q := append(pattern{}, p[:at]...)
	for _, t := range append(append(pattern{}, with...), token{text: p[at].text[n:]}) {
		if t.kind == textToken {
			q = q.addText(t.text)
		} else {
			q = append(q, t)
		}
	}
	return append(q, p[at+1:]...)
}

// devicePath is a path as the kernel has it: C:\ is a volume with a number.
func devicePath(p pattern) []pattern {
	if len(p) == 0 || p[0].kind != textToken || len(p[0].text) < 3 || p[0].text[1:3] != `:\` {
		return []pattern{p}
	}
	return []pattern{p, p.replaced(0, 3, pattern{{text: `\device\harddiskvolume`}, {kind: anyRun}, {text: `\`}})}
}

// hives are the roots of the registry as Sysmon writes them and as the kernel does.
var hives = []struct{ sysmon, kernel string }{
	{`HKLM\`, `\REGISTRY\MACHINE\`}, {`HKEY_LOCAL_MACHINE\`, `\REGISTRY\MACHINE\`},
	{`HKU\`, `\REGISTRY\USER\`}, {`HKEY_USERS\`, `\REGISTRY\USER\`},
	{`HKCR\`, `\REGISTRY\MACHINE\SOFTWARE\Classes\`}, {`HKEY_CLASSES_ROOT\`, `\REGISTRY\MACHINE\SOFTWARE\Classes\`},
}

const (
	currentSet = `\CurrentControlSet\`
	anySet     = `\ControlSet`
)

// registryPath is a path of the registry as Sysmon writes it and as Security does.
func registryPath(p pattern) []pattern {
	q := p
	if len(p) > 0 && p[0].kind == textToken {
		for _, h := range hives {
			if hasPrefixFold(p[0].text, h.sysmon) {
				q = p.replaced(0, len(h.sysmon), plain(h.kernel))
				break
			}
		}
	}
	for i, t := range q {
		if at := indexFold(t.text, currentSet); at >= 0 {
			set := pattern{{text: t.text[:at] + anySet}, {kind: anyRun}, {text: `\`}}
			q = q.replaced(i, at+len(currentSet), set)
			break
		}
	}
	if q.search() == p.search() {
		return []pattern{p}
	}
	return []pattern{p, q}
}

// registryData is a value's data: Sysmon writes numbers as DWORD (0x00000001).
func registryData(p pattern) []pattern {
	text, ok := p.literal()
	for _, kind := range []string{"DWORD (0x", "QWORD (0x"} {
		if !ok || !hasPrefixFold(text, kind) {
			continue
		}
		digits := strings.TrimSuffix(text[len(kind):], ")")
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(digits), "0x"), 16, 64)
		if err == nil {
			return []pattern{p, plain(strconv.FormatUint(n, 10)), plain("0x" + strconv.FormatUint(n, 16))}
		}
	}
	return []pattern{p}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func indexFold(s, text string) int {
	for i := 0; i+len(text) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(text)], text) {
			return i
		}
	}
	return -1
}

// ofRequest is what a request's field is called: the names of W3C logs, and of the
// data model Web where IIS and HTTP.sys differ.
func ofRequest(name string) string {
	switch strings.ToLower(name) {
	case "cs-uri-query", "c-uri-query":
		return "uri_query"
	case "cs-uri-stem", "c-uri-stem":
		return "uri_path"
	case "cs-uri", "c-uri":
		return "url"
	case "cs-user-agent", "c-useragent":
		return "http_user_agent"
	case "cs-referer", "cs-referrer":
		return "http_referrer"
	case "cs-host", "r-dns":
		return "url_domain"
	case "cs-cookie":
		return "cookie"
	}
	return strings.ReplaceAll(name, "-", "_")
}
