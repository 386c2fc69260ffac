package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"escutcheon/detection"
)

// Mark is what somebody says of a module: that it is known, why, and until when. It is
// about one name and image together, on every host.
type Mark struct {
	Name, Image string // as the page had them
	Hash        string // SHA-256 of its file, where that was known; "" it was not
	Reason, By  string
	At          time.Time
	Until       string // the last day in UTC on which it counts, as 2006-01-02
}

// Key is what a mark is found by.
func (m *Mark) Key() (name, image string) {
	return strings.ToLower(m.Name), detection.ImageKey(m.Image)
}

// Expired says whether a mark counts no more.
func (m *Mark) Expired(now time.Time) bool { return now.UTC().Format(time.DateOnly) > m.Until }

// Says is a mark in words.
func (m *Mark) Says() string {
	return fmt.Sprintf("marked as known by %s until %s: %s", m.By, m.Until, m.Reason)
}

func (m *Mark) strength() detection.Strength {
	switch {
	case m.Hash != "":
		return detection.ByHash
	case m.Image != "":
		return detection.ByImage
	}
	return detection.ByName
}

// Marks are marks by what they are found by. Of one name and image there may be several:
// of several files.
type Marks map[[2]string][]*Mark

// NewMarks orders marks: of one name and image those of a file, by its hash, come first.
func NewMarks(list []Mark) Marks {
	out := Marks{}
	for i := range list {
		name, image := list[i].Key()
		key := [2]string{name, image}
		out[key] = append(out[key], &list[i])
	}
	for _, same := range out {
		slices.SortStableFunc(same, func(a, b *Mark) int { return strings.Compare(b.Hash, a.Hash) })
	}
	return out
}

// Of is the mark of a module, one that counts before one that has expired; nil: it has
// none. A mark of a file is not of a module of which another file was collected.
func (m Marks) Of(name, image string, hashes []string, now time.Time) (found *Mark) {
	for _, mark := range m[[2]string{strings.ToLower(name), detection.ImageKey(image)}] {
		other := func(h string) bool { return !strings.EqualFold(h, mark.Hash) }
		if mark.Hash != "" && slices.ContainsFunc(hashes, other) {
			continue
		}
		if !mark.Expired(now) {
			return mark
		}
		if found == nil {
			found = mark
		}
	}
	return found
}

// Apply judges the modules of a ledger by the marks, too, and orders them by that.
func (m Marks) Apply(list []Module, now time.Time) {
	for i := range list {
		mod := &list[i]
		if mod.Mark = m.Of(mod.Name, mod.Image, mod.Hashes, now); mod.Mark == nil {
			continue
		}
		mod.Expired = mod.Mark.Expired(now)
		mod.mark()
	}
	slices.SortStableFunc(list, func(a, b Module) int { return a.Graver(&b) })
}

// mark judges a module by its mark.
func (m *Module) mark() {
	switch {
	case m.Expired:
		m.Reason += fmt.Sprintf("; a mark as known by %s expired after %s", m.Mark.By, m.Mark.Until)
	case m.Judged == Own || m.Judged == Product:
		m.Reason += "; " + m.Mark.Says()
	case !m.Mark.counts(m):
		m.Reason += "; " + m.Mark.Says() + " (which does not undo the above)"
	default:
		m.Judgement = Judgement{Judged: Product, Strength: m.Mark.strength(), Reason: m.Mark.Says() +
			"; without the mark it is " + m.Judged + ": " + m.Reason}
	}
}

// counts says whether a mark counts before what the lists say: never before a hash that
// is known bad, and by a name alone not before a name that is posed under. A hash counts
// only where it was seen to be the module's.
func (m *Mark) counts(mod *Module) bool {
	of := m.strength()
	if of == detection.ByHash && len(mod.Hashes) == 0 {
		if of = detection.ByImage; m.Image == "" {
			of = detection.ByName
		}
	}
	return overrules(&Entry{Kind: kindOf(of), Judgement: Product}, &mod.Judgement)
}

// kindOf is the kind of entry that is as strong.
func kindOf(s detection.Strength) string {
	return map[detection.Strength]string{detection.ByHash: KindHash, detection.ByImage: KindImage,
		detection.ByName: KindName}[s]
}

// Markable says whether marking a module as known would change how it is judged.
func (m *Module) Markable() bool {
	of := Mark{Name: m.Name, Image: m.Image, Hash: m.Hash}
	return m.Judged != Own && m.Judged != Product && of.counts(m)
}
