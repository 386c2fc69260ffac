package importer

import (
	"bytes"
	"context"
	"io"
	"strings"

	"escutcheon/artifact"
	"escutcheon/importer/iislog"
	"escutcheon/intake"
)

// beside knows of which hosts the logs of a collection are: files that name none are of
// the host of those beside them.
type beside struct{ logs []intake.MemberHost }

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
	w.second = &beside{logs}
	a, err := w.im.archive(ctx, w.imp, f)
	if err != nil {
		return err
	}
	return w.walk(ctx, a)
}

// hostOf is the host of a file that names none: that of most logs in its folder, else in
// the folders around it; "" where they are not of one mind, or none names a host.
func (b *beside) hostOf(path string) string {
	for dir := folder(path); ; dir = folder(dir[:len(dir)-1]) {
		votes, all := map[string]int{}, 0
		for _, l := range b.logs {
			if strings.HasPrefix(l.Name, dir) {
				votes[l.Host]++
				all++
			}
		}
		if all > 0 {
			return winner(votes, all)
		}
		if dir == "" {
			return ""
		}
	}
}

// folder is the start of a path that names what a file, or a folder without its last
// character, lies in: another folder, or an archive.
func folder(path string) string { return path[:strings.LastIndexAny(path, `/\!`)+1] }

// winner is the host that two thirds of the logs name, by its long name where some name it
// by its short one.
func winner(votes map[string]int, all int) string {
	best, most := "", 0
	for host, n := range votes {
		for other, m := range votes {
			if other != host && (short(other) == other || short(host) == host) && short(other) == short(host) {
				n += m
			}
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
