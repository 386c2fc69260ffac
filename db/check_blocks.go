package db

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"

	"escutcheon/eventstore/block"
)

// blocks unpacks every block, and makes anew what is kept beside its records.
func (c *checking) blocks() error {
	var firsts []int64
	if err := each(c.ctx, c.q, func(r *sql.Rows) error {
		var first int64
		err := r.Scan(&first)
		firsts = append(firsts, first)
		return err
	}, `SELECT first FROM block ORDER BY first`); err != nil {
		return err
	}
	kinds, err := c.kinds()
	if err != nil {
		return err
	}
	end := int64(0)
	defer c.notThere(int64(len(firsts)))
	for n, first := range firsts {
		c.doing("blocks of events", int64(n), int64(len(firsts)))
		count, err := c.block(first, kinds)
		if err != nil {
			if c.ctx.Err() != nil {
				return err
			}
			c.say(blockName(first), "it cannot be read: %v", err)
			continue
		}
		if first < end {
			c.say(blockName(first), "it begins among the records of the block before it")
		}
		end = first + count
	}
	return c.sightings()
}

// notThere says how much is missing of a store that keeps blocks elsewhere.
func (c *checking) notThere(all int64) {
	if c.missing > 0 {
		c.say("events", "%d of %d blocks, with %d records, are not in the store that should keep them: it lost them, or is "+
			"of another time than this file. Restore the copy of it that was made after this one; what is not in that either "+
			"comes back when its logs are imported again, once the imports are deleted", c.missing, all, c.missed)
	}
}

// numbers calls tell for each row of a query of two numbers.
func (c *checking) numbers(query string, tell func(a, b int64)) error {
	return each(c.ctx, c.q, func(r *sql.Rows) error {
		var a, b int64
		err := r.Scan(&a, &b)
		tell(a, b)
		return err
	}, query)
}

func blockName(first int64) string { return fmt.Sprintf("block %d", first) }

func (c *checking) block(first int64, kinds keptKinds) (count int64, err error) {
	var size int64
	var summary, words []byte
	if err := one(c.ctx, c.q, `SELECT b.count, b.size, b.summary, w.data FROM block b
		LEFT JOIN block_words w ON w.first = b.first WHERE b.first = ?`, []any{first}, &count, &size, &summary,
		&words); err != nil {
		return 0, err
	}
	say := func(format string, args ...any) { c.say(blockName(first), format, args...) }
	if count < 1 || count > block.MostRecords {
		say("it says that it has %d records", count)
		return 0, nil
	}
	var cols block.Columns
	if err := c.q.contents().columns(c.ctx, c.q, first, int(count), block.All, &cols); err != nil {
		if isAway(err) {
			return 0, err
		}
		if errors.Is(err, errNotThere) {
			c.missing, c.missed = c.missing+1, c.missed+count
		}
		say("its columns cannot be read: %v", err)
	} else if said, err := block.DecodeSummary(summary); err != nil {
		say("the summary of its columns cannot be read: %v", err)
	} else if made := cols.Summarize(first); !bytes.Equal(made.Encode(), said.Encode()) {
		say("its columns and the summary of them differ")
	} else {
		kinds.compare(first, &cols, say)
	}
	o, err := c.q.contents().originals(c.ctx, c.q, first, int(count))
	switch {
	case isAway(err):
		return 0, err
	case err != nil:
		say("the bytes of its records cannot be read: %v", err)
		return count, nil
	case o.Size() != int(size):
		say("its records have %d bytes, and it says %d", o.Size(), size)
	}
	if !bytes.Equal(block.FilterOf(o), words) {
		say("the filter over its words is not that of its records")
	}
	return count, nil
}

// sightings unpacks the further sightings of events.
func (c *checking) sightings() error {
	return each(c.ctx, c.q, func(r *sql.Rows) error {
		var id, imported, first, last, count, n int64
		var data []byte
		if err := r.Scan(&id, &imported, &first, &last, &count, &data); err != nil {
			return err
		}
		lowest, highest := int64(0), int64(0)
		err := unpackAgain(data, imported, func(s again) {
			if n == 0 {
				lowest = s.event
			}
			n, highest = n+1, s.event
		})
		switch {
		case err != nil:
			c.say(fmt.Sprintf("sightings %d", id), "they cannot be read: %v", err)
		case n != count || lowest != first || highest != last:
			c.say(fmt.Sprintf("sightings %d", id), "they are %d of the events %d to %d, and should be %d of %d to %d", n,
				lowest, highest, count, first, last)
		}
		return nil
	}, `SELECT id, import_id, first_event, last_event, count, data FROM again ORDER BY id`)
}
