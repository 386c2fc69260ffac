package importer

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"escutcheon/artifact"
	"escutcheon/importer/iislog"
	"escutcheon/intake"
)

// beside knows of which hosts the logs of a collection are: files that name none are of
// the host of those beside them.
type beside struct {
	logs []intake.MemberHost // by name, so that those of a folder are a stretch
	of   map[string]string   // the hosts of folders that were asked for
}

func newBeside(logs []intake.MemberHost) *beside {
	slices.SortFunc(logs, func(a, b intake.MemberHost) int { return byName(a, b.Name) })
	return &beside{logs, map[string]string{}}
}

// lacksHost says whether a file that begins so names no computer, and its collection has
// to say of which it is.
func lacksHost(start []byte) bool {
	head := start[:min(len(start), artifact.HeadSize)]
	if artifact.Is(head) {
		return true
	}
	return iislog.IsW3C(head) && !bytes.Contains(head, []byte("s-computername"))
}

// again goes through an archive once more, for the files that wait for the hosts of the
// others.
func (w *walk) again(ctx context.Context, f io.ReaderAt) error {
	err := w.many.Close()
	w.many = w.im.NewMany(ctx)
	if err != nil {
		return err
	}
	logs, err := w.im.store.MemberHosts(ctx, w.imp.ID)
	if err != nil {
		return err
	}
	w.second = newBeside(logs)
	a, err := w.im.archive(ctx, w.imp, f)
	if err != nil {
		return err
	}
	return w.walk(ctx, a)
}

// hostOf is the host of a file that names none: that of most logs in its folder, else in
// the folders around it; "" where they are not of one mind, or none names a host.
func (b *beside) hostOf(path string) (host string) {
	var asked []string
	for dir := folder(path); ; dir = folder(dir[:len(dir)-1]) {
		said, known := b.of[dir]
		if !known {
			asked = append(asked, dir)
			var some bool
			said, some = b.within(dir)
			known = some || dir == ""
		}
		if known {
			for _, dir := range asked {
				b.of[dir] = said
			}
			return said
		}
	}
}

// within is the host of most logs in a folder; some: there are logs in it.
func (b *beside) within(dir string) (host string, some bool) {
	from, _ := slices.BinarySearchFunc(b.logs, dir, byName)
	votes, all := map[string]int{}, 0
	for _, l := range b.logs[from:] {
		if !strings.HasPrefix(l.Name, dir) {
			break
		}
		votes[l.Host]++
		all++
	}
	if all == 0 {
		return "", false
	}
	return winner(votes, all), true
}

func byName(l intake.MemberHost, name string) int { return strings.Compare(l.Name, name) }

// folder is the start of a path that names what a file, or a folder without its last
// character, lies in: another folder, or an archive.
func folder(path string) string { return path[:strings.LastIndexAny(path, `/\!`)+1] }

// winner is the host that two thirds of the logs name, by its long name where some name it
// by its short one.
func winner(votes map[string]int, all int) string {
	named, bare := map[string]int{}, map[string]int{} // by short name, and by it alone
	for host, n := range votes {
		name := short(host)
		named[name] += n
		if name == host {
			bare[name] += n
		}
	}
	best, most := "", 0
	for host, n := range votes {
		if name := short(host); name == host {
			n = named[name]
		} else {
			n += bare[name]
		}
		if n > most || n == most && (len(host) > len(best) || len(host) == len(best) && host < best) {
			best, most = host, n
		}
	}
	if 3*most < 2*all {
		return ""
	}
	return best
}

// short is a computer's name without its domain, in lower case.
func short(host string) string {
	name, _, _ := strings.Cut(strings.ToLower(host), ".")
	return name
}
