package ledger

import (
	"fmt"
	"slices"
	"strings"

	"escutcheon/detection"
)

// The judgements, the gravest first.
const (
	Bad      = "bad"     // a public report, or the user's list, names it
	Posing   = "posing"  // under a name of IIS's own with another image
	Unlisted = "unknown" // in no list: that says nothing against it
	Product  = "known"   // a known product's, or known to the user
	Own      = "own"     // IIS's own
)

// Judgements are all of them, the gravest first.
var Judgements = []string{Bad, Posing, Unlisted, Product, Own}

// Judgement is what the lists say of a module.
type Judgement struct {
	Judged   string             // one of Judgements
	Reason   string             // in words
	Strength detection.Strength // of what is bad, or of an entry of the user's; "" none
	Entry    *detection.ListEntry
	Yours    *Entry // an entry of the user's that decided it
}

func (j *Judgement) rank() int { return slices.Index(Judgements, j.Judged) }

// Judge judges a module by its name and image together, and by the hash of its image
// where that is known. An entry of the user's counts before those of the lists where it
// is as strong: of an image before a name that is posed as, of a hash before all.
func Judge(name, image, hash string, filter bool, known Known) Judgement {
	return JudgeHashes(name, image, []string{hash}, filter, known)
}

// JudgeHashes is Judge of an image of which several hashes are known.
func JudgeHashes(name, image string, hashes []string, filter bool, known Known) Judgement {
	judged, entry := detection.JudgeEntry(name, image, badHash(hashes), filter)
	return judge(judged, entry, name, image, hashes, known)
}

// badHash is the one of some hashes that is publicly known bad, else the first.
func badHash(hashes []string) string {
	for _, h := range hashes {
		if detection.LookupBadHash(h) != nil {
			return h
		}
	}
	if len(hashes) == 0 {
		return ""
	}
	return hashes[0]
}

// JudgeHandler is Judge of what a handler runs.
func JudgeHandler(code string, hashes []string, known Known) Judgement {
	judged, entry := detection.JudgeHandler(code, badHash(hashes))
	return judge(judged, entry, "", code, hashes, known)
}

func judge(judged detection.Judged, entry *detection.ListEntry, name, image string, hashes []string,
	known Known) Judgement {
	j := Judgement{Judged: word(judged.Judgement), Entry: entry}
	if judged.Report != nil && judged.Judgement == detection.Bad {
		j.Strength = judged.Report.Strength()
	}
	j.Reason = reason(&judged, entry, name, image)
	mine := known.find(name, image, hashes...)
	if mine == nil || !overrules(mine, &j) {
		return j
	}
	return Judgement{Judged: mine.Judgement, Strength: mine.strength(), Yours: mine,
		Reason: fmt.Sprintf("your list has its %s as %s: %s", mine.Kind, mine.Judgement, mine.says())}
}

// overrules says whether an entry of the user's counts before what the lists say.
func overrules(e *Entry, j *Judgement) bool {
	strengths := []detection.Strength{"", detection.ByName, detection.ByImage, detection.ByHash}
	mine, theirs := slices.Index(strengths, e.strength()), slices.Index(strengths, j.Strength)
	switch {
	case e.Judgement == Bad:
		return j.Judged != Bad || mine > theirs
	case j.Judged == Bad:
		return mine > theirs
	case j.Judged == Posing:
		return e.strength() != detection.ByName
	}
	return true
}

func word(j detection.Judgement) string {
	if j == detection.Masquerade {
		return Posing
	}
	return string(j)
}

// reason says in words what a judgement rests on.
func reason(j *detection.Judged, e *detection.ListEntry, name, image string) string {
	report := func() string {
		if e == nil || j.Report == nil {
			return ""
		}
		return j.Report.Family + ", " + strings.TrimSuffix(e.About+", "+e.Date, ", ")
	}
	switch j.Judgement {
	case detection.Bad:
		of := map[detection.Strength]string{detection.ByHash: "its image has the " + j.Report.Hash + " " + j.Report.Name,
			detection.ByImage: "its image is " + j.Report.Name, detection.ByName: "its image is named " + j.Report.Name}
		return of[j.Report.Strength()] + ", publicly known bad: " + report()
	case detection.Masquerade:
		if e == nil {
			return "a name of IIS's own with another image"
		}
		return "a name of IIS's own, whose image is " + e.Value
	case detection.Own:
		switch {
		case e != nil && e.Kind == "handler":
			return "a handler of IIS's or ASP.NET's own"
		case j.ByName:
			return "IIS's own by its name; no image was seen"
		case e != nil && !strings.EqualFold(e.Name, name):
			return "the image of IIS's own " + e.Name + ", under another name"
		}
		return "IIS's own by name and image"
	case detection.Known:
		return "the image of a known product: " + j.Product
	}
	if j.Report != nil {
		with := "a name that is common"
		if j.Like {
			with = "a module's name, not its image"
		}
		return fmt.Sprintf("in no list; a report names a file %s, %s: %s", j.Report.Name, with, report())
	}
	if image == "" {
		return "in no list by its name; no image was seen"
	}
	return "in no list, which says nothing against it"
}
