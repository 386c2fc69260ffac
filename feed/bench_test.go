package feed_test

import (
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"escutcheon/demo/logwriter"
)

// BenchmarkHEC sends events over HTTP as forwarders do, 100 a request, from one sender
// and from eight at a time, until they are in findings and on the disk. An op is an
// event.
func BenchmarkHEC(b *testing.B) {
	for _, senders := range []int{1, 8} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			s := start(b)
			next, stop := iter.Pull(logwriter.Bulk(1<<30, 3))
			defer stop()
			const some = 100
			var bodies []string
			size := 0
			for n := 0; n < b.N; n += some {
				list := make([]logwriter.Record, 0, some)
				for range min(some, b.N-n) {
					r, _ := next()
					list = append(list, *r)
				}
				bodies = append(bodies, hec(list))
				size += len(bodies[len(bodies)-1])
			}
			b.SetBytes(int64(size / b.N))
			b.ReportAllocs()
			var at atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range senders {
				wg.Go(func() {
					for {
						i := int(at.Add(1)) - 1
						if i >= len(bodies) {
							return
						}
						if status, a := s.ask("POST", "/services/collector", strings.NewReader(bodies[i]), "Authorization",
							"Splunk "+secret); status != 200 {
							b.Error(status, a)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
