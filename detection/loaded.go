package detection

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// loaded is what was made of a rule's file: a rule, why it is refused, or neither
// where it is no rule.
type loaded struct {
	file    [sha256.Size]byte // a hash of it
	filter  string            // that the rule was compiled with
	rule    *Rule
	refused *Refusal
	read    *Rule // of one that is refused: what was read of it, where that is the rule
}

// uncompiled is the rule before it was compiled; nil where it cannot be read.
func (l *loaded) uncompiled() *Rule {
	from := cmp.Or(l.rule, l.read)
	if from == nil {
		return nil
	}
	r := *from
	r.Plan, r.Warnings, r.unfiltered = nil, nil, ""
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
	for _, s := range []string{strconv.Itoa(int(f.Kind)), f.Path, f.Author} {
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
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				if files[i].Kind == RuleFile {
					out[i] = a.load(&files[i])
				}
			}
		})
	}
	all.Wait()
	return out
}

// load reads and compiles one file, or takes over what was made of it before.
func (a *assembly) load(f *SourceFile) *loaded {
	now := &loaded{file: hashOf(f)}
	was := a.before.loaded[f.Path]
	var r *Rule
	if was != nil && was.file == now.file {
		if r = was.uncompiled(); r == nil { // whatever it is compiled with
			return was
		}
	} else {
		was = nil
		var err error
		if r, err = parseRule(f.Content); errors.Is(err, ErrNoSearch) {
			return now
		} else if err != nil {
			return now.refuse(f, r, err)
		}
		r.File, r.SentBy = f.Path, f.Author
	}
	now.filter = a.filters[strings.ToLower(r.ID)]
	if was != nil && was.filter == now.filter && a.before.beside == a.content.beside {
		return was
	}
	if err := a.compile(r); err != nil {
		now.read = r
		return now.refuse(f, r, err)
	}
	now.rule = r
	return now
}

func (l *loaded) refuse(f *SourceFile, r *Rule, err error) *loaded {
	why := refusal(*f, r, err)
	l.refused = &why
	return l
}
