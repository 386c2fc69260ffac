// Package agg has the aggregates of stats, one file each: what an aggregate
// keeps of a row's values, and what it makes of them. What is kept is little
// however many values there are, merges in any order to the same, and is stored
// as JSON that newer versions go on reading. The package knows no event, no
// field and no search.
//
// A new aggregate is one file: a type that has the methods of Keeper, and a
// call of Register.
package agg

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// Limits on what one aggregate keeps. They are applied so that the order of
// values does not matter.
const (
	// MaxValues is how many distinct values values() and the like keep: the
	// first in the order of bytes. dc() is exact up to there, and an estimate
	// beyond.
	MaxValues = 10_000
	// MaxListed is how many values list() keeps, as Splunk's limits have it.
	MaxListed = 100
)

// Input is one value of what is aggregated. Null is none.
type Input struct {
	Text string
	Time int64 // of its event, in nanoseconds since 1970 UTC
	Pos  int64 // its place in the order of input
	N    int64 // how often it counts; less than once is not at all
}

// Keeper is what an aggregate's type T does, as a pointer to it. A T as
// Register's function makes it has no values yet.
type Keeper[T any] interface {
	*T
	// Add counts a value in.
	Add(Input)
	// Merge counts in what another has of other values; it leaves that as it is.
	Merge(*T)
	// Value is the result. It is null when there was no value, but for counts.
	Value() value.Value
	// Encode fills in what is stored; of no values nothing.
	Encode(*Stored)
	// Decode takes over what Encode stored of one value or more, or says what is
	// wrong with it. It is called on a T without values.
	Decode(*Stored) error
}

// Kept is what an aggregate has kept of the values so far.
type Kept interface {
	// Add counts a value in.
	Add(Input)
	// Merge counts in what another of the same aggregate has. It fails on one of
	// another.
	Merge(Kept) error
	// Value is the result. It is null when there was no value, but for counts.
	Value() value.Value
	// Encode is what to store.
	Encode() Stored
	// Decode takes the place of what is kept by what Encode gave. It fails when
	// that cannot be of this aggregate, and then nothing is kept.
	Decode(Stored) error
}

// entry is a name that a search may write.
type entry struct {
	name     string // of the aggregate
	arg      float64
	numbered bool // a number follows the name
	create   func(arg float64) Kept
}

var entries = map[string]entry{}

// Register makes an aggregate known by its names, separated by spaces; the
// first is its name in plans. create makes a T without values. It panics when
// a name is taken.
func Register[T any, P Keeper[T]](names string, create func() T) bool {
	return add(names, entry{create: func(float64) Kept { return &kept[T, P]{create: create, v: create()} }})
}

// RegisterNumbered is Register for aggregates whose name ends with a number
// from 0 to 100.
func RegisterNumbered[T any, P Keeper[T]](names string, create func(n float64) T) bool {
	return add(names, entry{numbered: true, create: func(arg float64) Kept {
		one := func() T { return create(arg) }
		return &kept[T, P]{create: one, v: one()}
	}})
}

// Alias makes a name stand for a numbered aggregate with one number.
func Alias(name, of string, arg float64) bool {
	return add(name, entry{name: of, arg: arg})
}

func add(names string, e entry) bool {
	for i, name := range strings.Fields(names) {
		if i == 0 && e.name == "" {
			e.name = name
		}
		if _, taken := entries[name]; taken {
			panic("agg: " + name + " is registered twice")
		}
		entries[name] = e
	}
	return true
}

// Find finds an aggregate as a search writes it, in lower case: its name, and
// of percN and the like the number.
func Find(written string) (name string, arg float64, ok bool) {
	if e, found := entries[written]; found && !e.numbered {
		return e.name, e.arg, true
	}
	base := strings.TrimRight(written, "0123456789")
	e := entries[base]
	n, err := strconv.ParseFloat(written[len(base):], 64)
	if !e.numbered || err != nil || n > 100 {
		return "", 0, false
	}
	return e.name, n, true
}

// Maker returns what makes an aggregate of a name and number that Find gave,
// without values.
func Maker(name string, arg float64) (func() Kept, error) {
	e, ok := entries[name]
	if !ok || e.name != name || e.create == nil {
		return nil, fmt.Errorf("there is no aggregate %q", name)
	}
	return func() Kept { return e.create(arg) }, nil
}

// kept makes a Kept of an aggregate's type.
type kept[T any, P Keeper[T]] struct {
	create func() T
	v      T
}

func (k *kept[T, P]) Add(in Input) {
	if in.N > 0 {
		P(&k.v).Add(in)
	}
}

func (k *kept[T, P]) Merge(o Kept) error {
	x, ok := o.(*kept[T, P])
	if !ok {
		return errors.New("the aggregates are not the same")
	}
	P(&k.v).Merge(&x.v)
	return nil
}

func (k *kept[T, P]) Value() value.Value { return P(&k.v).Value() }

func (k *kept[T, P]) Encode() Stored {
	var s Stored
	P(&k.v).Encode(&s)
	return s
}

func (k *kept[T, P]) Decode(s Stored) error {
	k.v = k.create()
	switch {
	case s.N < 0:
		return errors.New("there are fewer than no values")
	case s.N == 0 && !s.empty():
		return errors.New("something is kept of no values")
	case s.N == 0:
		return nil
	}
	err := P(&k.v).Decode(&s)
	if err != nil {
		k.v = k.create()
	}
	return err
}

// Names are the names of aggregates that a search may write, in order; of percN and
// the like without the number.
func Names() []string { return slices.Sorted(maps.Keys(entries)) }
