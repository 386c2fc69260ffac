package peimage

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// ordinalsTSV are the functions that libraries imported by number stand for: the import
// hash of everybody else has their names.
//
//go:embed ordinals.tsv
var ordinalsTSV string

var ordinals = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(ordinalsTSV) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			out[f[0]+".dll."+f[1]] = f[2]
			if f[0] == "ws2_32" {
				out["wsock32.dll."+f[1]] = f[2]
			}
		}
	}
	return out
})

// byOrdinal names a function of a library (in lower case) that is imported by number.
func byOrdinal(dll string, n uint16) string {
	if name := ordinals()[fmt.Sprintf("%s.%d", dll, n)]; name != "" {
		return name
	}
	return fmt.Sprintf("ord%d", n)
}
