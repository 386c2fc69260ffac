package onfile

import (
	"strings"

	"escutcheon/artifact"
	"escutcheon/detection"
)

// ModulesOf are the modules, filters and handlers that a configuration names, by name and
// image in the form in which hosts are compared.
func ModulesOf(f *artifact.File) (out [][2]string) {
	if f.Config == nil {
		return nil
	}
	for _, e := range f.Config.Entries {
		image := CodeOf(e.Section, e.Image, e.Type, e.ScriptProcessor)
		if e.Op == "add" && image != "" {
			out = append(out, [2]string{strings.ToLower(e.Name), detection.ImageKey(image)})
		}
	}
	return out
}

// CodeOf is what an entry of a section runs: a file or a type; "" nothing of its own.
func CodeOf(section, image, typ, script string) string {
	switch section {
	case "globalModules", "isapiFilters":
		return image
	case "modules", "httpModules":
		return typ
	case "handlers", "httpHandlers":
		if typ != "" {
			return typ
		}
		return detection.HandlerRuns("@scriptprocessor", script)
	}
	return ""
}
