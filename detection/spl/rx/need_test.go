package rx_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/detection/spl/rx"
)

func TestNeeded(t *testing.T) {
	for pattern, want := range map[string]string{
		`(?i)Add-Persistence|Check-VM`:  "add-persistence check-vm",
		`get-\S+(credent|password)`:     "credent password", // longer, and so rarer
		`(?i)Get-(Foo|Bar)Item`:         "get-",
		`\\(temp|task)\\`:               "ask emp", // of t(?:emp|ask)
		`(abc)+`:                        "abc",
		`(abc){2,}`:                     "abc abc",
		`(abc)*`:                        "",
		`(abc)?d`:                       "",
		`abc|d`:                         "",
		`ab`:                            "",
		`[abc]+`:                        "",
		`füllen`:                        "",
		`(?i)kerberos.*(policy|ticket)`: "kerberos",
		`^.{1,3}evil\.dll$`:             "evil.dll",
		``:                              "",
		`(?=evil)evil`:                  "", // not for Go's engine
	} {
		got := slices.Compact(rx.Needed(pattern))
		if want := slices.Compact(strings.Fields(want)); !slices.Equal(got, want) {
			t.Errorf("%s needs %q, want %q", pattern, got, want)
		}
	}
}

// What an expression looks for first changes nothing of what it finds, in any
// case of letters, also where a letter of ASCII has another case beyond it.
func TestNeedChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields(`task kiss evil .dll \\ net get- (?i:kiss) (?i:Evil) [a-z]+ .* \d x? (task)? (?:net)+ task|evil
		(kiss|net) (?:task){2} (?:\x60|a\x60) \$ (?:\{|\{\{|\}\{)? [|{] [x\d]{4} (?:(?:ab){2}){2} (?i:\$x)`)
	texts := []string{"task", "TASK", "ki\u017fs", "\u212aiss", "kiss", "evil", "EVIL", ".dll", `\`, "net", "get-", "x", " ", "é",
		"\xff", "\n", "`", "{", "$", "|", "ab"}
	matched, without := 0, 0
	for range 20_000 {
		var pattern, text strings.Builder
		for range 1 + r.IntN(3) {
			pattern.WriteString(words[r.IntN(len(words))])
		}
		for range r.IntN(6) {
			text.WriteString(texts[r.IntN(len(texts))])
		}
		re, err := rx.Compile(pattern.String())
		if err != nil {
			t.Fatal(pattern.String(), err)
		}
		one, other := rx.NewBudget(1e6), rx.NewBudget(1e6)
		got, want := re.Match(text.String(), &one), re.Plain().Match(text.String(), &other)
		if got != want {
			t.Fatalf("%s on %q: %v, without looking first %v", pattern.String(), text.String(), got, want)
		}
		if want {
			matched++
		} else {
			without++
		}
	}
	if matched < 1000 || without < 1000 {
		t.Errorf("%d matched, %d did not", matched, without)
	}
}

func BenchmarkMatch(b *testing.B) {
	text := strings.Repeat("Write-Host 'nothing to see'; Get-Item . ", 500)
	for name, pattern := range map[string]string{
		"texts":   `(?i)(mimik|metasp|Reflection\.Assembly|shellcode|brute.?force|Port.?Scan|beacon)`,
		"classes": `[A-Za-z0-9+/]{44,}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=)`,
	} {
		re, err := rx.Compile(pattern)
		if err != nil {
			b.Fatal(err)
		}
		for how, re := range map[string]*rx.Regexp{"": re, "-plain": re.Plain()} {
			b.Run(name+how, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for range b.N {
					if re.Match(text, rx.Plenty()) {
						b.Fatal("it matches")
					}
				}
			})
		}
	}
}
