package spl

import "strings"

// apart are the indexes that no imported event is in.
var apart = []string{"risk", "notable", "notes"}

// Unfit says why a rule with this search would not find what the search finds: nil
// where it would. A rule sees one window of imported events, whatever bounds of time
// its search has, and no others.
func (env Env) Unfit(search string) *Error {
	_, pipe, err := env.read(search)
	if err != nil {
		return err
	}
	env.Whole = true
	if _, err := env.Compile(search); err != nil {
		if e, ok := err.(*Error); ok {
			return e
		}
	}
	starts := 0
	if err := env.unfit(pipe, &starts); err != nil || starts > 0 {
		return err
	}
	return refuse(pipe[0], "", "looks at no events: a rule needs some to find anything in")
}

func (env *Env) unfit(pipe Pipeline, starts *int) *Error {
	if len(pipe) == 0 {
		return nil
	}
	if s, ok := scanOf(env, pipe); ok {
		*starts++
		for _, name := range apart {
			if s.AsksIndex(name) {
				return refuse(pipe[0], "the index "+name, "holds no imported event, and a rule looks at no others")
			}
		}
		if !s.AsksIndex("") {
			return refuse(pipe[0], "this", "asks for an index in which no imported event is")
		}
	}
	for _, cmd := range pipe {
		for _, w := range whensOf(cmd) {
			if !strings.HasPrefix(w.Name, "_index") && w.Name != "timeformat" {
				e := refuse(cmd, w.Name+"=", "has no effect in a rule: each hourly run looks at its own 60 minutes; take it out")
				e.Pos = w.Pos
				return e
			}
		}
		for _, sub := range subsOf(cmd) {
			if err := env.unfit(sub.Pipe, starts); err != nil {
				return err
			}
		}
	}
	return nil
}
