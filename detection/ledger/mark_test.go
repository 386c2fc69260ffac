package ledger_test

import (
	"strings"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/ledger"
)

// TestMarks: what a mark makes of a module, by what it is about and by what the lists say.
func TestMarks(t *testing.T) {
	hash, other := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	row := func(name, image string, hashes ...string) ledger.Module {
		return ledger.Module{Name: name, Image: image, Hashes: hashes,
			Judgement: ledger.JudgeHashes(name, image, hashes, false, nil)}
	}
	bad := ""
	for _, e := range detection.Lists() {
		if e.Strength == detection.ByHash && len(e.Value) == 64 {
			bad = e.Value
		}
	}
	mark := func(name, image, hash, until string) ledger.Mark {
		return ledger.Mark{Name: name, Image: image, Hash: hash, By: "ann", Reason: "ours", Until: until}
	}
	const shop, filtering, posed = `D:\shop\trace.dll`, "RequestFilteringModule", `D:\defreq.dll`
	const day, over = "2026-03-11", "2026-03-10" // the day of noon counts
	for _, tt := range []struct {
		what       string
		m          ledger.Module
		marks      []ledger.Mark
		want, says string
	}{
		{"unknown", row("ShopTrace", shop), []ledger.Mark{mark("shoptrace", `d:/SHOP/trace.dll`, "", day)}, "known",
			"marked as known by ann until 2026-03-11: ours; without the mark it is unknown"},
		{"another image", row("ShopTrace", shop), []ledger.Mark{mark("ShopTrace", `D:\trace.dll`, "", day)}, "unknown",
			"in no list"},
		{"another name", row("ShopTrace", shop), []ledger.Mark{mark("Shop", shop, "", day)}, "unknown", "in no list"},
		{"a name alone", row("ShopTrace", ""), []ledger.Mark{mark("ShopTrace", "", "", day)}, "known", "marked"},
		{"a name alone, and an image is there", row("ShopTrace", shop), []ledger.Mark{mark("ShopTrace", "", "", day)},
			"unknown", "in no list"},
		{"expired", row("ShopTrace", shop), []ledger.Mark{mark("ShopTrace", shop, "", over)}, "unknown",
			"; a mark as known by ann expired after 2026-03-10"},
		{"its file", row("ShopTrace", shop, hash), []ledger.Mark{mark("ShopTrace", shop, hash, day)}, "known", "marked"},
		{"another file", row("ShopTrace", shop, other), []ledger.Mark{mark("ShopTrace", shop, hash, day)}, "unknown",
			"in no list"},
		{"its file and another", row("ShopTrace", shop, hash, other), []ledger.Mark{mark("ShopTrace", shop, hash, day)},
			"unknown", "in no list"},
		{"its file, which was not collected here", row("ShopTrace", shop), []ledger.Mark{mark("ShopTrace", shop, hash,
			day)}, "known", "marked"},
		{"one of its file has expired, one is in force", row("ShopTrace", shop, hash), []ledger.Mark{
			mark("ShopTrace", shop, hash, over), mark("ShopTrace", shop, "", day)}, "known", "marked"},
		{"posing", row(filtering, posed), []ledger.Mark{mark(filtering, posed, "", day)}, "known",
			"without the mark it is posing"},
		{"bad by its hash", row("ShopTrace", shop, bad), []ledger.Mark{mark("ShopTrace", shop, bad, day)}, "bad",
			"which does not undo the above"},
		{"bad by its image", row("OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`), []ledger.Mark{
			mark("OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, "", day)}, "bad", "does not undo"},
		{"bad by its image, marked by a hash that nobody saw here", row("OutputCaching",
			`C:\Windows\System32\inetsrv\caches.dll`), []ledger.Mark{mark("OutputCaching",
			`C:\Windows\System32\inetsrv\caches.dll`, hash, day)}, "bad", "does not undo"},
		{"bad by its image, marked by its hash", row("OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, hash),
			[]ledger.Mark{mark("OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, hash, day)}, "known", "marked"},
		{"bad by its name", row("x", `D:\z\IIS-Trojan.dll`), []ledger.Mark{mark("x", `D:\z\IIS-Trojan.dll`, "", day)},
			"known", "without the mark it is bad"},
		{"IIS's own", row("StaticFileModule", `%windir%\System32\inetsrv\static.dll`), []ledger.Mark{
			mark("StaticFileModule", `%windir%\System32\inetsrv\static.dll`, "", day)}, "own", "marked as known by ann"},
	} {
		list := []ledger.Module{tt.m}
		ledger.NewMarks(tt.marks).Apply(list, noon)
		if m := list[0]; m.Judged != tt.want || !strings.Contains(m.Reason, tt.says) {
			t.Errorf("%s: %s, %q; want %s with %q", tt.what, m.Judged, m.Reason, tt.want, tt.says)
		}
	}
}

// TestMarkable: a mark is offered where it would count.
func TestMarkable(t *testing.T) {
	for _, tt := range []struct {
		name, image, hash string
		want              bool
	}{
		{"ShopTrace", `D:\shop\trace.dll`, "", true}, {"ShopTrace", "", "", true},
		{"RequestFilteringModule", `D:\defreq.dll`, "", true},
		{"StaticFileModule", `%windir%\System32\inetsrv\static.dll`, "", false},
		{"OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, "", false},
		{"OutputCaching", `C:\Windows\System32\inetsrv\caches.dll`, strings.Repeat("ab", 32), true},
	} {
		m := ledger.Module{Name: tt.name, Image: tt.image, Hash: tt.hash}
		if tt.hash != "" {
			m.Hashes = []string{tt.hash}
		}
		m.Judgement = ledger.Judge(tt.name, tt.image, tt.hash, false, nil)
		if got := m.Markable(); got != tt.want {
			t.Errorf("%s %s %s: %v", tt.name, tt.image, tt.hash, got)
		}
	}
}
