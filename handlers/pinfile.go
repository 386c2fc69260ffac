package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/fault"
	"escutcheon/intake"
	"escutcheon/store"
	"escutcheon/views"
)

// What a pin of a file holds at most: differences, bytes of each of their texts and of all,
// and bytes of the copy of its text.
const (
	mostPinnedDifferences = 200
	mostPinnedText        = 2000
	mostPinnedInAll       = 256 << 10
	mostPinnedFile        = 32 << 20
)

// pinOfFile makes a pin of a file of a server: what was read of it, what it differs in
// from the version before it, where it was, and its text with secrets masked. confs are
// the configurations at hand, by host.
func (h *Handlers) pinOfFile(ctx context.Context, id int64, confs map[string]store.Configuration) (p store.Pin,
	err error) {
	f, err := h.Ask.Artifacts.Artifact(ctx, id)
	if err != nil {
		return p, err
	}
	if f.Damaged {
		return p, fault.New(fault.Damaged, "The file's row in the database does not fit its checksum, so it proves nothing. "+
			"Import the file again, or restore a backup.")
	}
	i, err := h.importOf(ctx, f.Import)
	if err != nil {
		return p, err
	}
	var of intake.Import
	if i.Parent != 0 {
		if of, err = h.importOf(ctx, i.Parent); err != nil {
			return p, err
		}
	}
	s := store.FileSnapshot{Dest: f.Dest, Path: f.Path, Kind: string(f.Kind), Written: stampText(f.Modified),
		Zoneless: f.Zoneless, SHA256: f.SHA256, SHA1: f.SHA1, Size: f.Size, Problem: f.Problem, File: i.Name,
		Archive: of.SHA256, Imported: stampText(i.Created), Facts: factsPinned(&f)}
	if err := h.pinDifferences(ctx, &s, &f, confs); err != nil {
		return p, err
	}
	p = store.Pin{Kind: store.PinFile, Ref: strconv.FormatInt(id, 10), Dest: f.Dest, At: f.Modified, UID: uidOfFile(&f)}
	if s.NoCopy = len(f.Text) > mostPinnedFile; len(f.Text) > 0 && !s.NoCopy {
		p.Copies = []store.PinCopy{{FileSHA256: f.SHA256, FileName: i.Name, Archive: of.SHA256, Format: string(f.Kind),
			SHA256: store.SumOf(f.Text), Data: f.Text}}
	}
	p.Snapshot, err = json.Marshal(s)
	return p, err
}

