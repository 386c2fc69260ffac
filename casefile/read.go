package casefile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"image/png"
	"io"
	"strings"
	"time"

	"escutcheon/export"
	"escutcheon/fault"
	"escutcheon/signing"
	"escutcheon/store"
	"escutcheon/triage"
)

// File is a case file that was read and checked.
type File struct {
	Case   store.CarriedCase
	Signer *signing.Signer      // nil: it is not signed
	kept   map[string]*zip.File // by SHA-256
}

// bad is what is wrong with a case file, for who brought it.
func bad(format string, args ...any) error {
	return fault.New(fault.Invalid, "This case file is damaged or incomplete: "+format+" Nothing was imported: export "+
		"the case again.", args...)
}

// Read opens a case file and checks all of it: each member is the one that the
// manifest names, byte by byte. Names are only compared: nothing is unpacked.
func Read(from io.ReaderAt, size int64) (*File, error) {
	z, err := zip.NewReader(from, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "This is no case file: it is no ZIP archive (%v). Choose a file that "+
			"“case export” wrote.", err)
	}
	if len(z.File) > maxMembers {
		return nil, bad("it has more than %d members.", maxMembers)
	}
	members := map[string]*zip.File{}
	for _, f := range z.File {
		if members[f.Name] != nil {
			return nil, bad("it has two members %q.", short(f.Name))
		}
		members[f.Name] = f
	}
	if members[manifestName] == nil {
		return nil, fault.New(fault.Invalid, "This is no case file: it has no %s. Choose a file that “case export” wrote.",
			manifestName)
	}
	raw, err := whole(members[manifestName], maxText)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil || m.Format != form {
		return nil, fault.New(fault.Invalid, "This is no case file: its %s is none of a case file.", manifestName)
	}
	if m.Version != version {
		return nil, fault.New(fault.Invalid, "This case file has the form %d, and this program reads form %d: use a newer "+
			"one.", m.Version, version)
	}
	f := &File{kept: map[string]*zip.File{}}
	if f.Signer, err = signed(members, raw); err != nil {
		return nil, err
	}
	for _, name := range []string{manifestName, sumsName, sigName, keyName} {
		delete(members, name)
	}
	if err := f.check(m, members); err != nil {
		return nil, err
	}
	f.Case.File, f.Case.Exported = store.SumOf(raw), m.Exported
	f.Case.Version = strings.TrimPrefix(m.Program, "Escutcheon ")
	return f, nil
}

// signed says who signed the manifest: a signature that is there must fit.
func signed(members map[string]*zip.File, manifest []byte) (*signing.Signer, error) {
	if members[sigName] == nil {
		return nil, nil
	}
	if members[keyName] == nil {
		return nil, bad("it is signed, and has no %s.", keyName)
	}
	sig, err := whole(members[sigName], 10_000)
	if err != nil {
		return nil, err
	}
	key, err := whole(members[keyName], 10_000)
	if err != nil {
		return nil, err
	}
	s, err := signing.Check(manifest, sig, string(key))
	if err != nil {
		return nil, bad("%s", fault.Sentence(err))
	}
	return &s, nil
}

// check reads every member once, and what the case is made of.
func (f *File) check(m manifest, members map[string]*zip.File) error {
	texts := map[string][]byte{caseName: nil, notesName: nil, auditName: nil, reportName + ".json": nil}
	for _, want := range m.Files {
		at := members[want.Name]
		if at == nil {
			return bad("%q is missing, or named twice.", short(want.Name))
		}
		delete(members, want.Name)
		sum, isKept := strings.CutPrefix(want.Name, bytesDir)
		if isKept && sum != want.SHA256 {
			return bad("%q is named after another SHA-256.", short(want.Name))
		}
		most := int64(maxText)
		if isKept {
			most, f.kept[sum] = max(store.MaxAttachment, maxCopy), at
		}
		_, wanted := texts[want.Name]
		text, err := f.member(at, want, most, wanted)
		if err != nil {
			return err
		}
		if wanted {
			texts[want.Name] = text
		}
	}
	for name := range members {
		return bad("%q is not in its manifest.", short(name))
	}
	for name, text := range texts {
		if text == nil {
			return bad("it has no %s.", name)
		}
	}
	f.Case.Told = texts[reportName+".json"]
	if !json.Valid(f.Case.Told) {
		return bad("its report.json is no JSON.")
	}
	return cmp.Or(f.readAudit(texts[auditName]), f.readNotes(texts[notesName]), f.readCase(texts[caseName]))
}

// maxCopy is the most bytes that a copy of a record has.
const maxCopy = 64 << 20

