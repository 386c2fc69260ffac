package handlers

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/artifact"
	"escutcheon/artifact/peimage"
	"escutcheon/detection/ledger"
	"escutcheon/detection/onfile"
	"escutcheon/store"
	"escutcheon/views"
)

// ArtifactStore is what the pages of a server's files ask.
type ArtifactStore interface {
	// Configuration is what the files of a host say of its configuration.
	Configuration(ctx context.Context, of store.VerdictOf) (store.Configuration, error)
	// Artifact is one file with its text.
	Artifact(ctx context.Context, id int64) (artifact.File, error)
}

// HostConfig is the configuration of a host as history.
func (h *Handlers) HostConfig(c echo.Context) error {
	dest := destParam(c)
	if dest == "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	_, main, err := h.Ask.Hosts.HostAliases(c.Request().Context(), dest)
	if err != nil {
		return err
	}
	if main != "" {
		return c.Redirect(http.StatusSeeOther, views.WithQuery(views.HostConfigURL(main), "as-of", c.QueryParam("as-of")))
	}
	at, err := asOfParam(c)
	if err != nil {
		return err
	}
	conf, err := h.Ask.Artifacts.Configuration(c.Request().Context(), store.VerdictOf{Dest: dest, AsOf: at})
	if err != nil {
		return err
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, configAsJSON(conf))
	}
	p := views.ConfigPage{Dest: conf.Dest, Spelling: conf.Spelling, AsOfText: c.QueryParam("as-of"),
		Sources: sourceViews(store.Ledger{Log: conf.Log, Files: ledger.Collected(conf.Files)})}
	if p.Frame, err = h.frame(c, "Configuration of "+conf.Spelling); err != nil {
		return err
	}
	if conf.History != nil {
		if conf.History.Cut {
			p.Told = append(p.Told, views.ConfigTold{Text: "This host has more files than are looked at: of web.config files, " +
				"and of files of modules, some are left out.", Grave: true})
		}
		for _, t := range conf.History.Told {
			p.Told = append(p.Told, views.ConfigTold{Text: t.Text, URL: views.ArtifactURL(t.File.ID, t.Line), Grave: t.Grave})
		}
		for _, v := range slices.Backward(conf.History.Versions) {
			one := versionView(&v)
			if h.Ask.Cases != nil {
				one.AddURL = views.AddItemURL("artifact", strconv.FormatInt(v.ID, 10))
			}
			p.Versions = append(p.Versions, one)
		}
	}
	return render(c, http.StatusOK, views.HostConfig(p))
}

// mostDifferences is how many differences of a version a page lists; the JSON has all.
const mostDifferences = 200

func versionView(v *onfile.Version) views.ConfigVersion {
	out := views.ConfigVersion{Name: v.Name(), Kind: string(v.Kind), Path: v.Path, Written: v.Modified,
		URL: views.ArtifactURL(v.ID), Problem: v.Problem, First: v.First}
	for i := range v.Differences {
		if i == mostDifferences {
			out.More = len(v.Differences) - i
			break
		}
		d := &v.Differences[i]
		one := views.ConfigDifference{Text: d.Text(), Where: d.ConfigPath, What: d.Configuration, Was: d.Was, Is: d.Is,
			Line: d.IsLine, Why: d.Why}
		if d.IsLine > 0 {
			one.URL = views.ArtifactURL(v.ID, d.IsLine)
		}
		if d.Said != nil {
			one.Event, one.At, one.By, one.Finding = views.EventURL(d.Said.Event), d.Said.At, d.Said.By,
				findingURL(d.Said.Finding)
		}
		out.Differences = append(out.Differences, one)
	}
	return out
}

type configJSON struct {
	Dest     string         `json:"dest"`
	Sources  []sourceJSON   `json:"sources"`
	Told     []toldJSON     `json:"told"`
	Versions []versionJSON  `json:"versions"` // the oldest first
	Files    []artifactJSON `json:"files"`
	FilesCut bool           `json:"files_cut,omitempty"` // there are more than were looked at
}

type toldJSON struct {
	Text     string `json:"text"`
	Artifact int64  `json:"artifact"`
	Line     int    `json:"line,omitempty"`
	Grave    bool   `json:"grave"`
}

type versionJSON struct {
	artifactJSON
	First       bool             `json:"first"`    // none before it was collected
	InForce     bool             `json:"in_force"` // the newest of its file
	Differences []differenceJSON `json:"differences"`
}