// uidOfFile is of what makes a file this one.
func uidOfFile(f *artifact.File) string {
	return store.Sum("file", f.Dest, f.Path, f.SHA256, stampText(f.Modified))
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// factsPinned are what was read of a file, but for what a snapshot has by itself.
func factsPinned(f *artifact.File) (out []store.Field) {
	add := func(name, value string) {
		out = append(out, store.Field{Name: name, Value: cut(value, mostPinnedText)})
	}
	if f.Config != nil {
		add("Encoding", f.Config.Encoding)
		for n, k := range f.Config.MachineKeys {
			if n == mostPinnedDifferences {
				break
			}
			add("Machine key", fmt.Sprintf("line %d has a literal %s: rotate these", k.Line, k.Which()))
		}
	}
	if f.Image != nil {
		imageFacts(f.Image, func(name, value string, _ bool) {
			if value != "" {
				add(name, value)
			}
		})
		for _, t := range ledger.Tells(f, nil) {
			add("Odd", t)
		}
	}
	if f.Config != nil || f.List != nil {
		add("Says", f.Says())
	}
	return out
}

// pinDifferences notes of a version of a configuration what it differs in from the one
// before it.
func (h *Handlers) pinDifferences(ctx context.Context, s *store.FileSnapshot, f *artifact.File,
	confs map[string]store.Configuration) (err error) {
	if f.Config == nil || f.Dest == "" {
		return nil
	}
	conf, ok := confs[f.Dest]
	if !ok {
		if conf, err = h.Ask.Artifacts.Configuration(ctx, store.VerdictOf{Dest: f.Dest}); err != nil {
			return err
		}
		confs[f.Dest] = conf
	}
	if conf.History == nil {
		return nil
	}
	uid := uidOfFile(f)
	for i := range conf.History.Versions {
		v := &conf.History.Versions[i]
		if uidOfFile(v.File) != uid {
			continue
		}
		s.Version = v.Name()
		left := mostPinnedInAll
		for k := range v.Differences {
			d := differencePinned(&v.Differences[k])
			left -= len(d.Text) + len(d.ConfigPath) + len(d.Configuration) + len(d.Was) + len(d.Is)
			if k == mostPinnedDifferences || left < 0 {
				s.More = len(v.Differences) - k
				break
			}
			s.Differences = append(s.Differences, d)
		}
		break
	}
	return nil
}

func differencePinned(d *onfile.Difference) store.DifferenceSnapshot {
	short := func(s string) string { return cut(s, mostPinnedText) }
	out := store.DifferenceSnapshot{Text: short(d.Text()), ConfigPath: short(d.ConfigPath),
		Configuration: short(d.Configuration), Was: short(d.Was), Is: short(d.Is), Line: d.IsLine, Why: d.Why}
	if d.Said != nil {
		out.Said = stampText(d.Said.At) + by(d.Said.By)
	}
	return out
}

func by(who string) string {
	if who == "" {
		return ""
	}
	return " by " + who
}

// fileFields are what a pinned file says, for a page and a report.
func fileFields(s *store.FileSnapshot) (out []store.Field) {
	add := func(name, value string) {
		if value != "" {
			out = append(out, store.Field{Name: name, Value: value})
		}
	}
	add("Path", s.Path)
	if s.Version != s.Kind {
		add("Version", s.Version)
	}
	written := s.Written
	if s.Zoneless && written != "" {
		written += ", by a clock whose zone was answered, or taken for UTC"
	}
	add("Written", written)
	add("SHA-256", s.SHA256)
	add("SHA-1", s.SHA1)
	add("Size", views.Bytes(s.Size))
	add("Problem", s.Problem)
	out = append(out, s.Facts...)
	add("Imported", s.Imported)
	add("Brought as", s.File)
	add("SHA-256 of the archive", s.Archive)
	for _, d := range s.Differences {
		add("Differs", differenceWords(&d))
	}
	if s.More > 0 {
		add("Differs", fmt.Sprintf("and in %s that are not copied", views.Plural(int64(s.More), "more thing")))
	}
	return out
}

// fileIfSame leads to a pinned file, when what has its number here is that file.
func (h *Handlers) fileIfSame(ctx context.Context, p store.Pin) string {
	id, err := strconv.ParseInt(p.Ref, 10, 64)
	if err != nil {
		return ""
	}
	f, err := h.Ask.Artifacts.Artifact(ctx, id)
	if err != nil || uidOfFile(&f) != p.UID {
		return ""
	}
	return views.ArtifactURL(id)
}

func (h *Handlers) fileItem(ctx context.Context, text string) (i newItem, err error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return i, fault.New(fault.Invalid, "There is no file %q.", cut(text, 40))
	}
	p, err := h.pinOfFile(ctx, id, map[string]store.Configuration{})
	if err != nil {
		return i, missing(err)
	}
	i = newItem{pin: &p, title: titleOf(p)}
	i.Kind, i.Ref, i.Snapshot = store.ItemFile, p.UID, p.Snapshot
	return i, nil
}

// differenceWords are a difference, with the event that says it or why none does.
func differenceWords(d *store.DifferenceSnapshot) string {
	s := d.Text + " (" + d.ConfigPath + d.Configuration + ")"
	if d.Was != "" {
		s += ", was " + d.Was
	}
	if d.Is != "" {
		s += ", is " + d.Is
	}
	switch {
	case d.Said != "":
		return s + "; event 29 of " + d.Said
	case d.Why != "":
		return s + "; " + d.Why
	}
	return s
}
