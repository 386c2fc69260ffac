package iisconfig_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"escutcheon/artifact/iisconfig"
)

// TestBounds: what is hostile costs no more than its size. Without bounds the first three
// take minutes, or gigabytes.
func TestBounds(t *testing.T) {
	key := strings.Repeat("k", 16<<10)
	for name, text := range map[string]string{
		"comments without an end":     strings.Repeat("<!--", 1<<20),
		"instructions without an end": strings.Repeat("<?", 1<<20),
		"long keys, nested": strings.Repeat(`<add name="`+key+`">`, 100) +
			strings.Repeat("<x/>", 20_000),
		"declarations without an end": strings.Repeat("<![", 1<<20),
		"an entity bomb": `<!DOCTYPE a [<!ENTITY b "` + strings.Repeat("c", 1000) + `"><!ENTITY d "&b;&b;&b;">]>` +
			`<configuration x="&d;"/>`,
		"many elements": strings.Repeat("<a/>", 1_100_000),
		"deep":          strings.Repeat("<a>", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			c := iisconfig.Parse([]byte(text))
			if c.Problem == "" && c.Cut == "" {
				t.Error("nothing is told of it")
			}
			size := 0
			for _, e := range c.Elements {
				size += len(e.Path)
			}
			if size > 64<<20 {
				t.Errorf("paths of %d MB are kept", size>>20)
			}
		})
	}
}

// TestMaskTag: a value may hold what ends a tag, before its key or behind it.
func TestMaskTag(t *testing.T) {
	for _, tag := range []string{`<add key="DbPassword" value="hunter>2tail" />`,
		`<add value="hunter>2tail" key="DbPassword"/>`, `<add value='hunter>"2tail' key='DbPassword'/>`} {
		text := "<configuration><appSettings>" + tag + "</appSettings></configuration>"
		if got := string(iisconfig.Mask([]byte(text))); strings.Contains(got, "hunter") || strings.Contains(got, "tail") ||
			iisconfig.Parse([]byte(got)).Problem != "" {
			t.Errorf("%s: %s", tag, got)
		}
	}
}

func seed(f *testing.F) {
	for _, s := range []string{written, "<globalModules><add name='x' image='y'/>", "<!-- <? <![CDATA[", `<a b="<`,
		`<configuration><x a="1" A="2" a="3"/></configuration>`,
		"\xff\xfe<\x00a\x00"} {
		f.Add([]byte(s))
	}
}

// FuzzParse: any bytes are read, and what is read can be kept as JSON.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		iisconfig.Looks(data)
		if _, err := json.Marshal(iisconfig.Parse(data)); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzMask: whatever follows it, a key does not stay; lines do.
func FuzzMask(f *testing.F) {
	const secret = "0123456789ABCDEF0123456789ABCDEF"
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte(secret)) {
			return
		}
		text := append([]byte(`<configuration><machineKey validationKey="`+secret+`"/>`), data...)
		got := iisconfig.Mask(text)
		if bytes.Contains(got, []byte(secret)) {
			t.Fatalf("%q", got)
		}
		if bytes.Count(got, []byte("\n")) != bytes.Count(text, []byte("\n")) {
			t.Fatalf("lines differ: %q", got)
		}
	})
}

// FuzzDiff: a configuration does not differ from itself.
func FuzzDiff(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := iisconfig.Parse(data)
		for _, d := range iisconfig.Diff(c, iisconfig.Parse(data)) {
			t.Fatal(d.Text())
		}
		for _, d := range iisconfig.Diff(c, iisconfig.Parse([]byte(written))) {
			_ = d.Text()
		}
	})
}

func BenchmarkParse(b *testing.B) {
	from, to := strings.Index(written, "  <system"), strings.LastIndex(written, "</conf")
	data := []byte("<configuration>" + strings.Repeat(written[from:to], 100) + "</configuration>")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		iisconfig.Parse(data)
	}
}
