package block_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"escutcheon/eventstore/block"
)

// find is which of the records a finder finds, with the block's filter and
// without.
func find(t *testing.T, f *block.Finder, raws []string, rows []int32) []int32 {
	t.Helper()
	p := block.Pack(len(raws), func(i int) (int64, string) { return 0, raws[i] })
	o, err := block.Unpack(p.Bytes, p.Count)
	if err != nil {
		t.Fatal(err)
	}
	found := f.Rows(o, p.Words, rows, nil)
	for _, row := range found {
		if !slices.Contains(rows, row) {
			t.Fatalf("row %d was not asked for", row)
		}
	}
	if without := f.Rows(o, nil, rows, nil); len(without) < len(found) {
		t.Errorf("without a filter %d are found, with one %d", len(without), len(found))
	}
	if len(found) > 0 && !f.MayHold(p.Words) {
		t.Errorf("the filter says that nothing is there, and rows %d are found", found)
	}
	return found
}

func upTo(n int) (rows []int32) {
	for i := range n {
		rows = append(rows, int32(i))
	}
	return rows
}

// TestFind: what holds the words and texts is found, whatever it is written with;
// what does not is passed over.
func TestFind(t *testing.T) {
	raws := []string{
		0: `{"p":"C:\\Windows\\System32\\svchost.exe","m":"a\nSystem"}`,
		1: `<D>C:\Windows\System32\cmd.exe</D>`,
		2: `one two`, 3: `three`, 4: ``, 5: `ONE_TWO`, 6: `onetwo`, 7: `\u003cone\u003e`, 8: `"caf\u00e9 one"`,
		9: "caf\xe9 two", 10: "Ünïcode", 11: "one", 12: "two",
	}
	for _, c := range []struct{ words, texts, want string }{
		{"", "", "0 1 2 3 4 5 6 7 8 9 10 11 12"},
		{"system", "", "0"}, {"system32", "", "0 1"}, {"", `\Windows\System32\`, "0 1"}, {"", `windows\system32\CMD`, "1"},
		{"one", "", "2 5 7 8 11"}, {"", "one", "2 5 6 7 8 11"}, {"ONE two", "", "2 5"}, {"", "e t", "2"}, {"two", "", "2 5 9 12"},
		{"", "one|two", "2 5 6"}, {"", "eo", ""}, {"", "et", "6"}, {"", "o", "0 1 2 5 6 7 8 9 10 11 12"},
		{"café", "", "8 9"}, {"", "fé", "8 9"}, {"", "é", "0 1 2 3 4 5 6 7 8 9 10 11 12"}, {"ünïcode", "", "10"}, {"nosuch", "", ""}, {"", "nosuch", ""},
		{"", "<one>", "2 5 6 7 8 11"}, {"two", "ne", "2 5"},
	} {
		f := block.NewFinder(strings.Fields(c.words), slices.DeleteFunc(strings.Split(c.texts, "|"),
			func(s string) bool { return s == "" }))
		if f.All() != (c.words+c.texts == "") {
			t.Errorf("%q %q finds all: %v", c.words, c.texts, f.All())
		}
		got := find(t, f, raws, upTo(len(raws)))
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != c.want {
			t.Errorf("words %q, texts %q: rows %s, want %s", c.words, c.texts, s, c.want)
		}
		for _, rows := range [][]int32{{11}, {2, 5, 12}, nil} {
			some := find(t, f, raws, rows)
			for _, row := range rows {
				if slices.Contains(some, row) != slices.Contains(got, row) {
					t.Errorf("words %q, texts %q: row %d of %v", c.words, c.texts, row, rows)
				}
			}
		}
	}
}

// TestFindForeign: a letter beyond ASCII is not where there is none.
func TestFindForeign(t *testing.T) {
	for text, want := range map[string]bool{"é": false, "k": true, "\u212a": true} {
		for raw, has := range map[string]bool{"k": want, "\\u00e9k": true, "ék": true, "\xe9k": true, "&#233;k": true} {
			if got := block.NewFinder(nil, []string{text}).MayHold(filterOf("a", raw)); got != has {
				t.Errorf("%q in %q: %v", text, raw, got)
			}
		}
	}
}

// TestFindMissesNothing: a part of a text, and its words, are found wherever the
// text is written, in any case, among other records.
func TestFindMissesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for n := range rounds(2000) {
		whole := text(r)
		from := r.IntN(len(whole))
		part := strings.ToValidUTF8(whole[from:from+r.IntN(len(whole)-from+1)], "")
		if !strings.Contains(whole, part) || part == "" {
			continue
		}
		words := wordsOf(whole)
		if r.IntN(2) == 0 {
			part, words = strings.ToUpper(strings.ToLower(part)), nil
		}
		if strings.ContainsAny(part, "ſ\u212aS") { // upper case may be another letter
			part = strings.ToLower(part)
		}
		f := block.NewFinder(words, []string{part})
		for name, write := range writers(r) {
			raws := []string{"a", "<" + write(whole) + ">", write("x"), ""}
			if rows := find(t, f, raws, upTo(len(raws))); !slices.Contains(rows, 1) {
				t.Fatalf("%d, %s: %q is not found in %q (words %q)", n, name, part, raws[1], words)
			}
		}
	}
}

func BenchmarkFind(b *testing.B) {
	lines, size := logLines(4000)
	p := block.Pack(len(lines), func(i int) (int64, string) { return int64(i), lines[i] })
	o, err := block.Unpack(p.Bytes, p.Count)
	if err != nil {
		b.Fatal(err)
	}
	rows := upTo(len(lines))
	var out []int32
	for _, text := range []string{"nosuch", "TEM32\\svchostaa", "reated", "0x12"} {
		b.Run(text, func(b *testing.B) {
			f := block.NewFinder(nil, []string{text})
			b.SetBytes(int64(size))
			for b.Loop() {
				out = f.Rows(o, p.Words, rows, out[:0])
			}
			b.ReportMetric(float64(len(out)), "rows")
		})
	}
}
