package casefile

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"escutcheon/export"
	"escutcheon/signing"
	"escutcheon/store"
)

// Reports are the report of a case in its three forms.
type Reports struct{ HTML, Markdown []byte }

// Write writes a case file. c.Told is the report as JSON; data returns the bytes of a
// SHA-256, only such as have it; more are bytes that are not kept: pictures. A key signs
// the manifest, if there is one.
func Write(ctx context.Context, to io.Writer, c *store.CarriedCase, r Reports,
	data func(ctx context.Context, sum string) ([]byte, error), more map[string][]byte, key *signing.Key) error {
	w := &writer{zip: zip.NewWriter(to), at: c.Exported}
	head, err := indented(toCase(c))
	if err != nil {
		return err
	}
	var notes, audit, auditCSV bytes.Buffer
	if err := export.NoteTable(&notes, each(c.Notes, func(n store.NoteRow) store.NoteRow { return n })); err != nil {
		return err
	}
	if err := export.AuditCSV(&auditCSV, each(c.Audit, func(a store.CarriedAudit) store.AuditRow {
		return a.AuditRow
	})); err != nil {
		return err
	}
	lines := json.NewEncoder(&audit)
	for _, a := range c.Audit {
		if err := lines.Encode(toAudit(a)); err != nil {
			return err
		}
	}
	for _, m := range []struct {
		name string
		data []byte
	}{{reportName + ".html", r.HTML}, {reportName + ".md", r.Markdown}, {reportName + ".json", c.Told},
		{caseName, head}, {notesName, notes.Bytes()}, {auditName, audit.Bytes()}, {auditCSVName, auditCSV.Bytes()}} {
		if err := w.add(m.name, m.data); err != nil {
			return err
		}
	}
	for _, sum := range sums(c) {
		bytes, ok := more[sum]
		if !ok {
			if bytes, err = data(ctx, sum); err != nil {
				return err
			}
		}
		if err := w.add(bytesDir+sum, bytes); err != nil {
			return err
		}
	}
	return w.end(c, key)
}

// sums are the SHA-256 of all bytes that a case file has, in order.
func sums(c *store.CarriedCase) (out []string) {
	for _, p := range c.Pins {
		for _, one := range p.Copies {
			out = append(out, one.SHA256)
		}
	}
	for _, f := range c.Files {
		out = append(out, f.SHA256)
	}
	for _, sum := range c.Pictures {
		out = append(out, sum)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type writer struct {
	zip  *zip.Writer
	at   time.Time
	list []member
}

func (w *writer) put(name string, data []byte) error {
	f, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.at})
	if err == nil {
		_, err = f.Write(data)
	}
	return err
}

func (w *writer) add(name string, data []byte) error {
	sum := sha256.Sum256(data)
	w.list = append(w.list, member{name, int64(len(data)), hex.EncodeToString(sum[:])})
	return w.put(name, data)
}

func (w *writer) end(c *store.CarriedCase, key *signing.Key) error {
	m, err := indented(manifest{Format: form, Version: version, Case: c.Number(),
		Title: strings.ToValidUTF8(c.Title, "\uFFFD"), Exported: c.Exported.UTC(),
		Program: "Escutcheon " + c.Version, Files: w.list})
	if err != nil {
		return err
	}
	// What sha256sum -c reads.
	var lines strings.Builder
	for _, f := range append(w.list, member{Name: manifestName, SHA256: store.SumOf(m)}) {
		fmt.Fprintf(&lines, "%s  %s\n", f.SHA256, f.Name)
	}
	if err := w.put(manifestName, m); err != nil {
		return err
	}
	if key != nil {
		if err := w.put(sigName, key.Sign(m, "case file "+c.Number(), c.Exported)); err != nil {
			return err
		}
		if err := w.put(keyName, []byte(key.Public()+"\n")); err != nil {
			return err
		}
	}
	if err := w.put(sumsName, []byte(lines.String())); err != nil {
		return err
	}
	return w.zip.Close()
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func each[T, R any](list []T, of func(T) R) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for _, one := range list {
			if !yield(of(one), nil) {
				return
			}
		}
	}
}
