package peimage_test

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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
		Odd: []string{"section UPX1, as packers make"}, Overlay: 4, ImpHash: sum("kernel32.createfilew,kernel32.readfile,ws2_32.send")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	program := bytes.Clone(data)
	program[0x97] = 0
	if peimage.Looks(program) || peimage.Looks([]byte("MZ")) {
		t.Error("a program is taken for a library")
	}
}

// sum is the import hash of a list.
func sum(list string) string { return fmt.Sprintf("%x", md5.Sum([]byte(list))) }

// TestOrdinals: what is imported by number goes into the import hash by its name.
func TestOrdinals(t *testing.T) {
	for dll, want := range map[string]string{"WS2_32.dll": "ws2_32.wsastartup,ws2_32.ord9999",
		"wsock32.dll": "wsock32.wsastartup,wsock32.ord9999",
		"x.y.dll":     "x.y.ord115,x.y.ord9999", "x.sys.dll": "x.sys.ord115,x.sys.ord9999", "dll": "dll.ord115,dll.ord9999"} {
		for _, x86 := range []bool{false, true} {
			d := petest.DLL{X86: x86, Imports: map[string][]string{dll: {"#115", "#9999"}}}
			if got := peimage.Read(d.Bytes()); got.ImpHash != sum(want) {
				t.Errorf("%s: %s, want that of %s", dll, got.ImpHash, want)
			}
		}
	}
	d := petest.DLL{Imports: map[string][]string{"OleAut32.dll": {"#2", "#6", "SysAllocString"}}}
	if got := peimage.Read(d.Bytes()).ImpHash; got != sum("oleaut32.sysallocstring,oleaut32.sysfreestring,"+
		"oleaut32.sysallocstring") {
		t.Error(got)
	}
}

// TestHidden: no number of other names hides those that say what a library is.
func TestHidden(t *testing.T) {
	d := petest.DLL{Name: "x.dll", Exports: []string{"RegisterModule"}}
	for i := range 20_000 {
		d.Exports = append(d.Exports, fmt.Sprintf("A%05d", i))
	}
	got := peimage.Read(d.Bytes())
	if !slices.Equal(got.Kinds, []string{peimage.NativeModule}) || got.ExportsN != 20_001 || len(got.Exports) != 201 {
		t.Errorf("%v, %d, %d", got.Kinds, got.ExportsN, len(got.Exports))
	}
	for i := range d.Exports {
		d.Exports[i] = "RegisterModule"
	}
	if got := peimage.Read(d.Bytes()); len(got.Exports) > 210 {
		t.Errorf("%d names are kept", len(got.Exports))
	}
}

// TestVersion: a version's texts are those that its resource gives, no words elsewhere in it.
func TestVersion(t *testing.T) {
	got := peimage.Read(petest.DLL{Version: map[string]string{"CompanyName": "", "Comments": "ProductName\x00\x00No",
		"FileDescription": "FileVersion", "OriginalFilename": strings.Repeat("é", 2000)}}.Bytes())
	if got.Company != "" || got.Product != "" || got.Describes != "FileVersion" || got.Version != "" ||
		len(got.Original) > 512 || !strings.HasPrefix(got.Original, "éé") {
		t.Errorf("%+v", got)
	}
}

var managed = petest.DLL{Name: "Evil.dll", X86: true, Types: []string{"A.B.Evil", "Bare"}, Handlers: []string{"A.Page"},
	Others: []string{"A.Other"}, Key: []byte{8: 4, 15: 0}}

