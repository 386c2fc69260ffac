package rulebook

import (
	"context"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/fault"
	"escutcheon/store"
)

// MendStore is what Mend asks.
type MendStore interface {
	RuleFiles(ctx context.Context) ([]detection.SourceFile, error)
	RuleCards(ctx context.Context) (map[detection.CardKey]string, error)
	EnableRule(ctx context.Context, id string, on bool, author string) error
	CurrentFilters(ctx context.Context, now time.Time) ([]store.RuleFilter, error)
	AddFilter(ctx context.Context, f store.RuleFilter) error
	// RulesChanged has every process that uses the database read its rules anew.
	RulesChanged(ctx context.Context) error
}

// Mending is what is done to a rule from outside.
type Mending string

// The mendings.
const (
	Disable  Mending = "disable"
	Enable   Mending = "enable"
	Unfilter Mending = "unfilter"
)

// Mend changes a rule in the database without running one, so that a rule or
// filter under which a server does not come to listen can be taken out of its
// way: the next process that opens the database, or the running one within
// seconds, does what follows. The name of the rule is returned; an id that no
// rule has is a fault.NotFound.
func Mend(ctx context.Context, kept MendStore, what Mending, id, author string, now time.Time) (name string,
	err error) {
	files, err := kept.RuleFiles(ctx)
	if err != nil {
		return "", err
	}
	have, err := cards(ctx, kept)
	if err != nil {
		return "", err
	}
	content, err := (&detection.Content{}).Again(files, nil, have) // without filters
	if err != nil {
		return "", err
	}
	r := detection.Find(content.Rules, id)
	if r == nil {
		return "", fault.New(fault.NotFound, "There is no rule %q among the built-in ones and those of this database.", id)
	}
	if what == Unfilter {
		err = unfilter(ctx, kept, r, author, now)
	} else {
		err = kept.EnableRule(ctx, r.ID, what == Enable, author)
	}
	if err != nil {
		return "", err
	}
	return r.Name, kept.RulesChanged(ctx)
}

// unfilter gives a rule a filter that lets everything through; the one before
// stays in the history.
func unfilter(ctx context.Context, kept MendStore, r *detection.Rule, author string, now time.Time) error {
	current, err := kept.CurrentFilters(ctx, now)
	if err != nil {
		return err
	}
	for _, f := range current {
		if strings.EqualFold(f.RuleID, r.ID) {
			return kept.AddFilter(ctx, store.RuleFilter{RuleID: f.RuleID, Author: author,
				Reason: "Taken away on the command line."})
		}
	}
	return fault.New(fault.NotFound, "%s has no filter.", r.Name)
}
