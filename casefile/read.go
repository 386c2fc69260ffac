package casefile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"strings"

	"escutcheon/export"
	"escutcheon/fault"
	"escutcheon/signing"
	"escutcheon/store"
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
