package views

import "time"

// ModulesPage is the module ledger of a host.
type ModulesPage struct {
	Frame
	Dest, Spelling string
	AsOfText       string // as it was asked for; "" over all logs
	Of             int    // how many modules there are, whatever is asked for
	Groups         []ModuleGroup
	More           int    // modules that are not listed
	Text           string // that the modules have which are asked for; "" all
	Types          []Option
	Presences      []Option
	Filtered       bool // not all are asked for
	Sources        []ModuleSource
	Cut            bool // only the newest changes were looked at
	FilesCut       bool // there are more files than were looked at
	CSVURL         string
	Author         string // who signed last
	MarkUntil      string // the day that a mark is offered to count until
}

// ModuleSource is what a ledger rests on, or would where it was collected.
type ModuleSource struct {
	Name, Says string
	There      bool
	From, To   time.Time // zero: not known
}

// ModuleGroup is the modules of one judgement.
type ModuleGroup struct {
	Judgement string
	Open      bool
	Rows      []ModuleRow
}

// counted says how many there are, and of how many nothing says that they are there.
func (g *ModuleGroup) counted() string {
	gone := 0
	for _, r := range g.Rows {
		if r.Present == "no" {
			gone++
		}
	}
	if gone == 0 {
		return Num(int64(len(g.Rows)))
	}
	return Num(int64(len(g.Rows))) + ", " + Num(int64(gone)) + " of them not there"
}

// ModuleRow is a module of a ledger.
type ModuleRow struct {
	Name, Image, Type string
	Scope             []string
	First, Last       time.Time
	Present           string
	AddedBy           string
	RemovedBy         string // "" it is not known to be gone
	Judgement, Reason string
	Strength          string // of what is bad
	Hosts             int64
	FirstHost         string // which had it first; "" it is not told
	FirstURL          string
	FirstSeen         time.Time
	Evidence          []ModuleEvidence
	AddURL            string        // puts it into a case; "" it is IIS's own, or there are no cases
	RequestsURL       string        // what requests tell beside its coming; "" its time is not known
	Entry             *ListedModule // of a list, on which the judgement rests; nil: none
	Mark              ModuleMark
}

// ModuleMark is the form that marks a row as known, and the mark that it has.
type ModuleMark struct {
	Name, Image, Hash string // what it is of; Hash "": not known
	Offered           bool   // marking it would change how it is judged
	There, Expired    bool
	By, Until, Reason string
	At                time.Time
}

// ModuleEvidence is one thing that a source says of a module.
type ModuleEvidence struct {
	Source, Text, By, Scope string
	At                      time.Time
	URL, Finding            string
}

// ListedModule is an entry of a list of modules.
type ListedModule struct {
	List, Kind, Name, Value, Of string
	About, Date                 string
	Strength                    string
	Weak                        bool
}

// ModuleListsPage is the lists that modules are judged by.
type ModuleListsPage struct {
	Frame
	Text  string // that entries have; "" all
	Lists []ModuleList
}

// ModuleList is one of them.
type ModuleList struct {
	ID      string // own, known, bad, hashes
	Open    bool
	Entries []ListedModule
}

// ListsURL is the lists' entries that have a text.
func ListsURL(text string) string { return WithQuery("/modules/lists", "q", text) }

// judgementWords are the judgements for a person.
func judgementWords(j string) string {
	return map[string]string{"bad": "publicly known bad", "posing": "posing as IIS's own", "unknown": "unknown",
		"known": "known product", "own": "IIS's own"}[j]
}

// marked says whether somebody's mark makes a row known.
func (r ModuleRow) marked() bool { return r.Mark.There && !r.Mark.Expired && r.Judgement == "known" }

// judgementStep is how grave a judgement is, in bars.
func judgementStep(j string) int {
	return map[string]int{"bad": 4, "posing": 4, "unknown": 3, "known": 1, "own": 1}[j]
}
