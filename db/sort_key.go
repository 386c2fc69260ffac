package db

import (
	"bytes"
	"database/sql"

	"escutcheon/csvsafe"
)

// sortKey encodes the values as they stand in CSV so that the keys' bytes
// compare as the rows do: a value, in which there is no NUL then, ends with 00 01.
func sortKey(values []string) []byte {
	n := 0
	for _, v := range values {
		n += len(v) + 3
	}
	b := make([]byte, 0, n)
	for _, v := range values {
		b = append(append(b, csvsafe.Cell(v)...), 0, 1)
	}
	return b
}

// sortMigration is the one after which the guards of cells are those of today.
const sortMigration = "migrations/036_order.sql"

// sortAnew writes the keys of the findings whose cells stand otherwise in CSV now.
func sortAnew(t *tx) error {
	changed := map[int64][]byte{}
	err := t.each(func(r *sql.Rows) error {
		var id int64
		var row string
		var was []byte
		if err := r.Scan(&id, &row, &was); err != nil {
			return err
		}
		values, err := unmarshal(row)
		if key := sortKey(values); err == nil && !bytes.Equal(key, was) {
			changed[id] = key
		}
		return err
	}, `SELECT id, row, sort FROM finding`)
	if err != nil {
		return err
	}
	for id, key := range changed {
		if _, err := t.exec(`UPDATE finding SET sort = ? WHERE id = ?`, key, id); err != nil {
			return err
		}
	}
	return nil
}
