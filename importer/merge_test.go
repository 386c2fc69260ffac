package importer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"escutcheon/demo/logwriter"
	"escutcheon/importer"
	"escutcheon/importer/sniff"
	"escutcheon/intake"
)

// TestMergeBoth: what an event says before and after a change is what it says of
// either alone, whatever records are among both, and where they stand.
func TestMergeBoth(t *testing.T) {
	formats := map[string]sniff.Format{"text": sniff.SplunkText, "xml": sniff.EventXML, "nxlog": sniff.NXLogJSON,
		"winlogbeat": sniff.WinlogbeatJSON}
	r := rand.New(rand.NewPCG(3, 4))
	for rec := range logwriter.Bulk(40, 5) {
		var all []intake.Sighting
		for i, w := range writers {
			s := intake.Sighting{Record: int64(i + 1), Raw: string(w.append(nil, rec)), Reading: intake.Reading{
				Format: formats[w.name], Zone: "UTC"}}
			all = append(all, s, s)
		}
		some := func() (out []intake.Sighting) {
			for range 1 + r.IntN(4) {
				s := all[r.IntN(len(all))]
				s.Offset = r.Int64N(1000)
				out = append(out, s)
			}
			return out
		}
		before, after := some(), some()
		was, is, err := importer.Decoder{}.MergeBoth(before, after)
		if err != nil {
			t.Fatal(err)
		}
		for seen, got := range map[*[]intake.Sighting]any{&before: was, &after: is} {
			want, err := importer.Decoder{}.Merge(*seen)
			if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); err != nil || a != b {
				t.Fatalf("%v\nboth  %s\nalone %s", err, a, b)
			}
		}
	}
}
