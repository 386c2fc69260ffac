package agg

import (
	"strconv"

	"escutcheon/detection/spl/value"
)

var _ = Register("count c", func() count { return 0 })

// count is how many values there are.
type count int64

func (c *count) Add(in Input) { *c += count(in.N) }

func (c *count) Merge(o *count) { *c += *o }

func (c *count) Value() value.Value { return value.Text(strconv.FormatInt(int64(*c), 10)) }

func (c *count) Encode(s *Stored) { s.N = int64(*c) }

func (c *count) Decode(s *Stored) error {
	*c = count(s.N)
	return nil
}
