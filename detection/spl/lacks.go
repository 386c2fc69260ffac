package spl

import (
	"slices"
	"strings"
)

// Lacking are the BY fields that an event has no value for, whatever the search's
// conditions say of it: a plan that lacks one of every event has no row. told is
// false where the event does not come that far.
func (p *Plan) Lacking(e Event) (missing []string, told bool) {
	if p.plain || p.whole != nil {
		return nil, false
	}
	told = p.show(e, func(e Event) bool {
		return walk(p.before, &rec{e: e, weight: 1}, func(r *rec) {
			for _, f := range p.by {
				if p.byValue(r, f).IsNull() {
					missing = append(missing, f)
				}
			}
		})
	})
	return missing, told
}

// walk runs steps on a row that none of them removes, and of the rows that one
// makes on the first, and says whether there is one at the end.
func walk(steps []step, r *rec, end func(*rec)) (came bool) {
	for i := range steps {
		if steps[i].one != nil {
			steps[i].one(r)
			continue
		}
		steps[i].many(r, func(c *rec) bool {
			came = walk(steps[i+1:], c, end)
			return false
		})
		return came
	}
	end(r)
	return true
}

// Asks are the fields that an event must have some value of to match: those that
// the first conditions compare with one, all of which must hold.
func (p *Plan) Asks() (out []string) {
	var each func(Expr)
	each = func(x Expr) {
		switch x := x.(type) {
		case And:
			for _, y := range x {
				each(y)
			}
		case *Compare:
			if x.Op == "=" && x.Field != "" && x.Field != indexField && !slices.Contains(out, x.Field) {
				out = append(out, x.Field)
			}
		case *In:
			if x.Field != "" && x.Field != indexField && !slices.Contains(out, x.Field) {
				out = append(out, x.Field)
			}
		}
	}
	for _, x := range p.first {
		each(x)
	}
	return out
}

// Shown is an event as the plan's commands see it; nil when it does not fill the
// plan's data model.
func (p *Plan) Shown(e Event) Event {
	switch {
	case p.model == nil:
		return e
	case !p.model.Has(e):
		return nil
	}
	return &modelled{e, p.model, p.prefix}
}

// EmptyLookups are the tables without a row that the search looks up in and needs:
// it asks for a field of them, or groups by one.
func (p *Plan) EmptyLookups() []string { return slices.Clone(p.empty) }

// needed are the names of empty tables of which the search needs a field. What asks
// whether there is none does not.
func (env *Env) needed(pipe Pipeline) (out []string) {
	for i, cmd := range pipe {
		x, ok := cmd.(*Lookup)
		if !ok {
			continue
		}
		if t := env.Tables.Find(x.Table); t != nil && len(t.Rows) == 0 && t.Default == "" &&
			needs(pipe[i+1:], eventFields(x.Out)) {
			out = append(out, x.Table)
		}
	}
	return out
}

// needs says whether no row passes some commands without a field of those given.
func needs(pipe Pipeline, fields []string) bool {
	for _, cmd := range pipe {
		hits := func(f string) bool { return slices.Contains(fields, f) }
		switch x := cmd.(type) {
		case *Search, *Where:
			text := x.String()
			denies := strings.Contains(text, "isnull(") || strings.Contains(text, "NOT ") || strings.Contains(text, "!=") ||
				strings.Contains(text, " OR ")
			if slices.ContainsFunc(x.Reads(), hits) && !denies {
				return true
			}
		case *Stats:
			return slices.ContainsFunc(x.By, hits)
		}
		fields = slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return slices.Contains(cmd.Sets(), f) })
		if len(fields) == 0 || cmd.From().Name == "fillnull" {
			return false
		}
	}
	return false
}
