package agg_test

import (
	"errors"
	"testing"

	"escutcheon/detection/spl/agg"
	"escutcheon/detection/spl/value"
)

// A new aggregate is one file: this one, and nothing else knows of it.
var _ = agg.Register("longest toylongest", func() longest { return longest{} })

// longest is the longest value, of several the first in the order of bytes.
type longest struct {
	n    int64
	text string
}

func (x *longest) Add(in agg.Input) { x.Merge(&longest{in.N, in.Text}) }

func (x *longest) Merge(o *longest) {
	if o.n > 0 && (x.n == 0 || len(o.text) > len(x.text) || len(o.text) == len(x.text) && o.text < x.text) {
		x.text = o.text
	}
	x.n += o.n
}

func (x *longest) Value() value.Value {
	if x.n == 0 {
		return value.Null
	}
	return value.Text(x.text)
}

func (x *longest) Encode(s *agg.Stored) { s.N, s.T = x.n, agg.Bytes(x.text) }

func (x *longest) Decode(s *agg.Stored) error {
	if s.D != "" {
		return errors.New("a number is none of it")
	}
	x.n, x.text = s.N, string(s.T)
	return nil
}

func TestToy(t *testing.T) {
	if got := of(t, "toylongest", "a", "ccc", "bbb", "dd"); got != "bbb" {
		t.Errorf("%q", got)
	}
	k, other := keep(t, "longest"), keep(t, "longest")
	k.Add(agg.Input{Text: "aa", N: 2})
	if err := load(other, store(t, k)); err != nil {
		t.Fatal(err)
	}
	k.Add(agg.Input{Text: "b", N: 1})
	if err := other.Merge(k); err != nil || store(t, other) != `{"n":5,"t":"aa"}` {
		t.Errorf("%s, %v", store(t, other), err)
	}
	if err := load(other, `{"n":1,"d":"1"}`); err == nil || text(other) != null {
		t.Errorf("%v, %s", err, text(other))
	}
	if other.Merge(keep(t, "max")) == nil {
		t.Error("merged with max")
	}
}
