package index

import (
	"maps"
	"math/bits"
	"slices"

	"escutcheon/detection/spl/value"
)

// texts finds many texts in a value at once, without the case of ASCII letters. Each
// text leads to the lists that it is in.
//
// Of each text three bytes are looked for, those that the fewest other texts have,
// and the text itself only where they stand. A table of states would look at each
// byte once (Aho and Corasick, 1975), but thousands of rules make it so large that
// most looks miss the processor's cache; the bits here stay in it.
type texts struct {
	few   *skips // of few texts, instead of what follows
	bits  []uint64
	shift uint32   // of a hash, which leaves the number of a bit
	first []uint32 // of each bit, where in grams its own begin; they end where the next one's do
	grams []gramAt
	words []string
	plans [][]int32 // of each word
	short []int     // words with fewer bytes than three
	step  int       // one of so many bytes is looked at
}

// gramAt is where in a word its three bytes stand.
type gramAt struct{ word, at int32 }

// There are between 2 to the power of leastBits and of mostBits bits, and roomy for
// each three bytes where there is room.
const (
	leastBits = 9
	mostBits  = 17
	roomy     = 16
)

// gramOf are three bytes as a number.
func gramOf(s string) uint32 { return uint32(s[0])<<16 | uint32(s[1])<<8 | uint32(s[2]) }

// bitOf is where three bytes are in the bits.
func (t *texts) bitOf(gram uint32) uint32 { return gram * 0x9e3779b1 >> t.shift }

func (t *texts) isSet(bit uint32) bool { return t.bits[bit/64]&(1<<(bit%64)) != 0 }

// small are bytes with the letters of ASCII in lower case.
var small = func() (out [256]byte) {
	for i := range out {
		out[i] = value.LowerByte(byte(i))
	}
	return out
}()

func newTexts(lists map[string][]int32) *texts {
	words := slices.Sorted(maps.Keys(lists))
	t := &texts{words: words}
	if t.few = newSkips(words, lists); t.few != nil {
		return t
	}
	t.step = 1
	if len(words) <= fewGrams {
		t.step = stepOf(words)
	}
	common := maps.Clone(everywhere)
	for _, w := range words {
		for i := range len(w) - 2 {
			common[gramOf(w[i:])]++
		}
	}
	grams := map[uint32][]gramAt{}
	for k, w := range words {
		t.plans = append(t.plans, lists[w])
		if len(w) < 3 {
			t.short = append(t.short, k)
			continue
		}
		from := rarest(w, t.step, common)
		for i := from; i < from+t.step; i++ {
			g := gramOf(w[i:])
			grams[g] = append(grams[g], gramAt{int32(k), int32(i)})
		}
	}
	t.setBits(grams)
	return t
}

func (t *texts) setBits(grams map[uint32][]gramAt) {
	n := uint32(min(max(bits.Len(uint(roomy*len(grams))), leastBits), mostBits))
	t.bits, t.shift = make([]uint64, 1<<n/64), 32-n
	of := make([][]gramAt, 1<<n)
	for g, at := range grams {
		b := t.bitOf(g)
		t.bits[b/64] |= 1 << (b % 64)
		of[b] = append(of[b], at...)
	}
	t.first = make([]uint32, 0, 1<<n+1)
	for _, at := range of {
		t.first = append(t.first, uint32(len(t.grams)))
		t.grams = append(t.grams, at...)
	}
	t.first = append(t.first, uint32(len(t.grams)))
}

// everywhere are threes of bytes that stand in most processes' paths and commands, as
// often as if so many words had them.
var everywhere = func() map[uint32]int {
	const often = 1 << 10
	out := map[uint32]int{}
	for _, s := range [...]string{`c:\windows\system32\`, `c:\windows\syswow64\`, `c:\program files (x86)\`,
		`c:\program files\microsoft\`, `c:\users\`, `\appdata\local\temp\`, `c:\programdata\`, `\device\harddiskvolume`,
		`.exe" `, `.exe -`, `.exe /`, `.dll`, `nt authority\system`, `microsoft corporation`, `operating system`,
		`powershell.exe`, `cmd.exe /c`, `svchost.exe -k `, `services.exe`, `explorer.exe`, `hklm\software\microsoft\windows\`,
		`hklm\system\currentcontrolset\services\`, `currentversion\`} {
		for i := range len(s) - 2 {
			out[gramOf(s[i:])] = often
		}
	}
	return out
}()

// fewGrams is up to how many words are looked for at some bytes only: wherever a word
// stands, three of its bytes begin at such a place. Of more words too many would.
const fewGrams = 200

// stepOf is from how many bytes one has to be looked at.
func stepOf(words []string) int {
	step := maxTextLen
	for _, w := range words {
		if len(w) >= 3 {
			step = min(step, len(w)-2)
		}
	}
	return step
}

// rarest is where in a word so many following threes of bytes begin that the fewest
// other words have.
func rarest(w string, step int, common map[uint32]int) (best int) {
	least := -1
	for from := range len(w) - 1 - step {
		sum := 0
		for i := from; i < from+step; i++ {
			sum += common[gramOf(w[i:])]
		}
		if least < 0 || sum < least {
			best, least = from, sum
		}
	}
	return best
}

// in calls found with the lists of each text that is in v.
func (t *texts) in(v string, found func([]int32)) {
	if t.few != nil {
		t.few.in(v, found)
		return
	}
	if len(t.short) > 0 {
		t.inShort(v, found)
	}
	if t.step > 1 {
		t.inSteps(v, found)
		return
	}
	gram := uint32(0)
	for i := range len(v) {
		gram = (gram<<8 | uint32(small[v[i]])) & 0xffffff
		if bit := t.bitOf(gram); t.isSet(bit) && i >= 2 {
			t.at(v, i-2, bit, found)
		}
	}
}

func (t *texts) inSteps(v string, found func([]int32)) {
	for i := 0; i+2 < len(v); i += t.step {
		gram := uint32(small[v[i]])<<16 | uint32(small[v[i+1]])<<8 | uint32(small[v[i+2]])
		if bit := t.bitOf(gram); t.isSet(bit) {
			t.at(v, i, bit, found)
		}
	}
}

// at calls found with the lists of each text whose three bytes stand at i, or others
// with the same bit.
func (t *texts) at(v string, i int, bit uint32, found func([]int32)) {
	for _, g := range t.grams[t.first[bit]:t.first[bit+1]] {
		if from := i - int(g.at); from >= 0 && value.HasPrefixFold(v[from:], t.words[g.word]) {
			found(t.plans[g.word])
		}
	}
}

// inShort looks for the short words, most of which are a letter beyond ASCII.
func (t *texts) inShort(v string, found func([]int32)) {
	ascii := value.IsASCII(v)
	for _, k := range t.short {
		w := t.words[k]
		if ascii && !value.IsASCII(w) {
			continue
		}
		for i := range len(v) {
			if value.HasPrefixFold(v[i:], w) {
				found(t.plans[k])
				break
			}
		}
	}
}
