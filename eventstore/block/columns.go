package block

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Columns are what a block knows of its records without unpacking them: a value
// a record in each.
type Columns struct {
	Second   []int64 // since 1970 UTC, rounded down; event.NoSecond for no time
	Nanos    []int64 // of the second
	Host     []int64 // number of a name, 0 for none; so are the next two
	Channel  []int64
	Provider []int64
	Code     []int64 // event.None for none
	Record   []int64 // event.None for none
	// Event is the event that the record is a sighting of: its own number or, for
	// a variant, another's; 0 when it is of none any more.
	Event []int64
}

// Set names columns.
type Set uint16

// The columns.
const (
	SecondColumn Set = 1 << iota
	NanosColumn
	HostColumn
	ChannelColumn
	ProviderColumn
	CodeColumn
	RecordColumn
	EventColumn
	All Set = 1<<iota - 1
)

const columns = 8

func (c *Columns) list() [columns]*[]int64 {
	return [columns]*[]int64{&c.Second, &c.Nanos, &c.Host, &c.Channel, &c.Provider, &c.Code, &c.Record, &c.Event}
}

// Len is how many records the columns that are there are of.
func (c *Columns) Len() (n int) {
	for _, col := range c.list() {
		n = max(n, len(*col))
	}
	return n
}

// gone stands in the encoded column for the event 0, where that of another
// record stands as its distance.
const gone = math.MinInt64

// Encode writes all columns, of at most MostRecords records, numbered from first
// on. Where a column is shorter than the others it has zeros.
func (c *Columns) Encode(first int64) []byte {
	n := c.Len()
	out := binary.AppendUvarint([]byte{sealed}, uint64(n))
	for i, col := range c.list() {
		values := *col
		if len(values) < n || 1<<i == EventColumn {
			values = append(slices.Clone(values), make([]int64, n-len(values))...)
		}
		if 1<<i == EventColumn {
			relate(values, first)
		}
		body := encode(values)
		out = append(binary.AppendUvarint(out, uint64(len(body))), body...)
	}
	return addSum(out)
}

// relate writes each event as its distance from the record's own number.
func relate(events []int64, first int64) {
	for i, e := range events {
		if events[i] = gone; e != 0 {
			events[i] = e - first - int64(i)
		}
	}
}

// DecodeColumns reads the columns in want of the count records that are numbered
// from first on, and empties the others of into. The slices of into are used
// again. The error wraps ErrDamaged; into then holds nothing of use.
func DecodeColumns(data []byte, first int64, count int, want Set, into *Columns) error {
	data, ok := withoutSum(data)
	if !ok {
		return fmt.Errorf("%w (columns of another checksum, or of an unknown version)", ErrDamaged)
	}
	n, m := binary.Uvarint(data)
	if m <= 0 || count < 0 || count > MostRecords || n != uint64(count) {
		return fmt.Errorf("%w (columns of %d records instead of %d)", ErrDamaged, n, count)
	}
	data = data[m:]
	for i, col := range into.list() {
		size, m := binary.Uvarint(data)
		if m <= 0 || size > uint64(len(data)-m) {
			return fmt.Errorf("%w (a column is cut)", ErrDamaged)
		}
		body := data[m : m+int(size)]
		data = data[m+int(size):]
		if *col = (*col)[:0]; want&(1<<i) == 0 {
			continue
		}
		*col = slices.Grow(*col, count)[:count]
		if !decode(body, *col) {
			return fmt.Errorf("%w (column %d)", ErrDamaged, i)
		}
	}
	for i, d := range into.Event {
		if d == gone {
			into.Event[i] = 0
		} else {
			into.Event[i] = first + int64(i) + d
		}
	}
	return nil
}
