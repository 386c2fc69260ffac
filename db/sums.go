package db

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"

	"escutcheon/eventstore/block"
	"escutcheon/store"
)

// Rows on which an analyst relies carry a checksum over their values: whoever reads one
// asks SQLite, by row_sum, whether it fits. A row that was written over while it did not
// fit gets a checksum that never does: what was damaged is not sealed as if it were whole.
// A row without one (NULL) was written by somebody else's hand.

// unfit fits no row.
const unfit = int64(-1)

func init() {
	sqlite.MustRegisterFunction("row_sum", &sqlite.FunctionImpl{NArgs: -1, Deterministic: true, VolatileArgs: true,
		Scalar: func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			return checksum(args...), nil
		}})
}

func damagedCells(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = store.DamagedCell
	}
	return out
}

// met counts the rows that were read and do not fit: see Scrub.
var met atomic.Int64

var sumBuffers = sync.Pool{New: func() any { return new([]byte) }}

// checksum is row_sum of the values as SQLite keeps them: an int64 (bool: 0 or 1), a string,
// bytes or nil.
func checksum[T any](values ...T) int64 {
	buffer := sumBuffers.Get().(*[]byte)
	b := (*buffer)[:0]
	for _, value := range values {
		switch v := any(value).(type) {
		case int64:
			b = binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(v))
		case bool:
			n := uint64(0)
			if v {
				n = 1
			}
			b = binary.LittleEndian.AppendUint64(append(b, 'i'), n)
		case string:
			b = append(binary.AppendUvarint(append(b, 't'), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, 'b'), uint64(len(v))), v...)
		case nil:
			b = append(b, 'n')
		default:
			b = fmt.Appendf(append(b, '?'), "%T", v) // no row of ours has one
		}
	}
	sum := int64(block.Sum(b))
	*buffer = b
	sumBuffers.Put(buffer)
	return sum
}

// rowSum is a checksum that rows of a table carry.
type rowSum struct {
	table, column string
	of            []string // the columns that it is over
	object        string   // names a row
}

var (
	findingSum = rowSum{"finding", "sum", []string{"key", "rule_id", "dest", "row", "verdict", "count", "first", "last",
		"change"}, `'finding ' || key`}
	heldSum   = rowSum{"finding", "held", []string{"by_key", "state", "made", "windows"}, `'finding ' || key`}
	windowSum = rowSum{"finding_window", "sum", []string{"finding_id", "start", "state", "count", "first", "last",
		"change"}, `'finding ' || (SELECT key FROM finding WHERE id = finding_id)`}
	riskSum = rowSum{"risk_event", "sum", []string{"finding_id", "start", "object_type", "object", "rule_id", "score",
		"message", "count", "second"}, `'risk of ' || object`}
	weekSum   = rowSum{"risk_week", "sum", []string{"object_type", "week", "object", "tiles"}, `'risk of ' || object`}
	wordsSum  = rowSum{"block_words", "sum", []string{"first", "data"}, `'block ' || first`}
	objectSum = rowSum{"object_risk", "sum", []string{"object_type", "object", "rule_id", "score", "events", "rules",
		"severity", "first", "last", "as_of", "live"}, `'risk of ' || object`}
	triageSum = rowSum{"triage", "sum", []string{"kind", "name", "status", "disposition", "urgency", "owner", "revision",
		"author", "at", "reopened", "closed"}, `kind || ' ' || name`}
	stepSum = rowSum{"triage_history", "sum", []string{"bulk", "kind", "name", "revision", "author", "at", "field", "old",
		"new", "why", "address"}, `kind || ' ' || name`}
)

// rowSums are all of them.
var rowSums = []rowSum{findingSum, heldSum, windowSum, riskSum, weekSum, objectSum, triageSum, stepSum, wordsSum,
	artifactSum}

// is makes the checksum anew, of a table by its name in a statement.
func (s rowSum) is(table string) string {
	return `row_sum(` + table + `.` + strings.Join(s.of, `, `+table+`.`) + `)`
}

// whole says whether a row of the table, by its name in a statement, is what was written.
func (s rowSum) whole(table string) string {
	column := table + `.` + s.column
	return `(` + column + ` IS NULL OR ` + column + ` = ` + s.is(table) + `)`
}
