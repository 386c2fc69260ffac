package views

// RuleShort is what an analyst needs of a rule beside a finding.
type RuleShort struct {
	Language               string // escu, sigma
	Level                  string // of a rule in Sigma
	ID, Name, Type, Status string
	Description            string
	HowToImplement         string
	FalsePositives         string
	References             []string
	ATTCK                  []ATTCK
	Stories                []string
}

// ATTCK is a technique.
type ATTCK struct {
	ID     string // "T1505.004"
	Tactic string // "persistence"; "" unknown
}

// ErrorPage says what did not work and what to do.
type ErrorPage struct {
	Frame
	Status   int
	Sentence string // what happened, and what to do
	Link     string // where to go on; "" to the hosts
	LinkText string
}
