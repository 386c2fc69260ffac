package detection

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/sigma"
)

// The languages that rules are written in.
const (
	LanguageESCU  = "escu"
	LanguageSigma = "sigma"
)

// Languages are all of them.
var Languages = []string{LanguageESCU, LanguageSigma}

// SigmaRule is what a Sigma rule says of itself and an ESCU rule does not.
type SigmaRule struct {
	Name      string // by which correlations may refer to it
	License   string
	Level     string
	LogSource string // windows/process_creation
	Modified  string
	Tags      []string
	// Correlates are the rules that a correlation refers to, by id or name; they stay
	// rules of their own where it generates.
	Correlates []string
	Generates  bool
}

// Language is the one that the rule is written in, of Languages.
func (r *Rule) Language() string {
	if r.Sigma != nil {
		return LanguageSigma
	}
	return LanguageESCU
}

// isSigma says whether a file is a rule in Sigma.
func (f *SourceFile) isSigma() bool { return sigma.Is(f.Content) }

// readSigma reads the one document of a Sigma file, without its search.
func readSigma(data []byte) (*Rule, *sigma.Document, error) {
	docs, err := sigma.Parse(data)
	switch {
	case err != nil:
		return nil, nil, err
	case len(docs) > 1:
		return nil, nil, errors.New("there are several rules in one document")
	}
	d := &docs[0]
	return sigmaRule(d, data), d, nil
}

// sigmaRule is a document as a rule: hourly and with risk, as a TTP is.
func sigmaRule(d *sigma.Document, data []byte) *Rule {
	r := &Rule{Name: strings.TrimSpace(d.Title), ID: cmp.Or(strings.TrimSpace(d.ID), titleID(d)), Version: 1,
		Date: date(d.Date), Author: d.Author, Status: d.Status, Type: "TTP", Description: d.Description,
		KnownFalsePositives: strings.Join(d.FalsePositives, "; "), References: d.References, Raw: data,
		HowToImplement: d.LogSource.Definition,
		Sigma: &SigmaRule{Name: d.Name, License: d.License, Level: strings.ToLower(d.Level), LogSource: d.LogSource.String(),
			Modified: date(d.Modified), Tags: d.Tags}}
	if source := d.LogSource.String(); source != "" {
		r.DataSource = []string{source}
	}
	if c := d.Correlation; c != nil {
		r.Type, r.Sigma.Correlates, r.Sigma.Generates = "Correlation", c.Rules, c.Generate
	}
	if d.Off() {
		r.Off = "its status is " + d.Status
	}
	r.sigmaTags()
	score := DefaultScores().Of(r.Sigma.Level)
	r.RBA = RBA{Message: r.Name + " on $dest$",
		RiskObjects: []RiskObject{{"dest", "system", score}, {d.UserColumn(), "user", score}}}
	return r
}

// titleID is the id of a rule that has none, made of its title and log source.
func titleID(d *sigma.Document) string {
	sum := sha256.Sum256([]byte("sigma\x00" + d.Title + "\x00" + d.LogSource.String()))
	s := hex.EncodeToString(sum[:16])
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// sigmaTags takes techniques and tactics from the tags: attack.t1505.004,
// attack.defense-evasion, which was written with _ too.
func (r *Rule) sigmaTags() {
	for _, tag := range r.Sigma.Tags {
		name, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		if !ok {
			continue
		}
		if id := strings.ToUpper(name); (Technique{ID: id}).URL() != "" {
			r.Tags.MitreAttackID = append(r.Tags.MitreAttackID, id)
		} else if name = strings.ReplaceAll(name, "_", "-"); isTactic(name) {
			r.Tags.Tactics = append(r.Tags.Tactics, name)
		}
	}
	slices.Sort(r.Tags.Tactics)
	r.Tags.Tactics = slices.Compact(r.Tags.Tactics)
}

// SigmaLevels are the levels of Sigma rules, in ascending order.
var SigmaLevels = []string{"informational", "low", "medium", "high", "critical"}

// SigmaScores are the scores of Sigma rules, by SigmaLevels.
type SigmaScores [5]int

// DefaultScores are those of Elastic's and Splunk's scales for the same words.
func DefaultScores() SigmaScores { return SigmaScores{0, 16, 36, 64, 81} }

// Of is the score of a level; of a rule that says none, that of a low one.
func (s SigmaScores) Of(level string) int {
	if i := slices.Index(SigmaLevels, level); i >= 0 {
		return s[i]
	}
	return s[1]
}

// Valid says whether all are scores.
func (s SigmaScores) Valid() bool {
	return !slices.ContainsFunc(s[:], func(n int) bool { return n < 0 || n > 100 })
}

// Scored is the content with other scores of Sigma rules.
func (c *Content) Scored(s SigmaScores) *Content {
	if s == DefaultScores() {
		return c
	}
	out := *c
	out.Rules = slices.Clone(c.Rules)
	for i, r := range out.Rules {
		if r.Sigma == nil || r.TopScore() == s.Of(r.Sigma.Level) {
			continue
		}
		one := *r
		one.RBA.RiskObjects = slices.Clone(r.RBA.RiskObjects)
		for k := range one.RBA.RiskObjects {
			one.RBA.RiskObjects[k].Score = s.Of(r.Sigma.Level)
		}
		out.Rules[i] = &one
	}
	out.index()
	return &out
}

// ScoresRead names the scores of a rule whose file does not say them: rows and risk are
// made anew where they change, and nothing else.
func (r *Rule) ScoresRead() string {
	if r.Sigma == nil {
		return ""
	}
	return "," + strconv.Itoa(r.TopScore())
}
