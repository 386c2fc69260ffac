package modlist_test

import (
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
		"a list": {"Name         : A\nImage        : C:\\very\\\n               long.dll\nPreCondition : x\n\nName         : B\n" +
			"Image        : C:\\b.dll\n", `A C:\very\long.dll x|B C:\b.dll `},
	} {
		utf := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(strings.ReplaceAll(tt.text, "\n", "\r\n"))) {
			utf = append(utf, byte(u), byte(u>>8))
		}
		for _, data := range [][]byte{[]byte(tt.text), utf} {
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
	for _, other := range []string{"", "Name,Image\n", "Name Image is what\n", "Name : x\nnothing more\n", "MODULE x\n"} {
		if modlist.Looks([]byte(other)) {
			t.Errorf("%q is taken for a list", other)
		}
	}
	if l := modlist.Parse([]byte("MODULE \"a\" ( native )\nodd\n")); !strings.Contains(l.Problem, "Line 2") {
		t.Error(l.Problem)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("MODULE \"a\" ( native, preCondition:x )\nName Image\n---- -----\nx y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		modlist.Looks(data)
		for _, e := range modlist.Parse(data).Entries {
			if len(e.Name) > 4096 || e.Line < 1 {
				t.Errorf("%+v", e)
			}
		}
	})
}
