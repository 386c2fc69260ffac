package event

import (
	"strconv"
	"strings"
)

// The logs of a web server's requests. Their events are no Windows events: they
// have neither LogName nor EventCode, and these are their sourcetypes, which stand
// where others have their channel.
const (
	RequestLog   = "ms:iis:auto"    // as the Splunk Add-on for Microsoft IIS calls it
	RequestError = "ms:iis:httperr" // what HTTP.sys answered itself; the add-on has no name for it
)

// IsRequest says whether the event is a request that a web server logged.
func (e *Event) IsRequest() bool { return ofRequests(e.Channel) }

func ofRequests(channel string) bool { return channel == RequestLog || channel == RequestError }

// text is Raw; of a request without the directives that name its columns, which end
// with a zero byte.
func (e *Event) text() string {
	if e.IsRequest() && strings.HasPrefix(e.Raw, "#") {
		if _, line, ok := strings.Cut(e.Raw, "\x00"); ok {
			return line
		}
	}
	return e.Raw
}

// logName is the channel of a Windows event.
func (e *Event) logName() (string, bool) {
	if e.IsRequest() {
		return "", false
	}
	return e.Channel, e.Channel != ""
}

// RequestLine is what a request asked for and how it was answered: "GET /a?b 200".
func (e *Event) RequestLine() string {
	var parts []string
	for _, v := range []string{e.any("cs_method"), requestURL(e), e.any("sc_status"), e.any("s_reason")} {
		if v != "" {
			parts = append(parts, v)
		}
	}
	if src := e.any("c_ip"); src != "" {
		parts = append(parts, "from "+src)
	}
	return strings.Join(parts, " ")
}

// requests are the fields of the data model Web that the add-on makes of those
// of a request.
func requests() map[string]derivation {
	none := derivation{of: func(*Event) string { return "" }}
	says := func(v string) derivation { return derivation{of: func(*Event) string { return v }} }
	addresses := []string{"cs_uri_stem", "cs_uri_query", "cs_uri"}
	length := func(of func(*Event) string) func(*Event) string {
		return func(e *Event) string {
			if v := of(e); v != "" {
				return strconv.Itoa(len(v))
			}
			return ""
		}
	}
	agent := first("cs_User_Agent")
	return map[string]derivation{
		"src": first("c_ip"), "src_ip": first("c_ip"), "src_port": first("c_port"),
		"dest_ip": first("s_ip"), "dest_port": first("s_port"),
		"site": first("s_sitename", "s_siteid"), "user": first("cs_username"),
		"http_method": first("cs_method"), "status": first("sc_status"),
		"url": {requestURL, addresses}, "url_length": {length(requestURL), addresses},
		"uri_path": {requestPath, addresses}, "uri_query": {requestQuery, addresses},
		"url_domain":             first("cs_host", "cs_Host"),
		"http_user_agent":        agent,
		"http_user_agent_length": {length(agent.of), agent.from},
		"http_referrer":          first("cs_Referer", "cs_Referrer"),
		"http_referrer_domain":   {referrerDomain, []string{"cs_Referer", "cs_Referrer"}},
		"cookie":                 first("cs_Cookie"),
		"bytes_in":               first("cs_bytes"), "bytes_out": first("sc_bytes"),
		"bytes":         {requestBytes, []string{"cs_bytes", "sc_bytes"}},
		"response_time": first("time_taken", "TimeTakenMS"), "duration": first("time_taken", "TimeTakenMS"),
		"vendor_product": says("Microsoft IIS"), "vendor": says("Microsoft"), "product": says("IIS"),
		"cs_User_Agent_": agent, "cs_Referer_": first("cs_Referer"), "cs_Cookie_": first("cs_Cookie"),
		"reason":     first("s_reason"),
		"Error_Code": none, "EventChannel": none,
	}
}

// withRequests lets the derivations of Windows events answer for requests, too.
func withRequests(derived map[string]derivation) {
	for name, web := range requests() {
		windows, ok := derived[name]
		if !ok { // a log may have it with spaces
			windows = derivation{func(e *Event) string {
				v, _ := e.cleaned(name)
				return v
			}, []string{strings.ReplaceAll(name, "_", " ")}}
		}
		from := append([]string{log}, windows.from...)
		derived[name] = derivation{func(e *Event) string {
			if e.IsRequest() {
				return web.of(e)
			}
			return windows.of(e)
		}, append(from, web.from...)}
	}
}

// requestPath is the path that was asked for; HTTP.sys has path and query in one.
func requestPath(e *Event) string {
	if v := e.any("cs_uri_stem"); v != "" {
		return v
	}
	path, _, _ := strings.Cut(e.any("cs_uri"), "?")
	return path
}

func requestQuery(e *Event) string {
	if v := e.any("cs_uri_query"); v != "" {
		return v
	}
	_, query, _ := strings.Cut(e.any("cs_uri"), "?")
	return query
}

// requestURL is path and query: no log has the rest for sure.
func requestURL(e *Event) string {
	if path, query := e.any("cs_uri_stem"), e.any("cs_uri_query"); path != "" && query != "" {
		return path + "?" + query
	} else if path != "" {
		return path
	}
	return e.any("cs_uri")
}

func referrerDomain(e *Event) string {
	_, rest, ok := strings.Cut(e.any("cs_Referer", "cs_Referrer"), "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// requestBytes is what went both ways, where the log has both.
func requestBytes(e *Event) string {
	in, errIn := strconv.ParseUint(e.any("cs_bytes"), 10, 62)
	out, errOut := strconv.ParseUint(e.any("sc_bytes"), 10, 62)
	if errIn != nil || errOut != nil {
		return ""
	}
	return strconv.FormatUint(in+out, 10)
}