type artifactJSON struct {
	Artifact int64   `json:"artifact"`
	Import   int64   `json:"import"`
	Dest     string  `json:"dest"`
	Kind     string  `json:"kind"`
	Path     string  `json:"path"`
	Name     string  `json:"name"`
	Serial   int     `json:"serial,omitempty"`
	Written  *string `json:"written"`
	Zoneless bool    `json:"zoneless,omitempty"` // by a clock whose zone was answered
	SHA256   string  `json:"sha256"`
	SHA1     string  `json:"sha1"`
	Size     int64   `json:"size"`
	Problem  string  `json:"problem,omitempty"`
}

type differenceJSON struct {
	Operation     string   `json:"operation"`
	Text          string   `json:"text"`
	ConfigPath    string   `json:"config_path"`
	Configuration string   `json:"configuration"`
	Was           string   `json:"was"`
	Is            string   `json:"is"`
	Attributes    []nvJSON `json:"attributes,omitempty"`
	Line          int      `json:"line,omitempty"`
	Event         int64    `json:"event"` // 0: no event says so
	At            *string  `json:"at"`
	By            string   `json:"by"`
	Finding       string   `json:"finding"`
	Why           string   `json:"why"`
}

type nvJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func artifactAsJSON(f *artifact.File) artifactJSON {
	return artifactJSON{f.ID, f.Import, f.Dest, string(f.Kind), f.Path, f.Name, f.Serial, instant(f.Modified), f.Zoneless,
		f.SHA256, f.SHA1, f.Size, f.Problem}
}

func configAsJSON(conf store.Configuration) configJSON {
	out := configJSON{Dest: conf.Dest, Sources: []sourceJSON{}, Told: []toldJSON{}, Versions: []versionJSON{},
		Files: []artifactJSON{}}
	for _, s := range sourceViews(store.Ledger{Log: conf.Log, Files: ledger.Collected(conf.Files)}) {
		out.Sources = append(out.Sources, sourceJSON{s.Name, s.There, instant(s.From), instant(s.To)})
	}
	for i := range conf.Files {
		out.Files = append(out.Files, artifactAsJSON(&conf.Files[i]))
	}
	if conf.History == nil {
		return out
	}
	out.FilesCut = conf.History.Cut
	for _, t := range conf.History.Told {
		out.Told = append(out.Told, toldJSON{t.Text, t.File.ID, t.Line, t.Grave})
	}
	for _, v := range conf.History.Versions {
		one := versionJSON{artifactJSON: artifactAsJSON(v.File), First: v.First, InForce: v.InForce,
			Differences: []differenceJSON{}}
		for i := range v.Differences {
			d := &v.Differences[i]
			diff := differenceJSON{Operation: string(d.Op), Text: d.Text(), ConfigPath: d.ConfigPath,
				Configuration: d.Configuration, Was: d.Was, Is: d.Is, Line: d.IsLine, Why: d.Why}
			for _, a := range d.Attributes {
				diff.Attributes = append(diff.Attributes, nvJSON{a.Name, a.Value})
			}
			if d.Said != nil {
				diff.Event, diff.At, diff.By, diff.Finding = d.Said.Event, instant(d.Said.At), d.Said.By, d.Said.Finding
			}
			one.Differences = append(one.Differences, diff)
		}
		out.Versions = append(out.Versions, one)
	}
	return out
}

// mostLines is how many lines of a file's text a page shows, and mostEntries how many
// entries.
const (
	mostLines   = 20_000
	mostEntries = 1000
)

