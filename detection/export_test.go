package detection

import (
	"fmt"

	"escutcheon/detection/spl"
)

// FilterDefinition is the definition that a filter's expression comes to.
func FilterDefinition(expression string, macros spl.Macros) (string, error) {
	return filterDefinition(expression, Env(macros, nil))
}

// SetPlan gives a rule another plan.
func (r *Rule) SetPlan(p *spl.Plan) { r.compiled = planned(p) }

// IsCompiled says whether a rule's plan is made.
func IsCompiled(r *Rule) bool { return r.compiled.plan != nil }

// Bare is a rule with nothing of what its search came to.
func Bare(r *Rule) string {
	one := *r
	one.compiled = nil
	sigma := one.Sigma
	if one.Sigma = nil; sigma == nil {
		sigma = &SigmaRule{}
	}
	return fmt.Sprintf("%#v %#v", one, *sigma)
}

// ThroughCard is a rule as its card has it.
func ThroughCard(r *Rule) *Rule {
	r.messages, r.riskRead, r.compiled = []string{"own", ""}, "read", &compiled{}
	l := &loaded{rule: r}
	return Cards{"p", map[CardKey]string{{}: writeCard("p", l.card)}}.loaded(CardKey{}).rule
}

// ReadsCard says whether something is a card.
func ReadsCard(program string, key CardKey, data string) bool {
	cards := Cards{program, map[CardKey]string{key: data}}
	_, ok := cards.problems(key)
	return ok || cards.loaded(key) != nil
}
