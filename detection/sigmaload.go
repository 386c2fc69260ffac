package detection

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"regexp"
	"strings"
	"sync"

	"escutcheon/detection/sigma"
)

// correlationKey finds a correlation at the left edge of a document.
var correlationKey = regexp.MustCompile(`(?m)^["']?correlation["']?[ \t]*:`)

// isCorrelation says that a file is read when the rules are known to which it may refer.
func (f *SourceFile) isCorrelation() bool {
	return f.Kind == RuleFile && bytes.Contains(f.Content, []byte("correlation")) &&
		correlationKey.Match(f.Content) && f.isSigma()
}

// sigmaRules are the Sigma rules of a content, by what correlations call them.
type sigmaRules struct {
	files []SourceFile
	of    map[string]int // by id and name in lower case; the last one counts

	mu   sync.Mutex
	docs map[int]*sigma.Document
}

// know notes what a file is called; r is nil where it could not be read.
func (s *sigmaRules) know(i int, r *Rule) {
	if r == nil || r.Sigma == nil {
		return
	}
	for _, name := range []string{r.ID, r.Sigma.Name} {
		if name != "" {
			s.of[strings.ToLower(name)] = i
		}
	}
}

// find is the rule that a correlation refers to.
func (s *sigmaRules) find(ref string) (*sigma.Document, bool) {
	i, ok := s.of[strings.ToLower(ref)]
	if !ok {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.docs[i] == nil {
		docs, err := sigma.Parse(s.files[i].Content)
		if err != nil {
			return nil, false
		}
		s.docs[i] = &docs[0]
	}
	return s.docs[i], true
}

// beside names all that a correlation is made with beside its own file.
func (s *sigmaRules) beside(base [sha256.Size]byte, d *sigma.Document) (sum [sha256.Size]byte) {
	h := sha256.New()
	h.Write(base[:])
	seen := map[string]bool{}
	for queue := d.Correlation.Rules; len(queue) > 0; queue = queue[1:] {
		ref := strings.ToLower(queue[0])
		if seen[ref] {
			continue
		}
		seen[ref] = true
		h.Write([]byte(ref + "\x00"))
		if of, ok := s.find(ref); ok {
			one := hashOf(&s.files[s.of[ref]])
			h.Write(one[:])
			if of.Correlation != nil {
				queue = append(queue[:1:1], append(of.Correlation.Rules, queue[1:]...)...)
			}
		}
	}
	h.Sum(sum[:0])
	return sum
}

// loadCorrelations reads the files that refer to others, when all others are read.
func (a *assembly) loadCorrelations(files []SourceFile, out []*loaded) {
	var late []int
	for i := range files {
		if files[i].isCorrelation() {
			late = append(late, i)
		}
	}
	if len(late) == 0 {
		return
	}
	a.sigma = newSigmaRules()
	a.sigma.files = files
	for i, l := range out {
		if l != nil {
			a.sigma.know(i, firstOf(l.rule, l.read))
		}
	}
	for _, i := range late {
		r, d, err := readSigma(files[i].Content)
		if err == nil {
			a.sigma.know(i, r)
			a.sigma.docs[i] = d
		}
	}
	everywhere(len(late), func(k int) { out[late[k]] = a.load(&files[late[k]]) })
}

func firstOf(rules ...*Rule) *Rule {
	for _, r := range rules {
		if r != nil {
			return r
		}
	}
	return nil
}

// readSigma reads and compiles a rule in Sigma, or takes over what was made of it.
func (a *assembly) readSigma(f *SourceFile, was *loaded, fresh bool) *loaded {
	now := &loaded{file: hashOf(f), beside: a.content.beside}
	var r *Rule
	var d *sigma.Document
	var err error
	if was == nil || a.sigma != nil && f.isCorrelation() || was.beside != now.beside {
		if r, d, err = readSigma(f.Content); err != nil {
			return now.refuse(f, r, err)
		}
		r.of(f)
	}
	if d != nil && d.Correlation != nil && a.sigma != nil {
		now.beside = a.sigma.beside(now.beside, d)
	}
	same := was != nil && was.beside == now.beside
	if same {
		if r = was.uncompiled(); r == nil {
			return was
		}
	}
	now.filter = a.filters[strings.ToLower(r.ID)]
	with := compiling{a.content.env, now.filter, false}
	if same && was.filter == now.filter {
		if fresh && was.rule != nil {
			was.rule.compileLater(with)
		}
		return was
	}
	if !same {
		r.Search, err = d.Search(a.content.env.sigmaEnv(a.sigma))
	}
	if err == nil {
		_, err = with.compile(r)
	}
	if err != nil {
		now.read = r
		return now.refuse(f, r, err)
	}
	now.rule = r
	return now
}

// sigmaEnv is what the searches of Sigma rules are written with.
func (b *beside) sigmaEnv(rules *sigmaRules) sigma.Env {
	b.read()
	out := sigma.Env{Values: b.values}
	if rules != nil {
		out.Find = rules.find
	}
	return out
}

// switchOff has the rules that correlations refer to be no rules of their own, where
// these do not say so.
func (c *Content) switchOff() {
	by, own := map[string]string{}, map[string]bool{}
	for _, r := range c.Rules {
		if r.Sigma == nil {
			continue
		}
		for _, ref := range r.Sigma.Correlates {
			by[strings.ToLower(ref)] = r.Name
			own[strings.ToLower(ref)] = own[strings.ToLower(ref)] || r.Sigma.Generates
		}
	}
	if len(by) == 0 {
		return
	}
	for i, r := range c.Rules {
		if r.Sigma == nil || r.Off != "" {
			continue
		}
		for _, name := range []string{strings.ToLower(r.ID), strings.ToLower(r.Sigma.Name)} {
			if of, ok := by[name]; ok && name != "" && !own[name] {
				one := *r
				one.Off = "the correlation " + of + " refers to it, and does not generate it"
				c.Rules[i] = &one
			}
		}
	}
}

// sigmaValues reads the values of placeholders, later files before earlier ones.
func sigmaValues(files []SourceFile) (out sigma.Values, problems []Problem) {
	out = sigma.Values{}
	for _, f := range files {
		if f.Kind != ValuesFile {
			continue
		}
		values, err := sigma.ParseValues(f.Content)
		if err != nil {
			problems = append(problems, Problem{f.Path, err.Error()})
		}
		maps.Copy(out, values)
	}
	return out, problems
}

// CheckValues says why a file of values cannot be taken.
func CheckValues(data []byte) error {
	_, err := sigma.ParseValues(data)
	return err
}