// Artifact is the page of a file of a server that is no log.
func (h *Handlers) Artifact(c echo.Context) error {
	id, err := idParam(c, "artifact")
	if err != nil {
		return err
	}
	f, err := h.Ask.Artifacts.Artifact(c.Request().Context(), id)
	if err != nil {
		return h.orEvidence(c, store.PinFile, strconv.FormatInt(id, 10), err)
	}
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	if WantsJSON(c) {
		in, err := h.caseNumbers(c, "artifact", strconv.FormatInt(id, 10))
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, struct {
			artifactJSON
			artifact.Facts
			Text  string   `json:"text"`
			Cases []string `json:"cases"`
		}{artifactAsJSON(&f), f.Facts, string(f.Text), in})
	}
	i, err := h.importOf(c.Request().Context(), f.Import)
	if err != nil {
		return err
	}
	p := views.ArtifactPage{ID: f.ID, Title: f.Path, Dest: f.Dest, Kind: string(f.Kind), Problem: f.Problem,
		ImportID: f.Import, ImportName: i.Name, HasText: len(f.Text) > 0, Facts: artifactFacts(&f)}
	if p.Frame, err = h.frame(c, f.Path); err != nil {
		return err
	}
	if p.Cases, err = h.caseMenu(c, "artifact", strconv.FormatInt(id, 10), f.Path); err != nil {
		return err
	}
	if f.Config != nil {
		for _, k := range f.Config.MachineKeys {
			p.Told = append(p.Told, fmt.Sprintf("Line %d has a literal %s: rotate these. Who has read the file can forge view "+
				"states, and come back without a module.", k.Line, k.Which()))
		}
		for _, e := range f.Config.Entries {
			if len(p.Entries) == mostEntries {
				p.MoreEntries++
				continue
			}
			p.Entries = append(p.Entries, views.ArtifactEntry{Where: e.Section + entryOp(e.Op), Name: e.Name,
				Image: cmp.Or(e.Image, e.Type, e.ScriptProcessor, e.Path), Scope: e.Location, Line: e.Line})
		}
	}
	if f.List != nil {
		for _, e := range f.List.Entries[:min(len(f.List.Entries), mostEntries)] {
			p.Entries = append(p.Entries, views.ArtifactEntry{Where: f.List.Tool, Name: e.Name, Image: cmp.Or(e.Image, e.Type),
				Scope: e.PreCondition, Line: e.Line})
		}
		p.MoreEntries = len(f.List.Entries) - len(p.Entries)
	}
	if f.Image != nil {
		p.Told = append(p.Told, ledger.Tells(&f, nil)...)
	}
	if p.HasText {
		lines := strings.Split(string(bytes.TrimSuffix(bytes.ReplaceAll(f.Text, []byte("\r"), nil), []byte("\n"))), "\n")
		p.Lines = lines[:min(len(lines), mostLines)]
		p.MoreLines = len(lines) - len(p.Lines)
	}
	return render(c, http.StatusOK, views.Artifact(p))
}

func entryOp(op string) string {
	if op == "add" {
		return ""
	}
	return ", " + op
}

// imageFacts are what a library says of itself.
func imageFacts(i *peimage.Image, add func(name, value string, mono bool)) {
	add("Kind", i.Says(), false)
	add("Machine", i.Machine, false)
	if !i.Linked.IsZero() && !i.Repro {
		add("Linked", i.Linked.Format(time.DateTime)+" UTC, as it says itself", false)
	}
	add("Name inside", i.Internal, true)
	add("Original name", i.Original, true)
	add("Company", i.Company, false)
	add("Product", i.Product, false)
	add("Description", i.Describes, false)
	add("File version", i.Version, false)
	add("Symbols", i.PDB, true)
	add("Import hash", i.ImpHash, true)
	add("Odd", strings.Join(i.Odd, "; "), false)
	if i.Overlay > 0 {
		add("Behind its end", views.Bytes(i.Overlay), false)
	}
	names := i.Exports[:min(len(i.Exports), 20)]
	add("Exports", fmt.Sprintf("%d: %s", i.ExportsN, strings.Join(names, ", ")), true)
}

// artifactFacts are what is known of a file, for its page.
func artifactFacts(f *artifact.File) (out []views.ArtifactFact) {
	add := func(name, value string, mono bool) {
		if value != "" {
			out = append(out, views.ArtifactFact{Name: name, Value: value, Mono: mono})
		}
	}
	add("Host", cmp.Or(f.Dest, "not known"), false)
	if f.Modified.IsZero() {
		add("Written", "not known", false)
	} else {
		written := f.Modified.Format(time.DateTime) + " UTC"
		if f.Zoneless {
			written += ", by a clock whose zone was answered, or taken for UTC"
		}
		add("Written", written, false)
	}
	add("Brought as", f.Name, true)
	add("Size", views.Bytes(f.Size), false)
	add("SHA-256", f.SHA256, true)
	add("SHA-1", f.SHA1, true)
	if f.Serial > 0 {
		add("Version", strconv.Itoa(f.Serial), false)
	}
	if i := f.Image; i != nil {
		imageFacts(i, add)
	}
	if f.Config != nil {
		add("Encoding", f.Config.Encoding, false)
		for i, s := range f.Config.Sites {
			if i == 20 {
				add("Sites", fmt.Sprintf("and %d more", len(f.Config.Sites)-i), false)
				break
			}
			add("Site", s.Name, false)
		}
	}
	return out
}
