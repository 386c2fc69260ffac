package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"escutcheon/detection/spl"
	"escutcheon/event"
)

// Miss is a field that a search asks for and that no event has which was looked at,
// beside one that is nearly called so.
type Miss struct {
	Field, Near string
	In, Of      int64  // events that have Near, of those looked at
	All         bool   // these are all that there are
	Mended      string // the search with the other name; "" where it does not name the field itself
}

// String says it in a sentence.
func (m Miss) String() string {
	if m.All {
		return fmt.Sprintf("No event here carries %s; %s is in %s.", m.Field, m.Near, grouped(m.In))
	}
	return fmt.Sprintf("None of %s events looked at, the newest and some of each kind, carries %s; %s is in %s of them.",
		grouped(m.Of), m.Field, m.Near, grouped(m.In))
}

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Misses are the fields that a search misses by a letter or by its case.
func (e *Engine) Misses(ctx context.Context, s *Search) ([]Miss, error) {
	asks := s.asks()
	if len(asks) == 0 {
		return nil, nil
	}
	seen, err := e.See(ctx)
	if err != nil {
		return nil, err
	}
	return s.misses(asks, seen), nil
}

// Misses are those of Engine.Misses; none where looking would take too long. found are
// fields that the search did find.
func (j *Jobs) Misses(ctx context.Context, s *Search, found []FieldCount) []Miss {
	asks := slices.DeleteFunc(s.asks(), func(name string) bool {
		return slices.ContainsFunc(found, func(f FieldCount) bool { return f.Name == name })
	})
	if len(asks) == 0 {
		return nil
	}
	began := time.Now()
	wait := 2 * j.First
	seen := j.Seen(ctx, 24*time.Hour, wait)
	if seen == nil || len(s.misses(asks, seen)) == 0 {
		return nil
	}
	const fresh = 2 * time.Second // it may have come since
	if seen = j.Seen(ctx, fresh, wait); seen.At.Before(began.Add(-fresh)) {
		return nil
	}
	return s.misses(asks, seen)
}

// asks are the fields that a search asks stored events for, and that are none which
// events answer to whatever their log.
func (s *Search) asks() (out []string) {
	scans := s.query.Scans()
	pipe, err := s.env.Parse(s.text)
	if err != nil || len(scans) == 0 || scans[0].Model != nil || !scans[0].AsksIndex("") || len(pipe) == 0 {
		return nil
	}
	if _, ok := pipe[0].(*spl.Search); !ok {
		return nil
	}
	set := event.OtherNames()
	for _, c := range pipe {
		for _, name := range c.Reads() {
			if name != "" && name[0] != '_' && !strings.Contains(name, "*") && !slices.Contains(set, name) &&
				!slices.Contains(out, name) {
				out = append(out, name)
			}
		}
		switch c.(type) {
		case *spl.Search, *spl.Where, *spl.Eval, *spl.Regex, *spl.Rex, *spl.Bin, *spl.Fillnull, *spl.Rename, *spl.Fields,
			*spl.Dedup, *spl.Sort:
			set = append(set, c.Sets()...)
		default: // what it makes are no events
			return out
		}
		if slices.ContainsFunc(c.Sets(), func(name string) bool { return strings.Contains(name, "*") }) {
			return out
		}
	}
	return out
}

func (s *Search) misses(asks []string, seen *Seen) (out []Miss) {
	for _, name := range asks {
		if seen.Has(name) > 0 {
			continue
		}
		near := ""
		names := make([]string, 0, len(seen.fields))
		for _, f := range seen.Names("", len(seen.fields)) {
			names = append(names, f.Value)
			if near == "" && strings.EqualFold(f.Value, name) {
				near = f.Value
			}
		}
		if near == "" {
			near = spl.Near(name, names)
		}
		if near != "" {
			out = append(out, Miss{Field: name, Near: near, In: seen.Has(near), Of: seen.Sampled, All: seen.All,
				Mended: renamed(s.text, name, near)})
		}
	}
	return out
}

// renamed is a search that names another field in the place of one.
func renamed(text, field, near string) string {
	var b strings.Builder
	at := 0
	for _, t := range spl.Tokens(text) {
		w := text[t.From:t.To]
		if t.Kind != spl.FieldToken || w != field && w != "'"+field+"'" {
			continue
		}
		b.WriteString(text[at:t.From])
		if at = t.To; w == field {
			b.WriteString(spl.QuoteName(near))
		} else {
			b.WriteString("'" + near + "'")
		}
	}
	if at == 0 {
		return ""
	}
	return b.String() + text[at:]
}
