package artifact

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// roots are folders that lie at the top of a system's drive, and what stands for that
// where a path does not say the drive.
var roots = map[string]string{"windows": `%windir%`, "inetpub": `%SystemDrive%\inetpub`,
	"programdata": `%ProgramData%`, "program files": `%ProgramFiles%`, "program files (x86)": `%ProgramFiles(x86)%`,
	"users": `%SystemDrive%\Users`}

var (
	drive      = regexp.MustCompile(`(?i)^(?:\\\\[.?]\\)?([a-z]):$`)
	driveAlone = regexp.MustCompile(`(?i)^([a-z])$|^([a-z])[ _-]?drive$|^drive[ _-]?([a-z])$`)
	serial     = regexp.MustCompile(`(?i)^CFGHISTORY_(\d{1,10})$`)
)

// parts are the steps of a path as tools of collection write it: with slashes of both
// kinds, percent codes, and archives in archives.
func parts(name string) []string {
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	name = strings.ReplaceAll(name, `\\.\`, "") // a device, as in Velociraptor's uploads
	return strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' || r == '!' })
}

// PathOf is the path that a file had on its server, of the name that it was brought under:
// behind a drive or a folder of the system; else the name, with Windows' slashes.
func PathOf(name string) string {
	steps := parts(name)
	for i, s := range steps {
		if m := drive.FindStringSubmatch(s); m != nil {
			return join(strings.ToUpper(m[1])+":", steps[i+1:])
		}
		if i+1 == len(steps) {
			break
		}
		next, known := roots[strings.ToLower(steps[i+1])]
		if m := driveAlone.FindStringSubmatch(s); m != nil && known {
			return join(strings.ToUpper(m[1]+m[2]+m[3])+":", steps[i+1:])
		}
		if known && i+2 < len(steps) {
			return join(next, steps[i+2:])
		}
	}
	if root, known := roots[first(steps)]; known && len(steps) > 1 {
		return join(root, steps[1:])
	}
	return strings.Join(steps, `\`)
}

func first(steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	return strings.ToLower(steps[0])
}

func join(root string, steps []string) string { return root + `\` + strings.Join(steps, `\`) }

// SerialOf is the number of the version of the configuration that a path has; 0: none.
func SerialOf(path string) int {
	for _, s := range parts(path) {
		if m := serial.FindStringSubmatch(s); m != nil {
			n, _ := strconv.Atoi(m[1]) // digits alone
			return n
		}
	}
	return 0
}

// has says whether a path goes through a folder.
func has(path, folder string) bool {
	return strings.Contains(`\`+strings.ToLower(path)+`\`, `\`+folder+`\`)
}

var (
	velociraptor = regexp.MustCompile(`(?i)(?:^|[/\\!])Collection-(.+?)-\d{4}-\d\d-\d\d[T_ ]`)
	orc          = regexp.MustCompile(`(?i)(?:^|[/\\!])(?:DFIR-)?ORC_(?:Server|WorkStation|DomainController)_([^_/\\!]+)_`)
)

// HostOf is the host that the name of a collection names, as Velociraptor and DFIR-ORC
// call theirs; "": it names none.
func HostOf(name string) string {
	for _, of := range []*regexp.Regexp{velociraptor, orc} {
		if m := of.FindStringSubmatch(name); m != nil {
			return strings.ReplaceAll(m[1], "_", ".")
		}
	}
	return ""
}
