package detection

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// loaded is what was made of a rule's file: a rule, why it is refused, or neither
// where it is no rule. It is read-only.
type loaded struct {
	file    [sha256.Size]byte // a hash of it
	beside  [sha256.Size]byte // and of what the rule was compiled with
	filter  string            // and this
	rule    *Rule
	refused *Refusal
	read    *Rule // of one that is refused: what was read of it, where that is the rule
	// problem is why a built-in rule is compiled with the built-in macros alone.
	problem string
	carded  bool // a card has it
}

// uncompiled is the rule before it was compiled; nil where it cannot be read.
func (l *loaded) uncompiled() *Rule {
	from := cmp.Or(l.rule, l.read)
	if from == nil {
		return nil
	}
	r := *from
	r.compiled, r.Warnings = nil, nil
	return &r
}

// besideOf names what rules are compiled with: the files that are no rules. Zero
// names what was never made.
func besideOf(files []SourceFile) (sum [sha256.Size]byte) {
	h := sha256.New()
	for i := range files {
		if files[i].Kind != RuleFile {
			one := hashOf(&files[i])
			h.Write(one[:])
		}
	}
	h.Sum(sum[:0])
	return sum
}

func hashOf(f *SourceFile) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, s := range []string{strconv.Itoa(int(f.Kind)), f.Path, f.Author, strconv.Itoa(f.Line)} {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	h.Write(f.Content)
	h.Sum(sum[:0])
	return sum
}

// readAll reads and compiles the files of rules, by their place in the list, on all
// processors.
func (a *assembly) readAll(files []SourceFile) []*loaded {
	out := make([]*loaded, len(files))
	everywhere(len(files), func(i int) {
		if files[i].Kind == RuleFile && !files[i].isCorrelation() {
			out[i] = a.load(&files[i])
		}
	})
	a.loadCorrelations(files, out)
	return out
}

// everywhere does n things on all processors.
func everywhere(n int, do func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	all.Wait()
}

// load is read; a file at which that panics is refused, and so is not tried again.
func (a *assembly) load(f *SourceFile) (now *loaded) {
	defer func() {
		if v := recover(); v != nil {
			now = &loaded{file: hashOf(f), beside: a.content.beside}
			now.refuse(f, nil, fmt.Errorf("reading it met a fault of Escutcheon's own (%v)", v))
		}
	}()
	return a.read(f)
}

// read reads and compiles one file, or takes over what was made of it before.
func (a *assembly) read(f *SourceFile) *loaded {
	now := &loaded{file: hashOf(f), beside: a.content.beside}
	was, fresh := a.known(f, now.file)
	if f.isSigma() {
		return a.readSigma(f, was, fresh)
	}
	var r *Rule
	if was != nil {
		if r = was.uncompiled(); r == nil { // whatever it is compiled with
			return was
		}
	} else {
		var err error
		if r, err = parseRule(f.Content); errors.Is(err, ErrNoSearch) {
			return now
		} else if err != nil {
			return now.refuse(f, r, err)
		}
		r.of(f)
	}
	now.filter = a.filters[strings.ToLower(r.ID)]
	with := compiling{a.content.env, now.filter, f.Kind != RuleFile}
	if was != nil && was.filter == now.filter && was.beside == now.beside {
		if fresh && was.rule != nil {
			was.rule.compileLater(with)
		}
		return was
	}
	var err error
	if now.problem, err = with.compile(r); err != nil {
		now.read = r
		return now.refuse(f, r, err)
	}
	now.rule = r
	return now
}

// known is what was made of a file before; fresh says that a card has just told.
func (a *assembly) known(f *SourceFile, sum [sha256.Size]byte) (was *loaded, fresh bool) {
	if was = a.before.loaded[sum]; was != nil {
		return was, false
	}
	if was = a.cards.loaded(sum); was == nil {
		return nil, false
	}
	for _, r := range []*Rule{was.rule, was.read} {
		if r != nil {
			r.of(f)
		}
	}
	return was, true
}

// of notes the file that a rule was read from.
func (r *Rule) of(f *SourceFile) {
	if r.Raw = f.Content; f.Kind == RuleFile {
		r.File, r.SentBy = f.Path, f.Author
	}
}

func (l *loaded) refuse(f *SourceFile, r *Rule, err error) *loaded {
	why := refusal(*f, r, err)
	l.refused = &why
	return l
}

// compiling is what a rule is compiled with.
type compiling struct {
	beside  *beside
	filter  string
	builtIn bool
}

// compile compiles a rule. A built-in one that the macros of the files break is
// compiled with the built-in ones; then there is a problem.
func (c compiling) compile(r *Rule) (problem string, err error) {
	err = r.compileWith(c.beside.read(), c.filter)
	if err != nil && c.builtIn {
		problem = fmt.Sprintf("with the macros of the files, %v; it runs with the built-in ones", err)
		err = r.compile(Env(BuiltInMacros(), nil))
	}
	return problem, err
}
