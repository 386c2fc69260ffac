package detection

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection/spl"
)

// ErrNoSearch is Load's error for YAML without a search: a story, a macro, a
// lookup or another file of the content that is no rule.
var ErrNoSearch = errors.New("the YAML has no search, so it is no rule")

// Load reads a rule, compiles its search with the macros given and checks what
// the rest of the program relies on. The search's fault is an *spl.Error.
func Load(data []byte, macros spl.Macros) (*Rule, error) {
	r, err := parseRule(data)
	if err != nil {
		return nil, err
	}
	if err := r.compile(Env(macros, nil)); err != nil {
		return nil, err
	}
	return r, nil
}

// parseRule reads a rule's YAML, without compiling its search.
func parseRule(data []byte) (*Rule, error) {
	if len(data) > maxRuleSize {
		return nil, fmt.Errorf("the rule is longer than %d bytes", maxRuleSize)
	}
	var d document
	if err := readYAML(data, &d); err != nil {
		return nil, fmt.Errorf("the rule is not as the contentctl schema has it: %w", err)
	}
	r := d.rule()
	r.Raw = data
	switch {
	case strings.TrimSpace(r.Search) == "":
		return r, ErrNoSearch
	case r.ID == "" || r.Name == "":
		return r, errors.New("the rule has no id or no name")
	}
	return r, r.checkScores()
}

// compile compiles the search and notes what in the risk cannot come to pass.
func (r *Rule) compile(env spl.Env) error {
	env.Whole = true // who keeps rules runs those too that need all events of a window
	plan, err := env.Compile(r.Search)
	if err != nil {
		return fmt.Errorf("rule %q: %w", r.Name, err)
	}
	r.compiled = planned(plan)
	r.warn()
	return nil
}

// compileWith compiles a rule with its filter; "" is none.
func (r *Rule) compileWith(env spl.Env, filter string) error {
	name := r.FilterMacro()
	if filter == "" {
		return r.compile(env)
	}
	if name == "" {
		r.Warnings = append(r.Warnings, "its filter is left out: the search calls no macro that ends in _filter")
		return r.compile(env)
	}
	definition, err := filterDefinition(filter, env)
	if err != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("its filter is left out: %v", err))
		return r.compile(env)
	}
	if err := r.compile(env); err != nil {
		return err
	}
	unfiltered := r.Fingerprint()
	env.Macros = env.Macros.Overlay(spl.Macros{name: {Definition: definition, Aside: true}})
	if err := r.compile(env); err != nil {
		return err
	}
	if !r.Plan().AsideStreams() {
		r.compiled.unfiltered = unfiltered
	}
	return nil
}

func (r *Rule) checkScores() error {
	for _, o := range r.RBA.RiskObjects {
		if o.Score < 0 || o.Score > 100 {
			return fmt.Errorf("rule %q: the score %d is not between 0 and 100", r.Name, o.Score)
		}
	}
	return nil
}

// warn notes the risk and threat objects that no row can have: authors name
// fields that their search drops, and Splunk then makes no risk of them.
func (r *Rule) warn() {
	columns := r.Plan().Columns()
	say := func(what, field string) {
		if !slices.Contains(columns, field) {
			r.Warnings = append(r.Warnings, fmt.Sprintf("the %s's field %q is no column of the search (%s)", what, field,
				strings.Join(columns, ", ")))
		}
	}
	for _, o := range r.RBA.RiskObjects {
		say("risk object", o.Field)
	}
	for _, o := range r.RBA.ThreatObjects {
		say("threat object", o.Field)
	}
}

// rule makes the rule of a document.
func (d *document) rule() *Rule {
	r := &Rule{
		Name: strings.TrimSpace(string(d.Name)), ID: strings.TrimSpace(string(d.ID)), Version: d.Version.value,
		Date: date(string(cmp.Or(d.Date, d.Modified))), Author: string(d.Author), Status: string(d.Status),
		Type:        strings.TrimSpace(string(d.Type)),
		Description: string(d.Description), DataSource: d.DataSource, DataModel: d.DataModel, Search: string(d.Search),
		HowToImplement: string(d.HowToImplement), KnownFalsePositives: string(d.KnownFalsePositives),
		References: d.References,
	}
	for _, x := range d.Drilldowns {
		r.Drilldowns = append(r.Drilldowns, Drilldown{string(x.Name), string(x.Search), string(x.EarliestOffset),
			string(x.LatestOffset)})
	}
	t := d.Tags
	if t == nil {
		t = &tagsDoc{AnalyticStory: d.AnalyticStory, AssetType: d.AssetType, MitreAttackID: d.MitreAttackID,
			Product: d.Product, SecurityDomain: d.Domain}
	}
	r.Tags = Tags{AnalyticStory: t.AnalyticStory, AssetType: string(t.AssetType), MitreAttackID: t.MitreAttackID,
		Product: t.Product, SecurityDomain: string(t.SecurityDomain), Confidence: t.Confidence.value,
		Impact: t.Impact.value}
	d.risk(r)
	return r
}

// date cuts the time that YAML libraries put behind a date.
func date(s string) string {
	if day, _, ok := strings.Cut(s, "T"); ok && len(day) == len("2006-01-02") {
		return day
	}
	return s
}
