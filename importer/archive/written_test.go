package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"testing"
	"time"

	"escutcheon/importer/archive"
)

// TestWritten: a member says when it was written, and whether a zone is known.
func TestWritten(t *testing.T) {
	at := time.Date(2026, 3, 11, 4, 5, 6, 0, time.UTC)
	var zipped, tarred bytes.Buffer
	z := zip.NewWriter(&zipped)
	for _, h := range []*zip.FileHeader{
		{Name: "extended", Modified: at},
		{Name: "dos", ModifiedDate: uint16(2026-1980)<<9 | 3<<5 | 11, ModifiedTime: 4<<11 | 5<<5 | 3},
		{Name: "ntfs", Extra: append([]byte{0x0a, 0, 32, 0, 0, 0, 0, 0, 1, 0, 24, 0,
			0x00, 0x45, 0x77, 0x3e, 0x0c, 0xb1, 0xdc, 0x01}, make([]byte, 16)...)},
		{Name: "none"},
		{Name: "no such day", ModifiedDate: uint16(46)<<9 | 2<<5 | 31},
	} {
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(h.Name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(&tarred)
	if err := w.WriteHeader(&tar.Header{Name: "tar", Size: 3, ModTime: at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	seven := testdata(t)["lzma2.7z"]
	for _, data := range [][]byte{zipped.Bytes(), tarred.Bytes(), seven} {
		a, err := archive.Open(t.Context(), bytes.NewReader(data), int64(len(data)), archive.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Walk(func(m *archive.Member) error {
			if bytes.Equal(data, seven) && (m.Zoneless || m.Modified.Year() < 2020) {
				t.Errorf("7z: %s was written at %v", m.Name, m.Modified)
			}
			got[m.Name] = m.Modified.Format(time.RFC3339)
			if m.Zoneless {
				got[m.Name] += " zoneless"
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"extended": "2026-03-11T04:05:06Z", "dos": "2026-03-11T04:05:06Z zoneless",
		"ntfs": "2026-03-11T04:05:06Z", "none": "0001-01-01T00:00:00Z", "no such day": "0001-01-01T00:00:00Z",
		"tar": "2026-03-11T05:05:06Z"} {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
}