// member reads a member as far as it may be long, and compares it.
func (f *File) member(at *zip.File, want member, most int64, keep bool) ([]byte, error) {
	if want.Size > most || at.UncompressedSize64 != uint64(want.Size) {
		return nil, bad("%q has %d bytes, where the manifest has %d and %d are the most.", short(want.Name),
			at.UncompressedSize64, want.Size, most)
	}
	in, err := at.Open()
	if err != nil {
		return nil, bad("%q cannot be read: %v.", short(want.Name), err)
	}
	defer in.Close()
	var to bytes.Buffer
	sum := &hashing{h: sha256.New()}
	if keep {
		sum.to = &to
	}
	n, err := io.Copy(sum, io.LimitReader(in, want.Size+1))
	if err != nil {
		return nil, bad("%q cannot be read: %v.", short(want.Name), err)
	}
	if got := hex.EncodeToString(sum.h.Sum(nil)); n != want.Size || got != want.SHA256 {
		return nil, bad("%q has the SHA-256 %s, where the manifest has %s.", short(want.Name), got, short(want.SHA256))
	}
	return append([]byte{}, to.Bytes()...), nil
}

type hashing struct {
	h  hash.Hash
	to io.Writer
}

func (s *hashing) Write(b []byte) (int, error) {
	s.h.Write(b)
	if s.to != nil {
		return s.to.Write(b)
	}
	return len(b), nil
}

func whole(f *zip.File, most int64) ([]byte, error) {
	in, err := f.Open()
	if err != nil {
		return nil, bad("%q cannot be read: %v.", short(f.Name), err)
	}
	defer in.Close()
	out, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil || int64(len(out)) > most {
		return nil, bad("%q cannot be read, or is longer than %d bytes.", short(f.Name), most)
	}
	return out, nil
}

// Data returns the bytes of a SHA-256.
func (f *File) Data(sum string) ([]byte, error) {
	at := f.kept[sum]
	if at == nil {
		return nil, bad("it does not have the bytes whose SHA-256 is %s.", short(sum))
	}
	data, err := whole(at, max(store.MaxAttachment, maxCopy))
	if err == nil && store.SumOf(data) != sum {
		err = bad("the bytes of %s changed while it was read.", sum)
	}
	return data, err
}

func (f *File) readAudit(raw []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 4<<20)
	for n := 1; lines.Scan(); n++ {
		var a auditJSON
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return bad("line %d of its %s is no audit row.", n, auditName)
		}
		f.Case.Audit = append(f.Case.Audit, a.row())
	}
	if err := lines.Err(); err != nil {
		return bad("its %s cannot be read: %v.", auditName, err)
	}
	return nil
}

func (f *File) readNotes(raw []byte) error {
	for n, err := range export.ReadNotes(bytes.NewReader(raw)) {
		if err != nil {
			return err
		}
		f.Case.Notes = append(f.Case.Notes, n)
	}
	return nil
}

func short(s string) string { return s[:min(len(s), 100)] }

// readCase reads case.json, and looks whether it hangs together.
func (f *File) readCase(raw []byte) error {
	var in caseJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return bad("its %s cannot be read: %v.", caseName, err)
	}
	c, wrong := &f.Case, []error{}
	c.Case = store.Case{ID: in.Number, UID: in.UID, Origin: in.Origin, Title: string(in.Title), Owner: string(in.Owner),
		Verdict: string(in.Verdict), Revision: in.Revision, Author: string(in.Author), Created: in.Created,
		Editor: string(in.Editor), Edited: in.Edited}
	var ok [3]bool
	c.Status, ok[0] = triage.ParseStatus(in.Status)
	c.Disposition, ok[1] = triage.ParseDisposition(in.Disposition)
	c.Severity, ok[2] = triage.ParseUrgency(in.Severity)
	if ok != [3]bool{true, true, true} {
		wrong = append(wrong, bad("its status, disposition or severity is none."))
	}
	if in.Number < 1 || !isHex(in.UID, 32) || in.Revision < 1 {
		wrong = append(wrong, bad("its case has no number, revision or uid."))
	}
	for _, i := range in.Items {
		c.Items = append(c.Items, store.CaseItem{ID: i.ID, Case: in.Number, Kind: i.Kind, Ref: string(i.Ref), Pin: i.Evidence,
			Why: string(i.Why), Snapshot: []byte(i.Snapshot), Author: string(i.Author), Added: i.Added})
	}
	for _, q := range in.Questions {
		c.Questions = append(c.Questions, store.CaseQuestion{ID: q.ID, Case: in.Number, Question: string(q.Question),
			Answer: string(q.Answer), Items: q.Items, Revision: q.Revision, Author: string(q.Author), Created: q.Created,
			Editor: string(q.Editor), Edited: q.Edited})
	}
	for _, r := range in.Recommendations {
		c.Recommendations = append(c.Recommendations, store.CaseRecommendation{ID: r.ID, Case: in.Number,
			Text: string(r.Text), Done: r.Done, Author: string(r.Author), At: r.At})
	}
	for _, a := range in.Files {
		c.Files = append(c.Files, store.CaseFile{ID: a.ID, Case: in.Number, Name: string(a.Name), SHA256: a.SHA256,
			Size: a.Size, Why: string(a.Why), Author: string(a.Author), At: a.At})
	}
	c.Pins = map[int64]store.Pin{}
	for _, p := range in.Evidence {
		if _, twice := c.Pins[p.ID]; twice || p.ID < 1 {
			wrong = append(wrong, bad("evidence %d stands in it twice, or has no number.", p.ID))
		}
		c.Pins[p.ID] = fromPin(p)
	}
	c.Pictures = in.Pictures
	exact := map[int64]noteJSON{}
	for _, n := range in.Notes {
		exact[n.ID] = n
	}
	for i := range c.Notes {
		n := &c.Notes[i]
		if e, ok := exact[n.ID]; ok && e.Created.Unix() == n.Created.Unix() && e.Edited.Unix() == n.Edited.Unix() {
			n.Created, n.Editor, n.Edited = e.Created, string(e.Editor), e.Edited
		}
	}
	wrong = append(wrong, f.together())
	return cmp.Or(wrong...)
}

