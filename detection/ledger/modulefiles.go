package ledger

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"escutcheon/artifact"
	"escutcheon/artifact/peimage"
	"escutcheon/detection"
)

// moduleFiles are the files of modules that were collected, by where they lay.
type moduleFiles struct {
	at   map[string][]*artifact.File
	all  []*artifact.File
	used map[*artifact.File]bool
}

func modulesIn(files []artifact.File) *moduleFiles {
	m := &moduleFiles{at: map[string][]*artifact.File{}, used: map[*artifact.File]bool{}}
	for i := range files {
		if f := &files[i]; f.Image != nil {
			key := detection.ImageKey(f.Path)
			m.at[key] = append(m.at[key], f)
			m.all = append(m.all, f)
		}
	}
	return m
}

// of are the files of a row: those that lie where its image does; of a managed module the
// assemblies that are, by themselves or by their file, named as its type's; where the type
// is told alone, those that have it.
func (m *moduleFiles) of(row *Module) []*artifact.File {
	if row.Image == "" || detection.IsNative(row.Image) {
		return m.at[detection.ImageKey(row.Image)]
	}
	class, rest, _ := strings.Cut(row.Image, ",")
	class, name := strings.TrimSpace(class), firstOf(rest)
	var out []*artifact.File
	for _, f := range m.all {
		fits := slices.Contains(f.Image.Types, class) || unseen(f.Image, class) != nil // of a type alone: whatever has it
		if name != "" {
			fits = strings.EqualFold(firstOf(f.Image.Assembly), name) ||
				strings.EqualFold(strings.TrimSuffix(path.Base(detection.ImageKey(f.Path)), ".dll"), name)
		}
		if fits {
			out = append(out, f)
		}
	}
	return out
}

// unseen is the type of an assembly that a row runs, where another assembly says what it
// implements; nil: it is none of these.
func unseen(img *peimage.Image, code string) *peimage.Unseen {
	class := firstOf(code)
	for i := range img.Unseen {
		if img.Unseen[i].Type == class {
			return &img.Unseen[i]
		}
	}
	return nil
}

// firstOf is the name of an assembly, without its version and what else follows it.
func firstOf(assembly string) string {
	name, _, _ := strings.Cut(assembly, ",")
	return strings.TrimSpace(name)
}

// show puts the files of a row among its evidence, and judges it by their hashes.
func (m *moduleFiles) show(row *Module, known Known) {
	files := m.of(row)
	if len(files) == 0 {
		return
	}
	var hashes []string
	for _, f := range files {
		m.used[f] = true
		hashes = append(hashes, f.SHA256, f.SHA1)
		row.Hashes = append(row.Hashes, f.SHA256)
		row.Evidence = append(row.Evidence, Evidence{Source: ModuleFile, At: f.Modified, Artifact: f.ID,
			Text: fileWords(f, row)})
	}
	reason, extra, _ := strings.Cut(row.Reason, "; ")
	if row.Type == Handler {
		row.Judgement = JudgeHandler(row.Image, hashes, known)
	} else {
		row.Judgement = JudgeHashes(row.Name, row.Image, hashes, row.Type == Filter, known)
	}
	if strings.HasPrefix(row.Reason, reason) && extra != "" && !strings.Contains(row.Reason, extra) {
		row.Reason += "; " + extra
	}
	row.Hash = files[0].SHA256
}

// fileWords say what is known of the file of a module, and what is odd about it.
func fileWords(f *artifact.File, row *Module) string {
	img := f.Image
	s := fmt.Sprintf("the file %s, SHA-256 %s: %s", f.Path, f.SHA256, img.Says())
	if img.Company != "" {
		s += ", says it is of " + img.Company
	}
	if !img.Linked.IsZero() && !img.Repro {
		s += ", linked " + img.Linked.Format(time.DateOnly) + " as it says"
	}
	for _, t := range Tells(f, row) {
		s += "; " + t
	}
	return s
}

