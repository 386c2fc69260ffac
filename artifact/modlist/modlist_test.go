package modlist_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"escutcheon/artifact/modlist"
)

// TestParse reads what the tools print.
func TestParse(t *testing.T) {
	for what, tt := range map[string]struct{ text, want string }{
		"appcmd": {"MODULE \"UriCacheModule\" ( native, preCondition: )\nMODULE \"Session\" ( managed, " +
			"type:System.Web.SessionState.SessionStateModule, preCondition:managedHandler )\n",
			"UriCacheModule  |Session System.Web.SessionState.SessionStateModule managedHandler"},
		"PowerShell": {"\nName                    Image                                PreCondition\n" +
			"----                    -----                                ------------\n" +
			"UriCacheModule          %windir%\\System32\\inetsrv\\cachu... \n" +
			"Evil                    C:\\e.dll                             bitness64\n\n",
			`UriCacheModule %windir%\System32\inetsrv\cachu... |Evil C:\e.dll bitness64`},
		"Export-Csv": {"#TYPE Microsoft.IIs.PowerShell.Framework.ConfigurationElement\n" +
			"\"name\",\"image\",\"preCondition\",\"Schema\"\n" +
			"\"A\",\"C:\\a,b.dll\",\"x\",\"S\"\n\"B\",\"C:\\b.dll\",\"\",\"S\"\n",
			`A C:\a,b.dll x|B C:\b.dll `},
		"ConvertTo-Json": {"[\n {\n  \"Name\": \"A\",\n  \"Image\": \"C:\\\\a.dll\",\n  " +
			"\"PreCondition\": \"x\",\n" +
			"  \"Attributes\": [{}]\n },\n {\"Name\": \"B\", \"Image\": \"b\", \"PreCondition\": null}\n]\n",
			`A C:\a.dll x|B b `},
		"a list that PowerShell wrapped": {"{\n \"value\": [\n  {\"name\": \"A\", \"image\": \"a\", \"preCondition\": \"x\"},\n" +
			"  {\"name\": \"B\", \"image\": \"b\", \"preCondition\": \"\"}\n ],\n \"Count\": 2\n}\n", `A a x|B b `},
		"one whose count comes first": {`{"Count":1,"value":[{"Name":"A","Image":"a","PreCondition":"x"}]}`, `A a x`},
		"wrapped":                     {"Name : A\nImage : a\nPreCondition : x,\n        y\nItemXPath : /a\n    /b\n", `A a x,y`},
		"a list": {"Name         : A\nImage        : C:\\very\\\n               long.dll\nPreCondition : x\n\nName         : B\n" +
			"Image        : C:\\b.dll\n", `A C:\very\long.dll x|B C:\b.dll `},
	} {
		utf := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(strings.ReplaceAll(tt.text, "\n", "\r\n"))) {
			utf = append(utf, byte(u), byte(u>>8))
		}
		big := bytes.Clone(utf)
		for i := 0; i+1 < len(big); i += 2 {
			big[i], big[i+1] = big[i+1], big[i]
		}
		for _, data := range [][]byte{[]byte(tt.text), utf, big} {
			if !modlist.Looks(data) {
				t.Errorf("%s is not recognised", what)
			}
			l := modlist.Parse(data)
			var got []string
			for _, e := range l.Entries {
				got = append(got, fmt.Sprintf("%s %s %s", e.Name, e.Image+e.Type, e.PreCondition))
			}
			if strings.Join(got, "|") != tt.want || l.Problem != "" || l.Tool == "" {
				t.Errorf("%s: %q %s, want %q", what, strings.Join(got, "|"), l.Problem, tt.want)
			}
		}
	}
	for _, other := range []string{"", "Name,Image\n", "Name Image is what\n", "Name : x\nnothing more\n", "MODULE x\n",
		"_time,name,image,preCondition\n1,a,b,c\n", "TimeCreated;Name;Image;PreCondition\n", `{"Name":"x","Image":"y"}`,
		`{"value":[{"EventID":7,"Name":"x","Image":"y","PreCondition":"z"}],"Count":1}`, `{"value":[],"Count":0}`,
		`{"records":[{"Name":"x","Image":"y","PreCondition":"z"}]}`,
		`{"EventID":7,"Name":"x","Image":"y","PreCondition":"z"}`, "Schema=\"Microsoft.IIs.PowerShell.Framework.X\"\n" +
			"name=\"A\"\nimage=\"b\"\npreCondition=\"\"\n"} {
		if modlist.Looks([]byte(other)) {
			t.Errorf("%q is taken for a list", other)
		}
	}
	if l := modlist.Parse([]byte("MODULE \"a\" ( native )\nodd\n")); !strings.Contains(l.Problem, "Line 2") {
		t.Error(l.Problem)
	}
}

// TestEndless: a value that goes on without end is cut, whatever it is of.
func TestEndless(t *testing.T) {
	for _, of := range []string{"Image", "PreCondition"} {
		l := modlist.Parse([]byte("Name : A\nImage : a\n" + of + " : b\n" + strings.Repeat("   more\n", 200_000)))
		e := l.Entries[0]
		if n := len(e.Image + e.PreCondition); n < 4096 || n > 4100 || of != "Image" && e.Image != "a" {
			t.Errorf("%s: %d bytes", of, n)
		}
	}
	l := modlist.Parse([]byte("[\n" +
		"{\"Name\":\"A\",\"Image\":\"a\",\"PreCondition\":\"\"},\n{\"Name\":\"B\",\n\"x\": oops"))
	if len(l.Entries) != 1 || l.Entries[0].Line != 2 || l.Problem == "" {
		t.Errorf("%+v", l)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("MODULE \"a\" ( native, preCondition:x )\nName Image\n---- -----\nx y\n"))
	f.Add([]byte("Name,Image,PreCondition\na,b,c\n"))
	f.Add([]byte(`[{"Name":"a","Image":"b","PreCondition":"c"}]`))
	f.Add([]byte(`{"value":[{"Name":"a","Image":"b","PreCondition":"c"}],"Count":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		modlist.Looks(data)
		for _, e := range modlist.Parse(data).Entries {
			if len(e.Name) > 4096 || len(e.Image) > 4096 || len(e.PreCondition) > 4096 || e.Line < 1 {
				t.Errorf("%+v", e)
			}
		}
	})
}
