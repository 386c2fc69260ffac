package detection

import "crypto/sha256"

// Cards are what a store keeps of what was made of files, so that each is read once:
// what its YAML says, and what compiling its search came to, or why it is refused.
type Cards struct {
	// Program names the program that takes them and makes further ones; what another
	// one made is not taken. "" takes and makes none.
	Program string
	Of      map[CardKey]string
}

// CardKey names a card: a hash of the file that it is of.
type CardKey = [sha256.Size]byte

// CardChanges are what a store of cards is to put and to drop.
type CardChanges struct {
	Put  map[CardKey]string
	Drop []CardKey
}

// CardsAfter says what is to become of cards, of which c was made with what before
// had (Again).
func (c *Content) CardsAfter(before *Content, cards Cards) (out CardChanges) {
	if cards.Program == "" {
		return out
	}
	out.Put = map[CardKey]string{}
	for key, l := range c.loaded {
		if !l.carded && before.loaded[key] != l {
			out.Put[key] = writeCard(cards.Program, l.card)
		}
	}
	if !c.env.told && c.env != before.env {
		out.Put[c.beside] = writeCard(cards.Program, c.env.card)
	}
	drop := func(key CardKey) {
		if c.loaded[key] == nil && key != c.beside {
			out.Drop = append(out.Drop, key)
		}
	}
	for key := range cards.Of {
		drop(key)
	}
	for key := range before.loaded {
		if cards.Of[key] == "" {
			drop(key)
		}
	}
	if before.env != nil && cards.Of[before.beside] == "" {
		drop(before.beside)
	}
	return out
}

// loaded is what a card has of a file; nil where there is none.
func (c Cards) loaded(key CardKey) *loaded {
	l := &loaded{file: key, carded: true}
	if !readCard(c.Program, c.Of[key], l.card) {
		return nil
	}
	return l
}

// problems are those of what lies beside the rules.
func (c Cards) problems(key CardKey) ([]Problem, bool) {
	b := &beside{}
	ok := readCard(c.Program, c.Of[key], b.card)
	return b.problems, ok
}

func (b *beside) card(c *cardCodec) {
	items(c, &b.problems, func(p *Problem) { c.texts(&p.File, &p.Reason) })
}

func (l *loaded) card(c *cardCodec) {
	c.bytes(l.beside[:])
	c.texts(&l.filter, &l.problem)
	if pointer(c, &l.refused) {
		r := l.refused
		c.texts(&r.File, &r.Name, &r.ID, &r.Command, &r.Reason)
		c.numbers(&r.Pos.Offset, &r.Pos.Line, &r.Pos.Column)
	}
	if pointer(c, &l.read) {
		l.read.card(c)
	}
	if pointer(c, &l.rule) {
		l.rule.card(c)
		l.rule.cardCompiled(c)
	}
}

// card has what was read of a rule, without its file.
func (r *Rule) card(c *cardCodec) {
	c.texts(&r.Name, &r.ID, &r.Date, &r.Author, &r.Status, &r.Type, &r.Description, &r.Search, &r.HowToImplement,
		&r.KnownFalsePositives, &r.RBA.Message, &r.Tags.AssetType, &r.Tags.SecurityDomain, &r.riskRead)
	c.texts(&r.Off)
	if pointer(c, &r.Sigma) {
		r.Sigma.card(c)
	}
	c.numbers(&r.Version, &r.Tags.Confidence, &r.Tags.Impact)
	for _, list := range []*[]string{&r.DataSource, &r.DataModel, &r.References, &r.Tags.AnalyticStory,
		&r.Tags.MitreAttackID, &r.Tags.Product, &r.Tags.Tactics, &r.messages} {
		c.list(list)
	}
	items(c, &r.Drilldowns, func(d *Drilldown) { c.texts(&d.Name, &d.Search, &d.EarliestOffset, &d.LatestOffset) })
	items(c, &r.RBA.RiskObjects, func(o *RiskObject) {
		c.texts(&o.Field, &o.Type)
		c.numbers(&o.Score)
	})
	items(c, &r.RBA.ThreatObjects, func(o *ThreatObject) { c.texts(&o.Field, &o.Type) })
}

func (s *SigmaRule) card(c *cardCodec) {
	generates := 0
	if s.Generates {
		generates = 1
	}
	c.texts(&s.Name, &s.License, &s.Level, &s.LogSource, &s.Modified)
	c.list(&s.Tags)
	c.list(&s.Correlates)
	c.numbers(&generates)
	s.Generates = generates != 0
}

// cardCompiled has what compiling its search came to.
func (r *Rule) cardCompiled(c *cardCodec) {
	if r.compiled == nil {
		r.compiled = &compiled{}
	}
	whole := 0
	if r.compiled.whole {
		whole = 1
	}
	c.texts(&r.compiled.fingerprint, &r.compiled.unfiltered)
	c.numbers(&whole)
	c.list(&r.Warnings)
	r.compiled.whole = whole != 0
}

func writeCard(program string, card func(*cardCodec)) string {
	c := cardCodec{writing: true}
	c.texts(&program)
	card(&c)
	return string(c.out)
}

// readCard says whether data is a card of the program.
func readCard(program, data string, card func(*cardCodec)) bool {
	if program == "" || data == "" {
		return false
	}
	c := cardCodec{in: data}
	var by string
	if c.texts(&by); by != program {
		return false
	}
	card(&c)
	return !c.bad && c.in == ""
}