func fromPin(p pinJSON) store.Pin {
	out := store.Pin{ID: p.ID, UID: p.UID, Kind: p.Kind, Ref: string(p.Ref), Dest: string(p.Dest),
		Snapshot: []byte(p.Snapshot), Events: p.Events, Seal: p.Seal, Author: string(p.Author), Pinned: p.Pinned}
	if p.At != nil {
		out.At = *p.At
	}
	for _, c := range p.Copies {
		out.Copies = append(out.Copies, store.PinCopy{FileSHA256: c.FileSHA256, FileName: string(c.File), Archive: c.Archive,
			Format: string(c.Format), Offset: c.Offset, SHA256: c.SHA256})
	}
	return out
}

// together says what a case names and does not have.
func (f *File) together() error {
	c, items := &f.Case, map[int64]bool{}
	for _, i := range c.Items {
		items[i.ID] = true
		pinned := i.Kind == store.ItemFinding || i.Kind == store.ItemEvent
		p, ok := c.Pins[i.Pin]
		switch {
		case !pinned && i.Kind != store.ItemHost && i.Kind != store.ItemNote:
			return bad("item %d is of no kind that there is.", i.ID)
		case pinned && (!ok || p.Kind != i.Kind):
			return bad("item %d is evidence %d, which is not in it.", i.ID, i.Pin)
		}
	}
	for _, q := range c.Questions {
		for _, n := range q.Items {
			if !items[n] {
				return bad("question %d is answered by item %d, which is not in it.", q.ID, n)
			}
		}
	}
	for _, p := range c.Pins {
		var events []string
		for _, e := range p.Events {
			of, ok := c.Pins[e]
			if !ok || of.Kind != store.PinEvent || p.Kind != store.PinFinding {
				return bad("evidence %d has evidence %d, which is not in it.", p.ID, e)
			}
			events = append(events, of.UID)
		}
		if p.Sealed(events) != p.Seal || !isHex(p.UID, 64) {
			return bad("evidence %d is not as it was sealed.", p.ID)
		}
	}
	for _, t := range times(c) {
		if t.Year() < 1680 || t.Year() > 2260 {
			return bad("it has a time in the year %d.", t.Year())
		}
	}
	for _, sum := range sums(c) {
		if f.kept[sum] == nil {
			return bad("it does not have the bytes whose SHA-256 is %s.", short(sum))
		}
	}
	for dest, sum := range c.Pictures {
		if err := f.picture(sum); err != nil {
			return bad("the picture of %q: %v.", short(dest), err)
		}
	}
	return nil
}

// maxSide is of how many points a side of a picture may be.
const maxSide = 6000

// picture looks whether bytes are the picture that a page can show.
func (f *File) picture(sum string) error {
	data, err := f.Data(sum)
	if err != nil {
		return err
	}
	head, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if head.Width > maxSide || head.Height > maxSide {
		return fmt.Errorf("it is %d by %d points", head.Width, head.Height)
	}
	_, err = png.Decode(bytes.NewReader(data))
	return err
}

// times are all times that must be ones that a database can hold.
func times(c *store.CarriedCase) (out []time.Time) {
	out = append(out, c.Created, c.Edited)
	for _, i := range c.Items {
		out = append(out, i.Added)
	}
	for _, q := range c.Questions {
		out = append(out, q.Created, q.Edited)
	}
	for _, r := range c.Recommendations {
		out = append(out, r.At)
	}
	for _, f := range c.Files {
		out = append(out, f.At)
	}
	for _, p := range c.Pins {
		if out = append(out, p.Pinned); !p.At.IsZero() {
			out = append(out, p.At)
		}
	}
	for _, a := range c.Audit {
		out = append(out, a.At)
	}
	return out
}

func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
