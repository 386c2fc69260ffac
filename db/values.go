package db

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// values are a statement's arguments as the driver takes them. They are valid
// until the next call.
func (w *writer) values(args []any) ([]driver.NamedValue, error) {
	w.args = w.args[:0]
	for i, a := range args {
		v := driver.NamedValue{Ordinal: i + 1}
		if n, ok := a.(sql.NamedArg); ok {
			v.Name, a = n.Name, n.Value
		}
		switch a := a.(type) {
		case int64, string, []byte, bool, float64, nil:
			v.Value = a
		case int:
			v.Value = int64(a)
		default:
			var err error
			if v.Value, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
		w.args = append(w.args, v)
	}
	return w.args, nil
}

// row has space for n values of a row, until the next call.
func (w *writer) row(n int) []driver.Value {
	if cap(w.vals) < n {
		w.vals = make([]driver.Value, n)
	}
	return w.vals[:n]
}

// plain says whether assign knows all of the destinations.
func plain(dst []any) bool {
	for _, d := range dst {
		switch d.(type) {
		case *int64, *string, *[]byte, *int, *bool, sql.Scanner:
		default:
			return false
		}
	}
	return true
}

// assign copies a row into plain destinations.
func assign(row []driver.Value, dst []any) error {
	if len(row) != len(dst) {
		return fmt.Errorf("expected %d destinations of a row, not %d", len(row), len(dst))
	}
	for i, v := range row {
		if err := assignOne(v, dst[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func assignOne(v driver.Value, dst any) error {
	switch d := dst.(type) {
	case *int64:
		return assignTo(v, d)
	case *string:
		return assignTo(v, d)
	case *[]byte:
		return assignTo(v, d)
	case *int:
		return assignTo(v, d)
	case *bool:
		return assignTo(v, d)
	}
	return dst.(sql.Scanner).Scan(v)
}

// assignTo gives a destination a value, or what database/sql makes of it. The
// driver has copied the bytes of a blob.
func assignTo[T any](v driver.Value, dst *T) error {
	switch same, ok := v.(T); {
	case ok:
		*dst = same
		return nil
	case v == nil:
		if b, ok := any(dst).(*[]byte); ok {
			*b = nil
			return nil
		}
		return fmt.Errorf("NULL is no %T", *dst)
	}
	var n sql.Null[T]
	err := n.Scan(v)
	*dst = n.V
	return err
}
