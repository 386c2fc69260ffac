package detection

import (
	"errors"
	"strings"

	"escutcheon/detection/sigma"
)

// PostedPath is the file of a rule that came without one: its id names it, so
// that the same id takes its place.
func PostedPath(id string) string { return "posted/" + strings.ToLower(id) + ".yml" }

// Check reads rules as files of their own beside what the content has, and says of the
// first that does not run why, in Refusal; the File of each is where it is to be kept.
// There are several only in Sigma, which has documents.
func (c *Content) Check(data []byte) (rules []*Rule, refused *Refusal) {
	f := SourceFile{Kind: RuleFile, Path: "the rule", Content: data}
	if f.isSigma() {
		return c.checkSigma(f)
	}
	r, err := parseRule(data)
	if errors.Is(err, ErrNoSearch) {
		return nil, &Refusal{File: f.Path, Name: "the rule", Reason: err.Error()}
	}
	if err == nil {
		f.Path = PostedPath(r.ID)
		r.File = f.Path
		err = r.compile(c.Env())
	}
	if err != nil {
		why := refusal(f, r, err)
		return nil, &why
	}
	return []*Rule{r}, nil
}

// checkSigma is Check of a Sigma file, whose correlations may refer to the rules of the
// content and to those of the file.
func (c *Content) checkSigma(f SourceFile) (rules []*Rule, refused *Refusal) {
	var files []SourceFile
	known := newSigmaRules()
	for _, r := range c.Rules {
		if r.Sigma != nil {
			known.know(len(known.files), r)
			known.files = append(known.files, SourceFile{Kind: RuleFile, Path: r.File, Content: r.Raw})
		}
	}
	for _, one := range Documents(f) {
		r, d, err := readSigma(one.Content)
		if err != nil {
			why := refusal(one, r, err)
			return nil, &why
		}
		one.Path = PostedPath(r.ID)
		known.docs[len(known.files)] = d
		known.know(len(known.files), r)
		known.files = append(known.files, one)
		files = append(files, one)
	}
	a := &assembly{content: &Content{env: c.env, beside: c.beside, loaded: map[CardKey]*loaded{}}, before: &Content{},
		sigma: known}
	for i := range files {
		l := a.load(&files[i])
		if l.refused != nil {
			return nil, l.refused
		}
		rules = append(rules, l.rule)
	}
	return rules, nil
}

func newSigmaRules() *sigmaRules {
	return &sigmaRules{of: map[string]int{}, docs: map[int]*sigma.Document{}}
}
