package spl

import (
	"escutcheon/detection/spl/rx"
	"escutcheon/detection/spl/value"
)

type (
	// Where keeps the rows for which Cond is true; null is not.
	Where struct {
		Origin
		Cond Ex
	}
	// Eval sets fields, one after the other.
	Eval struct {
		Origin
		Sets []EvalSet
	}
	// EvalSet is Field = X.
	EvalSet struct {
		Field string
		X     Ex
	}
	// Columns (table, fields) keeps the columns named, or with Drop all others. Names
	// may hold wildcards. Order says that the columns get the order of the
	// names (table).
	Columns struct {
		Origin
		Names []string
		Drop  bool
		Order bool
	}
	// FillNull puts Value where a field is null; without Names in all fields.
	FillNull struct {
		Origin
		Names []string
		Value string
	}
	// Rex sets a field for each named group of RE, or with Sed rewrites Field.
	Rex struct {
		Origin
		Field string
		Max   int // how many matches are taken; 0 for all
		RE    *rx.Regexp
		Sed   *rx.Sed
	}
	// Regex keeps the rows whose Field matches RE, or with Not does not.
	Regex struct {
		Origin
		Field string
		RE    *rx.Regexp
		Not   bool
	}
	// Bin rounds a field down to a multiple of Span, or _time of Time.
	Bin struct {
		Origin
		Field, As string
		Span      float64
		Time      value.Span
	}
	// Sort orders the rows; Limit 0 keeps all.
	Sort struct {
		Origin
		Limit int
		Keys  []SortKey
	}
	// SortKey is one field of sort; How is "", num, str or ip.
	SortKey struct {
		Field, How string
		Desc       bool
	}
	// Head keeps the first N rows, or with Tail the last, in turned order.
	Head struct {
		Origin
		N    int
		Tail bool
	}
	// Reverse turns the order of the rows.
	Reverse struct{ Origin }
	// Dedup keeps the first N rows of each tuple of Fields.
	Dedup struct {
		Origin
		N         int
		Fields    []string
		KeepEmpty bool
		Run       bool // consecutive=t: of each run
		Sort      []SortKey
	}
	// Expand makes a row of each value of a field (mvexpand).
	Expand struct {
		Origin
		Field string
		Limit int
	}
	// MakeMV splits a field into a list at Delim or by Tokens; nomv (Join) is
	// the inverse.
	MakeMV struct {
		Origin
		Field      string
		Delim      string
		Tokens     *rx.Regexp
		AllowEmpty bool
		Join       bool
	}
	// Combine makes one row of those that differ in Field only (mvcombine).
	Combine struct {
		Origin
		Field string
	}
	// LookupCmd adds columns of a table.
	LookupCmd struct {
		Origin
		Name string
		In   []LookupField
		Out  []LookupField // nil for all others
		New  bool          // OUTPUTNEW: fields that have a value keep it
		at   int
	}
	// LookupField is a table's field and the event's.
	LookupField struct{ Table, Field string }
	// AddTotals sums numeric fields into As.
	AddTotals struct {
		Origin
		Names []string
		As    string
	}
	// Top counts the rows of each tuple of Fields within By, the most frequent
	// first; rare (Least) the least frequent.
	Top struct {
		Origin
		N            int
		Least        bool
		Fields       []string
		By           []string
		Count, Share string // the columns; "" for none
	}
	// Paths takes a value out of JSON (spath), or with Keys all that JSON or
	// XML holds (spath without a path, xmlkv).
	Paths struct {
		Origin
		Input, Output, Path string
		Keys                bool
	}
	// Nothing changes no row: fieldformat, noop.
	Nothing struct{ Origin }
)

// Ex is an expression of eval and where: *Lit, *Ref, *Call, *Unary, *Binary.
type Ex interface{ ex() }

type (
	// Lit is a text, or a number.
	Lit struct{ v value.Value }
	// Ref is a field.
	Ref struct{ Name string }
	// Call is a function, IN and LIKE among them.
	Call struct {
		Fn   string
		Args []Ex
		at   int // in the expanded text
	}
	// Unary is NOT or -.
	Unary struct {
		Op string
		X  Ex
	}
	// Binary is AND, OR, XOR, a comparison, . or arithmetic.
	Binary struct {
		Op   string
		L, R Ex
	}
)

func (*Lit) ex()    {}
func (*Ref) ex()    {}
func (*Call) ex()   {}
func (*Unary) ex()  {}
func (*Binary) ex() {}
