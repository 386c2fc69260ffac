package ledger_test

import (
	"fmt"
	"testing"

	"escutcheon/detection"
	"escutcheon/detection/ledger"
	"escutcheon/detection/verdict"
)

// BenchmarkMake is a ledger of as many changes as are looked at: of one name, and of as
// many names.
func BenchmarkMake(b *testing.B) {
	kinds := []detection.Kind{detection.ModuleAdded, detection.ModuleRemoved, detection.ModuleImage}
	for _, names := range []int{1, 20_000} {
		var changes []verdict.Change
		for i := range 20_000 {
			changes = append(changes, change(i%50, kinds[i%3], fmt.Sprint("m", i%names), fmt.Sprint(`C:\`, i%7, ".dll"), server))
		}
		b.Run(fmt.Sprint(names), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ledger.MakeOf(ledger.Sources{Changes: changes}, nil)
			}
		})
	}
}
