package detection

import (
	"path"
	"slices"
	"strings"
)

// Judgement says what a module is, as far as its name and image tell.
type Judgement string

// The judgements, the gravest first.
const (
	Bad        Judgement = "bad"        // publicly known: a hash, a listed path or a distinctive file name
	Masquerade Judgement = "masquerade" // under a name of IIS's own with another image
	Unknown    Judgement = "unknown"    // neither IIS's own nor a known product's
	Known      Judgement = "known"      // a known product's
	Own        Judgement = "own"        // IIS's own
)

// Judged is a judgement with its reason.
type Judged struct {
	Judgement
	Report  *KnownBad // that names it; of an unknown module one with a common name, or see Like
	Like    bool      // Report names a file as the module is named; its image is another, or not seen
	Product string    // of a known one
	ByName  bool      // no image was seen
}

// JudgeModule judges a module by its name and image together, by the name alone
// where no image was seen. Bad is a file: a module's name that is like the name of a
// bad one is told, and judges nothing.
func JudgeModule(name, image string) Judged {
	j := Judged{ByName: image == ""}
	own := ownNames[strings.ToLower(name)]
	if image != "" {
		j.Report = LookupBad(image)
	}
	if j.Report == nil && own == nil {
		j.Report = LookupBad(name)
		j.Like = j.Report != nil
	}
	form := imageForm(image)
	switch {
	case j.Report != nil && !j.Report.Weak && !j.Like:
		j.Judgement = Bad
	case own != nil && image != "" && !slices.Contains(own, form):
		j.Judgement = Masquerade
	case own != nil, image != "" && ownImages[form]:
		j.Judgement, j.Report, j.Like = Own, nil, false
	case image != "" && products[form] != "":
		j.Judgement, j.Report, j.Like, j.Product = Known, nil, false, products[form]
	default:
		j.Judgement = Unknown
	}
	return j
}

// WithHash is what is judged of a module whose image has a hash.
func (j Judged) WithHash(hash string) Judged {
	if bad := LookupBadHash(hash); bad != nil {
		return Judged{Judgement: Bad, Report: bad}
	}
	return j
}

// ImageKey is what images that are the same have alike.
func ImageKey(image string) string {
	if image == "" {
		return ""
	}
	return imageForm(image)
}

// ImageName is the name of an image's file, or of a type's class: "httpstrm.dll".
func ImageName(image string) string {
	if isNative(image) {
		return path.Base(normalizePath(image))
	}
	return managedType(image)
}

// IsNative says whether an image is a file; else it is a type of an assembly.
func IsNative(image string) bool { return isNative(image) }
