package handlers

import (
	"context"
	"slices"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
)

// byLanguage is the property of findings that their rules are written in a language.
const byLanguage = "language"

// languageWords are the languages as a page says them.
var languageWords = map[string]string{detection.LanguageESCU: "ESCU", detection.LanguageSigma: "Sigma"}

// byLanguage makes what a filter says of languages a choice of rules; r is the rule that
// it names, if it names one.
func (h *Handlers) byLanguage(f *store.FindingFilter, r *detection.Rule) {
	c, ok := f.By[byLanguage]
	if !ok {
		return
	}
	delete(f.By, byLanguage)
	if r != nil && c.Fits(r.Language()) {
		return
	}
	rules := f.By[store.ByRule]
	rules.Only = []string{""} // none
	if r == nil {
		for _, r := range h.Book.Content().Rules {
			if c.Fits(r.Language()) {
				rules.Only = append(rules.Only, r.ID)
			}
		}
	}
	f.By[store.ByRule] = rules
}

// languageFacet adds the languages to the facets of findings, where there are findings of
// several.
func (h *Handlers) languageFacet(ctx context.Context, list []store.Facet, f store.FindingFilter) ([]store.Facet,
	error) {
	sigma := func(r *detection.Rule) bool { return r.Sigma != nil }
	if !slices.ContainsFunc(h.Book.Content().Rules, sigma) {
		return list, nil
	}
	all, err := h.Ask.Findings.FindingFacets(ctx, f, 0, store.ByRule)
	if err != nil {
		if fault.CodeOf(err) == fault.Invalid { // there are too many
			err = nil
		}
		return list, err
	}
	counts := map[string]int64{}
	for _, facet := range all {
		for _, v := range facet.Values {
			if r := h.Book.Find(v.Value); facet.Name == store.ByRule && r != nil {
				counts[r.Language()] += v.N
			}
		}
	}
	if len(counts) < 2 {
		return list, nil
	}
	out := store.Facet{Name: byLanguage, All: len(counts)}
	for _, l := range detection.Languages {
		out.Values = append(out.Values, store.FacetValue{Value: l, N: counts[l]})
	}
	return append(list, out), nil
}
