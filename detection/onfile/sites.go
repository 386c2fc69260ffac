package onfile

import (
	"strings"

	"escutcheon/artifact"
	"escutcheon/artifact/iisconfig"
	"escutcheon/detection"
)

// place is a folder of a site or application, and its path in the configuration.
type place struct{ folder, path string }

// sitesOf are the places of the sites that the configuration in force names, else the
// newest version of it.
func sitesOf(current *artifact.File, versions []*artifact.File) (out []place) {
	if current == nil && len(versions) > 0 {
		current = versions[len(versions)-1]
	}
	if current == nil {
		return nil
	}
	for _, s := range current.Config.Sites {
		for _, a := range s.Applications {
			out = append(out, place{strings.TrimRight(detection.ImageKey(a.PhysicalPath+`\`), "/") + "/",
				iisconfig.Server + "/" + s.Name + strings.TrimRight(a.Path, "/")})
		}
	}
	return out
}

// levelOf is the path in the configuration of what a web.config is about: of the site or
// application in whose folder it lies; else its own path.
func levelOf(f *artifact.File, sites []place) string {
	path := detection.ImageKey(f.Path)
	best := place{}
	for _, p := range sites {
		if strings.HasPrefix(path, p.folder) && len(p.folder) > len(best.folder) {
			best = p
		}
	}
	if best.path == "" {
		return f.Path
	}
	below := path[len(best.folder):]
	below = below[:strings.LastIndexByte(below, '/')+1]
	return strings.TrimRight(best.path+"/"+below, "/")
}