// Tells are what is odd about the file of a module; row is nil where nothing registers it.
// None of it proves anything.
func Tells(f *artifact.File, row *Module) (out []string) {
	img, base := f.Image, path.Base(detection.ImageKey(f.Path))
	judged, _ := detection.JudgeEntry("", f.Path, "", false)
	own := judged.Judgement == detection.Own
	if img.Internal != "" && !strings.EqualFold(img.Internal, base) {
		out = append(out, "its name inside is "+img.Internal)
	}
	if img.Original != "" && !strings.EqualFold(img.Original, base) && !strings.EqualFold(img.Original, img.Internal) {
		out = append(out, "its original name is "+img.Original)
	}
	if strings.Contains(strings.ToLower(img.Company), "microsoft") && !img.Signed && !own {
		out = append(out, "says it is Microsoft's, and has no certificate")
	}
	if row != nil && img.Problem == "" {
		want := map[Type]string{Native: peimage.NativeModule, Filter: peimage.Filter,
			Managed: peimage.ManagedModule}[row.Type]
		switch {
		case want == "" || slices.Contains(img.Kinds, want):
		case unseen(img, row.Image) != nil: // that is told below
		case row.Type == Managed && img.Managed: // one of another assembly may do it for them
			out = append(out, "no type in it implements IHttpModule by itself")
		default:
			out = append(out, "is no "+want+": IIS cannot load it as what it is registered for")
		}
	}
	if row != nil && img.Managed {
		if u := unseen(img, row.Image); u != nil {
			out = append(out, fmt.Sprintf("%s has the base type %s of assembly %s, not seen", u.Type, u.Base, u.Of))
		}
	}
	if !f.Modified.IsZero() && !img.Repro && img.Linked.After(f.Modified.Add(24*time.Hour)) {
		out = append(out, "was linked after it was written, as it says")
	}
	out = append(out, img.Odd...)
	for _, p := range detection.Pieces(img.PDB, cmp.Or(img.Internal, img.Original)) {
		out = append(out, fmt.Sprintf("%s is named in a report: %s (%s)", p.Value, p.Family, p.Source))
	}
	return out
}

// others are rows of the files of modules that nothing registers: those of a kind that IIS
// loads, and those that are publicly known bad.
func (m *moduleFiles) others(r *registry, known Known) (out []Module) {
	for _, f := range m.all {
		if m.used[f] {
			continue
		}
		of := typeOfFile(f.Image)
		j := JudgeHashes("", f.Path, []string{f.SHA256, f.SHA1}, of == Filter, known)
		if j.Judged == Own || j.Judged == Product || of == "" && j.Judged != Bad {
			continue
		}
		row := Module{Name: f.Path[strings.LastIndexByte(f.Path, '\\')+1:], Image: f.Path, Type: cmp.Or(of, Native),
			Present: Unknown, AddedBy: NotKnown, First: f.Modified, Last: f.Modified, Judgement: j, Hash: f.SHA256,
			Hashes: []string{f.SHA256}}
		row.Evidence = []Evidence{{Source: ModuleFile, At: f.Modified, Artifact: f.ID, Text: fileWords(f, nil)}}
		row.Reason += "; its file was collected, and nothing here registers it"
		if r.whole {
			row.Present = No
		}
		out = append(out, row)
	}
	return out
}

// typeOfFile is the type of module that a file can be; "" none.
func typeOfFile(img *peimage.Image) Type {
	for _, k := range []struct {
		kind string
		of   Type
	}{{peimage.NativeModule, Native}, {peimage.Filter, Filter}, {peimage.ManagedModule, Managed},
		{peimage.Extension, Handler}, {peimage.ManagedHandler, Handler}} {
		if slices.Contains(img.Kinds, k.kind) {
			return k.of
		}
	}
	return ""
}

// listed adds what lists of modules that tools printed say: of each row that it is listed,
// or that it is not though it is registered, and rows of what they alone name.
func listed(rows []Module, files []artifact.File, r *registry, known Known) []Module {
	for i := range files {
		f := &files[i]
		if f.List == nil {
			continue
		}
		names := map[string]bool{}
		for _, e := range f.List.Entries {
			name := strings.ToLower(e.Name)
			names[name] = true
			text := fmt.Sprintf("listed by %s, line %d of %s", f.List.Tool, e.Line, f.Path)
			if code := cmp.Or(e.Image, e.Type); code != "" {
				text += ": " + code
			}
			of := Evidence{Source: Listing, At: f.Modified, Artifact: f.ID, Line: e.Line, Text: text}
			found := false
			for k := range rows {
				m := &rows[k]
				if m.Type != Filter && m.Type != Handler && strings.EqualFold(m.Name, e.Name) && (e.Image == "" || e.Short ||
					m.Image == "" || detection.ImageKey(m.Image) == detection.ImageKey(e.Image)) {
					found = true
					m.Evidence = append(m.Evidence, of)
					if !r.whole {
						m.Present = Yes
					}
				}
			}
			if found {
				continue
			}
			m := Module{Name: e.Name, Image: cmp.Or(e.Image, e.Type), Type: Native, Present: Yes, AddedBy: NoLoggedChange,
				First: f.Modified, Last: f.Modified, Evidence: []Evidence{of}}
			if e.Short {
				m.Image = ""
			}
			if e.Managed {
				m.Type = Managed
			}
			m.Judgement = Judge(m.Name, m.Image, "", false, known)
			if r.whole {
				m.Present = Unknown
				m.Reason += "; a list names it, and the configuration does not"
			}
			rows = append(rows, m)
		}
		if len(names) == 0 {
			continue
		}
		for k := range rows {
			if m := &rows[k]; m.Type == Native && m.Present == Yes && m.Name != "" && !names[strings.ToLower(m.Name)] {
				m.Reason += "; it is registered, and not in the list that " + f.List.Tool + " printed"
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b Module) int { return a.Graver(&b) })
	return rows
}
