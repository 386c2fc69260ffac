package agg

import (
	"encoding/json"
	"math/big"
	"unicode/utf8"
)

// Stored is what an aggregate has kept, as it is stored. Its members have
// different meanings for different aggregates; their names are short because
// there may be millions, and do not change, so that older databases load.
type Stored struct {
	N int64    `json:"n,omitempty"` // values
	T Bytes    `json:"t,omitempty"` // min, max: the first or last as text; earliest, …: the value
	D Bytes    `json:"d,omitempty"` // min, max: the least or greatest number
	X bool     `json:"x,omitempty"` // min, max: some value is no number
	A int64    `json:"a,omitempty"` // earliest, …: where the value is from
	U *big.Int `json:"u,omitempty"` // sum, …: the sum; range: the least; in billionths
	Q *big.Int `json:"q,omitempty"` // stdev, …: the sum of squares; range: the greatest
	V []Times  `json:"v,omitempty"` // values, mode, perc: in the order of bytes
	H []byte   `json:"h,omitempty"` // dc: the hashes in order, eight bytes each
	L []Placed `json:"l,omitempty"` // list: in the order of input
}

// Times is a value and how often it is there.
type Times struct {
	V Bytes `json:"v"`
	N int64 `json:"n"`
}

// Placed is a value and where it stood in the input.
type Placed struct {
	P int64 `json:"p"`
	V Bytes `json:"v"`
}

// empty says whether nothing is kept.
func (s *Stored) empty() bool {
	return s.N == 0 && s.T == "" && s.D == "" && !s.X && s.A == 0 && s.U == nil && s.Q == nil &&
		s.V == nil && s.H == nil && s.L == nil
}

// Bytes is a string that survives JSON even when it is no valid UTF-8.
type Bytes string

// MarshalJSON writes valid UTF-8 as a string and all else as [base64].
func (b Bytes) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal([1][]byte{[]byte(b)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var raw [1][]byte
		err := json.Unmarshal(data, &raw)
		*b = Bytes(raw[0])
		return err
	}
	var s string
	err := json.Unmarshal(data, &s)
	*b = Bytes(s)
	return err
}
