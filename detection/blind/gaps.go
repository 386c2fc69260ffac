package blind

import (
	"cmp"
	"slices"
	"time"

	"escutcheon/event"
)

// Record is the number of a record of a channel, and when it was.
type Record struct{ Number, Second int64 }

// Gaps are the gaps in the numbers of a channel's records: of many the most that lack
// most. Windows numbers them without one; a log of which more lacks than is there is an
// export that chose, and is told as one.
func Gaps(channel string, records []Record, most int) (out []Gap) {
	slices.SortFunc(records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Second, b.Second))
	})
	records = slices.CompactFunc(records, func(a, b Record) bool { return a.Number == b.Number })
	if len(records) < 2 {
		return nil
	}
	first, last := records[0], records[len(records)-1]
	held, of := int64(len(records)), last.Number-first.Number+1
	if of > 2*held || of <= 0 {
		from, to := first.Second, first.Second
		for _, r := range records {
			if r.Second != event.NoSecond {
				from, to = min(from, r.Second), max(to, r.Second)
			}
		}
		return []Gap{{Channel: channel, First: first.Number, Last: last.Number, From: moment(from), To: moment(to),
			Missing: of - held, Held: held, Of: of}}
	}
	for i := 1; i < len(records); i++ {
		a, b := records[i-1], records[i]
		if n := b.Number - a.Number - 1; n > 0 {
			out = append(out, Gap{Channel: channel, First: a.Number, Last: b.Number, From: moment(a.Second),
				To: moment(b.Second), Missing: n})
		}
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(b.Missing, a.Missing) })
	return out[:min(len(out), most)]
}

func moment(second int64) time.Time {
	if second == event.NoSecond {
		return time.Time{}
	}
	return time.Unix(second, 0).UTC()
}
