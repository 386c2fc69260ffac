package rulebook

import (
	"context"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/store"
)

// Preview is what a filter would do to a rule's findings.
type Preview struct {
	Findings   int64           // rows that are shown now
	Suppressed []store.Finding // those that the filter would take away, 100 at most
	Count      int64           // how many it would
	Back       int64           // rows that are suppressed now and would come back
	// Undecided is how many rows the filter takes more for than it may: they would
	// stay. Untried is how many there was no time for.
	Undecided, Untried int64
}

// previewTime is how long a preview tries a filter, after those before it.
const previewTime = 2 * time.Second

// Preview says what a filter would do, without doing it. Of several that are asked
// for at once one after another is made.
func (b *Book) Preview(ctx context.Context, id, expression string) (p Preview, err error) {
	r, err := b.filtered(id, expression)
	if err != nil {
		return p, err
	}
	if b.safe {
		return p, b.held
	}
	select {
	case b.trying <- struct{}{}:
		defer func() { <-b.trying }()
	case <-ctx.Done():
		return p, ctx.Err()
	}
	kept, err := b.store.TryRule(ctx, r, previewTime)
	if err != nil {
		return p, err
	}
	for f, err := range b.store.AllFindings(ctx, store.FindingFilter{Rule: id, Suppressed: true}) {
		if err != nil {
			return p, err
		}
		doubt, shown := kept[f.Key]
		p.add(f, shown, doubt)
	}
	return p, nil
}

// add counts a finding in that the filter shows, or about which there is a doubt.
func (p *Preview) add(f store.Finding, shown bool, doubt spl.Doubt) {
	switch doubt {
	case spl.Decided:
	case spl.Pending:
		p.Untried++
	default:
		p.Undecided++
	}
	switch {
	case f.Suppressed && shown && doubt == spl.Decided:
		p.Back++
	case !f.Suppressed:
		if p.Findings++; !shown {
			p.Count++
			if len(p.Suppressed) < 100 {
				p.Suppressed = append(p.Suppressed, f)
			}
		}
	}
}
