package checks

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// CheckLinks returns a sentence for every link of a Markdown file of the tree
// that leads to no file of it, and for every file below docs that is no page and that
// no link leads to. Links to other places are left alone.
func CheckLinks(tree fs.FS) (out []string, err error) {
	led, beside := map[string]bool{}, []string{}
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."), d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir():
			return nil
		case path.Ext(name) != ".md":
			if strings.HasPrefix(name, "docs/") {
				beside = append(beside, name)
			}
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		for _, m := range link.FindAllSubmatch(text, -1) {
			to, _, _ := strings.Cut(string(m[1]), "#")
			if to == "" || strings.Contains(to, ":") {
				continue
			}
			to = path.Join(path.Dir(name), to)
			led[to] = true
			if _, err := fs.Stat(tree, to); err != nil {
				out = append(out, fmt.Sprintf("%s: the link to %s leads nowhere", name, m[1]))
			}
		}
		return err
	})
	for _, name := range beside {
		if !led[name] {
			out = append(out, name+": no page leads to it")
		}
	}
	return out, err
}
