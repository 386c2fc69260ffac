package agg

import "escutcheon/detection/spl/value"

var _ = Register("mode", func() mode { return mode{} })

// mode is the most frequent value; of several that are as frequent, the first in
// the order of bytes.
type mode struct{ bag }

func (m *mode) Merge(o *mode) { m.join(&o.bag) }

func (m *mode) Value() value.Value {
	best, most := value.Null, int64(0)
	for _, v := range m.values() {
		if n := m.count[v]; n > most {
			best, most = value.Text(v), n
		}
	}
	return best
}
