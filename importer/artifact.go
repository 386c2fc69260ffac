package importer

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"

	"escutcheon/artifact"
	"escutcheon/event"
	"escutcheon/fault"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// artifactOf reads a file that is no log but says something of its server, whole; nil: it
// is none, or a log after all.
func artifactOf(imp *intake.Import, data []byte) (f *artifact.File, err error) {
	defer fault.Catch(&err)
	if !artifact.Is(data) {
		return nil, nil
	}
	if f = artifact.Read(imp.Name, data); f == nil {
		return nil, nil
	}
	f.Spelling = hostOf(imp)
	f.Dest = event.NormalizeHost(f.Spelling)
	f.Zoneless = imp.LocalClock && !imp.Modified.IsZero()
	zone, err := Zone(imp.Zone)
	if err != nil {
		return nil, err
	}
	f.Modified = imp.ModifiedIn(zone)
	return f, nil
}

// hostOf is the host of a file that names none: the one that was answered, or that its
// collection is named for.
func hostOf(imp *intake.Import) string {
	if imp.Computer != "" {
		return imp.Computer
	}
	return artifact.HostOf(imp.Name)
}

// ofArtifact is an import of an artifact, as it ends.
func ofArtifact(imp intake.Import, f *artifact.File) *intake.Whole {
	w := &intake.Whole{Import: imp, From: imp.Owner, Artifact: f}
	w.Format, w.Status = string(f.Kind), intake.Done
	w.Note = f.Says()
	if f.Problem != "" {
		w.Note += " " + f.Problem
	}
	if f.Dest == "" {
		w.Note += " Nothing says of which host it is: import it again with --computer, or answer here."
	}
	if w.Damage != "" {
		w.Note += " " + w.Damage + " What is read here is of its beginning."
	}
	return w
}

// artifact imports a file that is no log but an artifact, and says whether it was one.
func (im *Importer) artifact(ctx context.Context, imp intake.Import) (is bool, err error) {
	data, err := readArtifact(imp.Path)
	if err != nil || data == nil {
		return false, err
	}
	if int64(len(data)) != imp.Size || HashOf(data) != imp.SHA256 {
		return false, fault.New(fault.Invalid, "The file changed since it was hashed. Copy it, and import the copy.")
	}
	f, err := artifactOf(&imp, data)
	if err != nil || f == nil {
		return false, err
	}
	_, err = im.storeWhole(ctx, []intake.Whole{*ofArtifact(imp, f)})
	return err == nil, err
}

// readArtifact reads a file whole where it begins as an artifact does; nil: it does not.
func readArtifact(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil // whoever opens it next says so
	}
	defer f.Close()
	head := make([]byte, artifact.HeadSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, err
	}
	if !artifact.Is(head[:n]) {
		return nil, nil
	}
	rest, err := io.ReadAll(io.LimitReader(f, artifact.MostBytes))
	if err != nil {
		return nil, err
	}
	if n+len(rest) > artifact.MostBytes {
		return nil, fault.New(fault.Invalid, "This file is larger than %d MiB: what its beginning says it is, is not read "+
			"of so large a file.", artifact.MostBytes>>20)
	}
	return append(head[:n:n], rest...), nil
}

// inspectArtifact says what an artifact leaves open; ok: it is one.
func inspectArtifact(head []byte, r intake.Reading, imp *intake.Import) (in Inspection, ok bool) {
	if !artifact.Is(head) {
		return in, false
	}
	in.Computer = r.Computer == "" && artifact.HostOf(imp.Name) == ""
	in.Zone = r.Zone == "" && imp.LocalClock && !artifact.IsModuleFile(head)
	in.Format, in.Events = ArtifactFormat, 1
	in.NoComputer = 1
	example := sniff.Example{Start: imp.Name}
	if !imp.Modified.IsZero() {
		example.TimeText = "written " + imp.Modified.Format(time.DateTime)
	}
	in.Examples = append(in.Examples, example)
	return in, true
}

// ArtifactFormat stands for the format of a server's own file until it is read.
const ArtifactFormat = "a server's own file"

// peek reads the start of a file, and gives it back whole.
func peek(r io.Reader) (head []byte, all io.Reader, err error) {
	head = make([]byte, artifact.HeadSize)
	n, err := io.ReadFull(r, head)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	head = head[:n]
	return head, io.MultiReader(bytes.NewReader(head), r), err
}
