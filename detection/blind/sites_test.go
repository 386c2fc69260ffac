package blind_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"escutcheon/detection/blind"
)

// sites are sites with a line an hour from day to day, told in any order; "W3SVC1 1-3 5-9".
func sites(r *rand.Rand, lines string) (out []blind.Site) {
	for text := range strings.Lines(lines) {
		f := strings.Fields(text)
		s := blind.Site{Name: strings.Trim(f[0], "-")}
		var hours []int64
		for _, span := range f[1:] {
			for h := int64(span[0]-'0') * 24; h <= int64(span[2]-'0')*24; h++ {
				hours = append(hours, h)
			}
		}
		for _, i := range r.Perm(len(hours)) {
			s.Add(noon.Unix()+hours[i]*3600, 1000*int64(len(out)+1)+hours[i])
		}
		out = append(out, s)
	}
	return out
}

// TestSites: a site whose log stops while those of others go on is told with the lines
// around it; a time that all sites lack, and a host of one site, is not told here.
func TestSites(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 3))
	for in, want := range map[string]string{
		"W3SVC1 1-3 5-9\nW3SVC2 1-9":        "requests stop 14 12:00 16 12:00 1072 1120",
		"W3SVC1 1-3\n- 2-6":                 "requests stop 14 12:00 17 12:00 1072 2144",
		"W3SVC1 1-3 5-9\nW3SVC2 1-3 5-9":    "",
		"W3SVC1 1-3 5-9":                    "",
		"- 1-3\nW3SVC1 1-9":                 "",
		"W3SVC1 1-4\nW3SVC2 1-4":            "",
		"W3SVC1 0-1 6-7\nW3SVC2 3-4\n- 0-1": "requests stop 12 12:00 17 12:00 1024 1144 2096\nrequests stop 15 12:00 18 12:00 2096 1168",
	} {
		for range 5 {
			var got []string
			for _, s := range blind.Make(blind.Input{Sites: sites(r, in)}) {
				if s.Kind != blind.RequestsStop {
					continue
				}
				words := line(s)
				for _, e := range s.Evidence {
					words += fmt.Sprint(" ", e.Event)
				}
				got = append(got, words)
			}
			if strings.Join(got, "\n") != want {
				t.Fatalf("%s:\n%s\nwant\n%s", in, strings.Join(got, "\n"), want)
			}
		}
	}
}