// TestManaged: an assembly tells its name, and its types that IIS can load; one that only
// refers to their interfaces has none.
func TestManaged(t *testing.T) {
	got := peimage.Read(managed.Bytes())
	if want := (&peimage.Image{Kinds: []string{peimage.ManagedHandler, peimage.ManagedModule}, Machine: "x86",
		Managed: true, Types: []string{"A.B.Evil", "Bare", "A.Page"},
		Assembly: "Evil, Version=1.2.3.4, Culture=neutral, PublicKeyToken=b77a5c561934e089",
	}); !reflect.DeepEqual(got, want) { // the token of ECMA's key is published
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	for _, dll := range []petest.DLL{{Others: []string{"A.Other"}}, {Name: "x.dll", X86: true, Others: []string{"A"}}} {
		got := peimage.Read(dll.Bytes())
		if len(got.Kinds)+len(got.Types) > 0 || !got.Managed || !strings.Contains(got.Assembly, "PublicKeyToken=null") {
			t.Errorf("%+v", got)
		}
	}
	torn := bytes.Replace(managed.Bytes(), []byte("#~"), []byte("#!"), 1)
	if got := peimage.Read(torn); len(got.Kinds) != 2 || got.Types != nil || got.Assembly != "" {
		t.Errorf("without tables: %+v", got)
	}
}

// family is an assembly whose types come from others.
var family = petest.DLL{Name: "Family.dll", Types: []string{"A.Base"}, Others: []string{"A.Outer", "A.Plain"},
	Derived: []petest.Derived{{Type: "A.Grandson", Base: "A.Son"}, {Type: "A.Son", Base: "A.Base", Generic: true},
		{Type: "A.Outer+Inner", Base: "A.Base"}, {Type: "A.Outer+Inner+Deep", Base: "A.Grandson"},
		{Type: "A.Nephew", Base: "A.Cousin"}, {Type: "A.Cousin", Base: "Lib.ModuleBase", Of: "Lib"},
		{Type: "A.Page", Base: "System.Web.UI.Page", Of: "System.Web"},
		{Type: "A.Of", Base: "Lib.Of`1", Of: "Lib", Generic: true},
		{Type: "A.Error", Base: "System.Exception", Of: "mscorlib"}, {Type: "A.One", Base: "A.Other"},
		{Type: "A.Other", Base: "A.One"}, {Type: "A.Self", Base: "A.Self"}}}

// TestFamily: a type is a module by whatever type of the assembly it is derived from; where
// that is one of another assembly, this is told. A nested type is named with its outer ones.
func TestFamily(t *testing.T) {
	got := peimage.Read(family.Bytes())
	if want := "A.Base A.Grandson A.Son A.Outer+Inner A.Outer+Inner+Deep"; strings.Join(got.Types, " ") != want ||
		!slices.Equal(got.Kinds, []string{peimage.ManagedModule}) {
		t.Errorf("%q, %q, want %q", got.Kinds, got.Types, want)
	}
	if want := []peimage.Unseen{{"A.Nephew", "Lib.ModuleBase", "Lib"}, {"A.Cousin", "Lib.ModuleBase", "Lib"},
		{"A.Page", "System.Web.UI.Page", "System.Web"}, {"A.Of", "Lib.Of`1", "Lib"}}; !slices.Equal(got.Unseen, want) {
		t.Errorf("%+v", got.Unseen)
	}
}

// TestDeep: a long line of types, each derived from the one behind it, costs as much as any
// other; so does one that is nested in itself.
func TestDeep(t *testing.T) {
	d := petest.DLL{Name: "x.dll", Others: []string{"A"}}
	for i := range 2000 {
		d.Derived = append(d.Derived, petest.Derived{Type: fmt.Sprint("T", i), Base: fmt.Sprint("T", i+1)})
	}
	d.Types = []string{"T2000"}
	if got := peimage.Read(d.Bytes()); len(got.Types) != 50 || got.Types[1] != "T0" {
		t.Errorf("%q", got.Types)
	}
	loop := petest.DLL{Name: "x.dll", Types: []string{"A", "A+B"}}.Bytes()
	at := bytes.Index(loop, []byte{3, 0, 2, 0}) // the row that nests B in A
	loop = bytes.Clone(loop)
	loop[at+2] = 3
	if got := peimage.Read(loop); len(got.Types) != 2 || !strings.HasPrefix(got.Types[1], "B+B") ||
		len(got.Types[1]) > 512 {
		t.Errorf("%q", got.Types)
	}
}

// TestCut: a library that is cut short at any byte says so, and is read as far as it goes.
func TestCut(t *testing.T) {
	whole := full
	whole.Signed, whole.Overlay = false, nil
	for _, d := range []petest.DLL{whole, managed, family} {
		data := d.Bytes()
		for n := range data {
			if got := peimage.Read(data[:n]); got.Problem == "" {
				t.Fatalf("cut at byte %d of %d nothing is told", n, len(data))
			}
		}
		if got := peimage.Read(data); got.Problem != "" {
			t.Error(got.Problem)
		}
	}
}

// TestLies: numbers that lie cost nothing.
func TestLies(t *testing.T) {
	for _, d := range []petest.DLL{full, family} {
		data := d.Bytes()
		for at := 0; at+4 <= len(data); at += 2 {
			bad := bytes.Clone(data)
			for _, v := range []uint32{0xffffffff, 0x7fffffff, 0x1000, 1 << 20} {
				binary.LittleEndian.PutUint32(bad[at:], v)
				if got := peimage.Read(bad); len(got.Exports) > 300 || len(got.PDB) > 2000 || len(got.Unseen) > 200 {
					t.Fatalf("byte %d: %+v", at, got)
				}
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(full.Bytes())
	f.Add(managed.Bytes())
	f.Add(family.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		peimage.Looks(data)
		img := peimage.Read(data)
		if strings.Contains(img.Says(), "\x00\x00") {
			t.Error("zero bytes in what is said")
		}
		if len(img.Exports) > 205 || len(img.Types) > 50 || len(img.Unseen) > 200 || len(img.Company) > 512 ||
			!utf8.ValidString(img.Original) {
			t.Errorf("%+v", img)
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
