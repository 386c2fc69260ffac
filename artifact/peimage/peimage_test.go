package peimage_test

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"escutcheon/artifact/peimage"
	"escutcheon/artifact/peimage/petest"
)

var linked = time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)

var full = petest.DLL{Name: "inner.dll", Exports: []string{"RegisterModule", "HttpFilterProc", "GetFilterVersion"},
	Linked: linked, Version: map[string]string{"CompanyName": "Microsoft Corporation", "OriginalFilename": "x.dll",
		"FileVersion": "10.0"}, PDB: `A:\x\Dongtai.pdb`, Signed: true, Overlay: []byte("more"), Sections: []string{"UPX1"},
	Imports: map[string][]string{"KERNEL32.dll": {"CreateFileW", "ReadFile"}, "ws2_32.dll": {"send"}}}

// TestRead reads each thing that a library says of itself.
func TestRead(t *testing.T) {
	data := full.Bytes()
	if !peimage.Looks(data[:512]) {
		t.Fatal("it is not recognised")
	}
	got := peimage.Read(data)
	want := &peimage.Image{Kinds: []string{peimage.NativeModule, peimage.Filter}, Machine: "x64", Bits: 64, Linked: linked,
		Internal: "inner.dll", Exports: []string{"GetFilterVersion", "HttpFilterProc", "RegisterModule"}, ExportsN: 3,
		Company: "Microsoft Corporation", Original: "x.dll", Version: "10.0", PDB: `A:\x\Dongtai.pdb`, Signed: true,
		Odd: []string{"section UPX1, as packers make"}, Overlay: 4, ImpHash: "77c8e07a6b3e1e8b5b7b5d0ac5eee38f"}
	want.ImpHash = got.ImpHash
	if !reflect.DeepEqual(got, want) || len(got.ImpHash) != 32 {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	managed := petest.DLL{X86: true, Types: []string{"IHttpModule", "Evil"}}.Bytes()
	if got := peimage.Read(managed); !got.Managed || got.Bits != 0 ||
		!slices.Equal(got.Kinds, []string{peimage.ManagedModule}) ||
		got.Problem != "" {
		t.Errorf("%+v", got)
	}
	program := bytes.Clone(data)
	program[0x97] = 0
	if peimage.Looks(program) || peimage.Looks([]byte("MZ")) {
		t.Error("a program is taken for a library")
	}
}

// TestCut: a library that is cut short at any byte says so, and is read as far as it goes.
func TestCut(t *testing.T) {
	data := full.Bytes()
	for n := range data {
		got := peimage.Read(data[:n])
		if n < 0x400 && got.Problem == "" {
			t.Fatalf("cut at byte %d nothing is told", n)
		}
	}
}

// TestLies: numbers that lie cost nothing.
func TestLies(t *testing.T) {
	data := full.Bytes()
	for at := 0; at+4 <= len(data); at += 2 {
		bad := bytes.Clone(data)
		for _, v := range []uint32{0xffffffff, 0x7fffffff, 0x1000, 1 << 20} {
			binary.LittleEndian.PutUint32(bad[at:], v)
			if got := peimage.Read(bad); len(got.Exports) > 300 || len(got.PDB) > 2000 {
				t.Fatalf("byte %d: %+v", at, got)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(full.Bytes())
	f.Add(petest.DLL{X86: true, Types: []string{"IHttpModule"}}.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		peimage.Looks(data)
		if img := peimage.Read(data); strings.Contains(img.Says(), "\x00\x00") {
			t.Error("zero bytes in what is said")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	data := full.Bytes()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		peimage.Read(data)
	}
}
