package main

import (
	"flag"
	"fmt"
	"time"

	"escutcheon/search"
)

// searchFlags are what bounds searches.
type searchFlags struct {
	deadline time.Duration
	memory   string
}

// boundsFlags adds the flags of a search, their names after a prefix.
func boundsFlags(fs *flag.FlagSet, prefix string) *searchFlags {
	f := &searchFlags{}
	fs.DurationVar(&f.deadline, prefix+"deadline", 10*time.Minute, "the longest `time` of one search, as in 90s, 10m")
	fs.StringVar(&f.memory, prefix+"memory", "256MiB",
		"what one search may hold, as a `size`; what is cut is told")
	return f
}

// The least and most that one search may take.
const (
	leastDeadline, mostDeadline = time.Second, 24 * time.Hour
	leastMemory, mostMemory     = 16 << 20, 64 << 30
	mostWorkers                 = 64
)

// bounds are those of the flags, whose names have a prefix.
func (f *searchFlags) bounds(prefix string) (search.Bounds, error) {
	if f.deadline < leastDeadline || f.deadline > mostDeadline {
		return search.Bounds{}, usageError{fmt.Sprintf("--%sdeadline is %s; it is from %s to %s", prefix, f.deadline,
			leastDeadline, mostDeadline)}
	}
	bytes, err := parseSize(f.memory)
	if err != nil {
		return search.Bounds{}, usageError{fmt.Sprintf("--%smemory: %v", prefix, err)}
	}
	if bytes < leastMemory || bytes > mostMemory {
		return search.Bounds{}, usageError{fmt.Sprintf("--%smemory is %s; it is from 16MiB to 64GiB", prefix, f.memory)}
	}
	return search.Bounds{Time: f.deadline, Bytes: bytes}, nil
}

// workersFlag adds how many searches run at a time.
func workersFlag(fs *flag.FlagSet) *int {
	return fs.Int("search-workers", search.AtOnce, "how `many` searches run at a time; others wait for their turn")
}

func checkWorkers(n int) error {
	if n < 1 || n > mostWorkers {
		return usageError{fmt.Sprintf("--search-workers is %d; it is from 1 to %d", n, mostWorkers)}
	}
	return nil
}
