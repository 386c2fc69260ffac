package detection

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed sources.tsv
var sourcesTSV string

// The lists of modules that come with Escutcheon.
const (
	OwnList   = "own"   // of Windows, IIS and Microsoft's add-ons for it
	KnownList = "known" // of known products
	BadList   = "bad"   // of public reports
)

// Strength says how much it takes to be what a bad list names.
type Strength string

// The strengths, the strongest first.
const (
	ByHash  Strength = "hash"
	ByImage Strength = "name and image" // the file's name and where it lies
	ByName  Strength = "name alone"
)

// ListEntry is an entry of a list of modules.
type ListEntry struct {
	List     string
	Kind     string // native, managed, filter; of the bad: file, path, SHA-256, SHA-1
	Name     string // of the module; "" of the bad
	Value    string // its image or type; of the bad the file's name, path or hash
	Of       string // the product; of the bad the family, or the report's name for the set
	Strength Strength
	Weak     bool   // so general a name that it says little alone
	Source   string // a word for it
	About    string // what that is
	Date     string // when it was published: a year, month or day; "" it has no date of its own
}

// Lists are the entries of all lists that come with Escutcheon, in their order.
var Lists = sync.OnceValue(func() (out []ListEntry) {
	type source struct{ about, date string }
	sources := map[string]source{}
	for f := range tsvRows(sourcesTSV, 3) {
		sources[f[0]] = source{f[1], f[2]}
	}
	add := func(e ListEntry) {
		e.About, e.Date = sources[e.Source].about, sources[e.Source].date
		out = append(out, e)
	}
	for f := range tsvRows(ownModulesTSV, 4) {
		add(ListEntry{List: OwnList, Kind: f[1], Name: f[0], Value: f[2], Source: f[3]})
	}
	for f := range tsvRows(knownModulesTSV, 5) {
		add(ListEntry{List: KnownList, Kind: f[1], Name: f[0], Value: f[2], Of: f[3], Source: f[4]})
	}
	for f := range tsvRows(knownBadTSV, 5) {
		e := ListEntry{List: BadList, Kind: "file", Value: f[1], Of: f[2], Strength: ByName, Weak: f[3] == "weak",
			Source: f[4]}
		if f[0] != "file" {
			e.Kind, e.Strength = "path", ByImage
		}
		add(e)
	}
	for f := range tsvRows(knownBadHashesTSV, 3) {
		if _, kind, ok := readDigest(f[0]); ok {
			add(ListEntry{List: BadList, Kind: kind, Value: f[0], Of: f[1], Strength: ByHash, Source: f[2]})
		}
	}
	return out
})

// Strength is how strong it is to be what a report names.
func (b *KnownBad) Strength() Strength {
	switch {
	case b.Hash != "":
		return ByHash
	case b.Path:
		return ByImage
	}
	return ByName
}

// JudgeEntry judges what a ledger lists, as JudgeModule does, by the hash of its image
// too where that is not "". It also knows the ISAPI filters of IIS's own, and paths that
// were listed after findings and verdicts were stored. entry is what of the lists it
// rests on; nil: nothing.
func JudgeEntry(name, image, hash string, filter bool) (j Judged, entry *ListEntry) {
	j = JudgeModule(name, image)
	if bad, ok := laterBad[normalizePath(image)]; ok && j.Judgement == Unknown {
		j.Judgement, j.Report, j.Like = Bad, &bad, false
	}
	if own, ok := filters[strings.ToLower(name)]; ok && filter && j.Judgement == Unknown {
		j.Judgement = Own
		if image != "" && imageForm(image) != own {
			j.Judgement = Masquerade
		}
	}
	// A report of a file's name says nothing of a product's own file of that name, where it belongs.
	if of := productFilters[imageForm(image)]; filter && of != "" && (j.Report == nil || j.Report.Strength() == ByName) {
		j = Judged{Judgement: Known, Product: of}
	}
	j = j.WithHash(hash)
	return j, entryOf(&j, name, image)
}

// JudgeHandler judges what a handler runs, a type or a file, as JudgeEntry does modules: a
// handler's name says nothing. A type of ASP.NET's own in another assembly poses as it.
func JudgeHandler(code, hash string) (j Judged, entry *ListEntry) {
	form := imageForm(code)
	j = Judged{Judgement: Unknown, Report: LookupBad(code)}
	own, is := ownHandlers[form]
	assembly := assemblyOf(code)
	switch {
	case j.Report != nil && !j.Report.Weak:
		j.Judgement = Bad
	case is && isNative(code), is && (assembly == own || assembly == "" || own == "" && assembly == "system.web"):
		j.Judgement, j.Report = Own, nil
	case is:
		j.Judgement = Masquerade
	case productHandlers[form] != "":
		j.Judgement, j.Report, j.Product = Known, nil, productHandlers[form]
	}
	if bad, ok := laterBad[normalizePath(code)]; ok && j.Judgement == Unknown {
		j.Judgement, j.Report = Bad, &bad
	}
	j = j.WithHash(hash)
	return j, entryOf(&j, "", code)
}

// entryOf finds what of the lists a judgement rests on: with the same name and image
// before one that only has either.
func entryOf(j *Judged, name, image string) *ListEntry {
	is := func(e *ListEntry) bool { return e.List == BadList && j.Report != nil && e.Value == j.Report.Name }
	form := ImageKey(image)
	named := func(e *ListEntry) bool { return strings.EqualFold(e.Name, name) }
	imaged := func(e *ListEntry) bool { return imageForm(e.Value) == form }
	tries := []func(*ListEntry) bool{is}
	if j.Report == nil {
		list := map[Judgement]string{Own: OwnList, Masquerade: OwnList, Known: KnownList}[j.Judgement]
		if list == "" {
			return nil
		}
		of := func(e *ListEntry) bool { return e.List == list }
		tries = []func(*ListEntry) bool{
			func(e *ListEntry) bool { return of(e) && named(e) && imaged(e) },
			func(e *ListEntry) bool { return of(e) && imaged(e) },
			func(e *ListEntry) bool { return of(e) && named(e) },
		}
	}
	all := Lists()
	for _, try := range tries {
		for i := range all {
			if try(&all[i]) {
				return &all[i]
			}
		}
	}
	return nil
}
