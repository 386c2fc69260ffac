package iislog

import "strings"

// IIS writes the log of each site into a folder of its own, W3SVC1 or FTPSVC2, and logs no
// s-sitename by itself: then the folder alone says whose a line is. That is kept with the
// line, where no line of a file can say it, as a directive of ours.
const siteLine = "#Site: "

// mostDigits is how long the number of a site may be.
const mostDigits = 10

// SiteOf is the site whose folder is the innermost one on a path that is named for one, as
// s-sitename has it; "" where there is none. Behind an exclamation mark stands what an
// archive holds.
func SiteOf(path string) string {
	for {
		i := strings.LastIndexAny(path, `/\!`)
		if i < 0 {
			return ""
		}
		path = path[:i]
		if site := siteIn(path[strings.LastIndexAny(path, `/\!`)+1:]); site != "" {
			return site
		}
	}
}

// siteIn is the site that a folder is named for, or "".
func siteIn(folder string) string {
	for _, service := range [...]string{"W3SVC", "FTPSVC"} {
		n := len(service)
		if len(folder) > n && len(folder) <= n+mostDigits && strings.EqualFold(folder[:n], service) &&
			strings.Trim(folder[n:], "0123456789") == "" {
			return service + folder[n:]
		}
	}
	return ""
}

// splitSite parts what is stored above a line into the directives of the file and the site
// that its folder is of, or "".
func splitSite(head string) (directives, site string) {
	if i := strings.LastIndexByte(head, '\n') + 1; strings.HasPrefix(head[i:], siteLine) {
		return head[:max(i-1, 0)], head[i+len(siteLine):]
	}
	return head, ""
}
