package detection

import (
	_ "embed" // the table of techniques
	"slices"
	"strings"
)

// Technique is a MITRE ATT&CK technique.
type Technique struct {
	ID      string
	Name    string
	Tactics []string // as ES writes them: "persistence", "defense-evasion"
}

//go:embed attack.tsv
var attackTSV string

// techniques are those of the table, by id.
var techniques = map[string]Technique{}

func init() {
	for f := range tsvRows(attackTSV, 3) {
		techniques[f[0]] = Technique{f[0], f[1], strings.Split(f[2], ",")}
	}
}

// TechniqueOf looks a technique up by its id. A sub-technique that is not in
// the table has the name and tactics of its technique; one of a technique that
// is not has its id only.
func TechniqueOf(id string) Technique {
	t, ok := techniques[id]
	if !ok {
		parent, _, _ := strings.Cut(id, ".")
		t = techniques[parent]
	}
	t.ID, t.Tactics = id, slices.Clone(t.Tactics)
	return t
}

// URL is the technique's page at attack.mitre.org, or "" when the id is not of
// the form T1505 or T1505.004.
func (t Technique) URL() string {
	id, sub, isSub := strings.Cut(t.ID, ".")
	if len(id) != 5 || id[0] != 'T' || !isDigits(id[1:]) || isSub && (len(sub) != 3 || !isDigits(sub)) {
		return ""
	}
	url := "https://attack.mitre.org/techniques/" + id + "/"
	if isSub {
		url += sub + "/"
	}
	return url
}

// isTactic says whether any technique has a tactic.
func isTactic(name string) bool {
	for _, t := range techniques {
		if slices.Contains(t.Tactics, name) {
			return true
		}
	}
	return false
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// Techniques are the rule's ATT&CK techniques in the order of its tags.
func (r *Rule) Techniques() []Technique {
	var out []Technique
	for _, id := range r.Tags.MitreAttackID {
		out = append(out, TechniqueOf(id))
	}
	return out
}

// Tactics are the distinct tactics of the rule's techniques, sorted, or those that it
// names itself.
func (r *Rule) Tactics() []string {
	if len(r.Tags.Tactics) > 0 {
		return slices.Clone(r.Tags.Tactics)
	}
	var out []string
	for _, t := range r.Techniques() {
		out = append(out, t.Tactics...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Annotations are the values that annotations._all has for the rule: those of
// the annotations that ESCU's searches carry (analytic_story, cis20,
// mitre_attack, nist), and the tactics that ES adds to a technique. ESCU
// derives cis20 from the security domain (CIS 13 for network, CIS 10 else) and
// nist from the type (DE.CM for a TTP, DE.AE else).
func (r *Rule) Annotations() []string {
	out := slices.Concat(r.Tags.AnalyticStory, r.Tags.MitreAttackID, r.Tactics())
	cis, nist := "CIS 10", "DE.AE"
	if strings.EqualFold(r.Tags.SecurityDomain, "network") {
		cis = "CIS 13"
	}
	if strings.EqualFold(r.Type, "TTP") {
		nist = "DE.CM"
	}
	out = append(out, cis, nist)
	slices.Sort(out)
	return slices.Compact(out)
}
