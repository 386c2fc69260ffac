package spl

var _ = register("multisearch", parseMultisearch)

// parseMultisearch reads two or more subsearches of commands that work on
// events one by one.
func parseMultisearch(p *parser, o Origin) (*Union, *Error) {
	x, err := parseUnion(p, o)
	if err != nil {
		return nil, err
	}
	if len(x.Subs) < 2 {
		return nil, p.expected("two subsearches or more")
	}
	for _, s := range x.Subs {
		for _, c := range s.Pipe {
			if c.Place() != EachRow {
				return nil, refuse(c, "", "is not supported in multisearch, which wants commands that work on single events")
			}
		}
	}
	return x, nil
}
