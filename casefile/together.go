package casefile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"image/png"
	"strings"
	"time"

	"escutcheon/store"
	"escutcheon/triage"
)

// readCase reads case.json, and looks whether it hangs together.
func (f *File) readCase(raw []byte) error {
	var in caseJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return bad("its %s cannot be read: %v.", caseName, err)
	}
	c, wrong := &f.Case, []error{}
	c.Case = store.Case{ID: in.Number, UID: in.UID, Origin: in.Origin, Title: string(in.Title), Owner: string(in.Owner),
		Verdict: string(in.Verdict), Revision: in.Revision, Author: string(in.Author), Created: in.Created,
		Editor: string(in.Editor), Edited: in.Edited}
	var ok [3]bool
	c.Status, ok[0] = triage.ParseStatus(in.Status)
	c.Disposition, ok[1] = triage.ParseDisposition(in.Disposition)
	c.Severity, ok[2] = triage.ParseUrgency(in.Severity)
	if ok != [3]bool{true, true, true} {
		wrong = append(wrong, bad("its status, disposition or severity is none."))
	}
	if in.Number < 1 || !isHex(in.UID, 32) || in.Revision < 1 {
		wrong = append(wrong, bad("its case has no number, revision or uid."))
	}
	for _, i := range in.Items {
		c.Items = append(c.Items, store.CaseItem{ID: i.ID, Case: in.Number, Kind: i.Kind, Ref: string(i.Ref), Pin: i.Evidence,
			Why: string(i.Why), Snapshot: []byte(i.Snapshot), Author: string(i.Author), Added: i.Added})
	}
	for _, q := range in.Questions {
		c.Questions = append(c.Questions, store.CaseQuestion{ID: q.ID, Case: in.Number, Question: string(q.Question),
			Answer: string(q.Answer), Items: q.Items, Revision: q.Revision, Author: string(q.Author), Created: q.Created,
			Editor: string(q.Editor), Edited: q.Edited})
	}
	for _, r := range in.Recommendations {
		c.Recommendations = append(c.Recommendations, store.CaseRecommendation{ID: r.ID, Case: in.Number,
			Text: string(r.Text), Done: r.Done, Author: string(r.Author), At: r.At})
	}
	for _, a := range in.Files {
		c.Files = append(c.Files, store.CaseFile{ID: a.ID, Case: in.Number, Name: string(a.Name), SHA256: a.SHA256,
			Size: a.Size, Why: string(a.Why), Author: string(a.Author), At: a.At})
	}
	c.Pins = map[int64]store.Pin{}
	for _, p := range in.Evidence {
		if _, twice := c.Pins[p.ID]; twice || p.ID < 1 {
			wrong = append(wrong, bad("evidence %d stands in it twice, or has no number.", p.ID))
		}
		c.Pins[p.ID] = fromPin(p)
	}
	c.Pictures = in.Pictures
	exact := map[int64]noteJSON{}
	for _, n := range in.Notes {
		exact[n.ID] = n
	}
	for i := range c.Notes {
		n := &c.Notes[i]
		if e, ok := exact[n.ID]; ok && e.Created.Unix() == n.Created.Unix() && e.Edited.Unix() == n.Edited.Unix() {
			n.Created, n.Editor, n.Edited = e.Created, string(e.Editor), e.Edited
		}
	}
	wrong = append(wrong, f.together())
	return cmp.Or(wrong...)
}

func fromPin(p pinJSON) store.Pin {
	out := store.Pin{ID: p.ID, UID: p.UID, Kind: p.Kind, Ref: string(p.Ref), Dest: string(p.Dest),
		Snapshot: []byte(p.Snapshot), Events: p.Events, Seal: p.Seal, Author: string(p.Author), Pinned: p.Pinned}
	if p.At != nil {
		out.At = *p.At
	}
	for _, c := range p.Copies {
		out.Copies = append(out.Copies, store.PinCopy{FileSHA256: c.FileSHA256, FileName: string(c.File), Archive: c.Archive,
			Format: string(c.Format), Offset: c.Offset, SHA256: c.SHA256})
	}
	return out
}

// together says what a case names and does not have.
func (f *File) together() error {
	c, items := &f.Case, map[int64]bool{}
	for _, i := range c.Items {
		items[i.ID] = true
		pinned := store.Pinned(i.Kind)
		p, ok := c.Pins[i.Pin]
		switch {
		case !pinned && i.Kind != store.ItemHost && i.Kind != store.ItemNote:
			return bad("item %d is of no kind that there is.", i.ID)
		case pinned && (!ok || p.Kind != i.Kind):
			return bad("item %d is evidence %d, which is not in it.", i.ID, i.Pin)
		}
	}
	for _, q := range c.Questions {
		for _, n := range q.Items {
			if !items[n] {
				return bad("question %d is answered by item %d, which is not in it.", q.ID, n)
			}
		}
	}
	for _, p := range c.Pins {
		var events []string
		for _, e := range p.Events {
			of, ok := c.Pins[e]
			if !ok || !store.Holds(p.Kind, of.Kind) {
				return bad("evidence %d has evidence %d, which is not in it.", p.ID, e)
			}
			events = append(events, of.UID)
		}
		if p.Sealed(events) != p.Seal || !isHex(p.UID, 64) {
			return bad("evidence %d is not as it was sealed.", p.ID)
		}
	}
	for _, t := range times(c) {
		if t.Year() < 1680 || t.Year() > 2260 {
			return bad("it has a time in the year %d.", t.Year())
		}
	}
	for _, sum := range sums(c) {
		if f.kept[sum] == nil {
			return bad("it does not have the bytes whose SHA-256 is %s.", short(sum))
		}
	}
	for dest, sum := range c.Pictures {
		if err := f.picture(sum); err != nil {
			return bad("the picture of %q: %v.", short(dest), err)
		}
	}
	return nil
}

// maxSide is of how many points a side of a picture may be.
const maxSide = 6000

// picture looks whether bytes are the picture that a page can show.
func (f *File) picture(sum string) error {
	data, err := f.Data(sum)
	if err != nil {
		return err
	}
	head, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	if head.Width > maxSide || head.Height > maxSide {
		return fmt.Errorf("it is %d by %d points", head.Width, head.Height)
	}
	_, err = png.Decode(bytes.NewReader(data))
	return err
}

// times are all times that must be ones that a database can hold.
func times(c *store.CarriedCase) (out []time.Time) {
	out = append(out, c.Created, c.Edited)
	for _, i := range c.Items {
		out = append(out, i.Added)
	}
	for _, q := range c.Questions {
		out = append(out, q.Created, q.Edited)
	}
	for _, r := range c.Recommendations {
		out = append(out, r.At)
	}
	for _, f := range c.Files {
		out = append(out, f.At)
	}
	for _, p := range c.Pins {
		if out = append(out, p.Pinned); !p.At.IsZero() {
			out = append(out, p.At)
		}
	}
	for _, a := range c.Audit {
		out = append(out, a.At)
	}
	return out
}

func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
