package ledger_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/ledger"
)

// TestKnown: entries of the user's count where they are as strong as the lists.
func TestKnown(t *testing.T) {
	const sha = "00142e46c997fe7051af5667953908cc876268be30d61cd985f6265514639251"
	entries, problems, err := ledger.ParseKnown([]byte("\ufeffKind,value,judgement,note,source\r\n" +
		"image,%windir%\\System32\\inetsrv\\rw.dll,known,moved,team\r\nname,RewriteModule,known,,\r\nname,Shop,known,,\r\n" +
		"file,shop2.dll,bad,seen there,case 4\r\nhash," + strings.ToUpper(sha) + ",known,ours,\r\n" +
		"image,D:\\a\\IIS-Trojan.dll,known,exercise,\r\nname,CgiModule,bad,,\r\n"))
	if err != nil || len(problems) > 0 || len(entries) != 7 || entries[0].Line != 2 || entries[6].Line != 8 {
		t.Fatal(entries, problems, err)
	}
	known := ledger.NewKnown(entries)
	for _, tt := range []struct {
		name, image, hash, want string
		yours                   bool
	}{
		{"RewriteModule", `C:\Windows\SysWOW64\inetsrv\RW.dll`, "", "known", true},
		{"RewriteModule", `C:\Windows\r.dll`, "", "posing", false}, // a name alone is no answer to posing
		{"shop", `D:\shop\x.dll`, "", "known", true},
		{"Shop", `D:\shop\iis-trojan.dll`, "", "bad", false},
		{"Shop", `D:\a\IIS-Trojan.dll`, "", "known", true},
		{"Other", `E:\SHOP2.dll`, "", "bad", true},
		{"Other", `E:\o.dll`, sha, "bad", false}, // as strong as a report is not stronger
		{"CgiModule", `%windir%\System32\inetsrv\cgi.dll`, "", "bad", true},
		{"Else", `E:\e.dll`, "", "unknown", false},
	} {
		j := ledger.Judge(tt.name, tt.image, tt.hash, false, known)
		if j.Judged != tt.want || (j.Yours != nil) != tt.yours {
			t.Errorf("%s %s: %+v, want %s", tt.name, tt.image, j, tt.want)
		}
	}
	if !detection.IsHash(sha) || detection.IsHash(sha[1:]) {
		t.Error("hashes are not told from other texts")
	}
}

// FuzzParseKnown: whatever a list holds, it is read or refused with its line.
func FuzzParseKnown(f *testing.F) {
	f.Add([]byte("kind,value,judgement,note,source\nname,a,known,b,c\n\"x\ny,z\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, problems, err := ledger.ParseKnown(data)
		for _, e := range entries {
			if e.Line < 2 || e.Value == "" || len(e.Value) > ledger.MostCell {
				t.Fatalf("%+v", e)
			}
		}
		if err != nil && entries != nil || len(problems) > 101 {
			t.Fatal(err, len(problems))
		}
	})
}
