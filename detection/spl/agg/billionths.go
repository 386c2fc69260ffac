package agg

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"escutcheon/detection/spl/value"
)

// billionths reads a number as a whole number of 1e-9, so that sums do not
// depend on the order. Numbers of more than 30 digits before the point are none.
func billionths(s string) (*big.Int, bool) {
	s = strings.TrimSpace(s)
	d, ok := value.ParseDecimal(s)
	if !ok {
		f, isFloat := value.ParseFloat(s)
		if !isFloat || math.Abs(f) > 1e30 {
			return nil, false
		}
		d, _ = value.ParseDecimal(strconv.FormatFloat(f, 'f', 9, 64))
	}
	neg, whole, frac := d.Parts()
	if len(whole) > 30 {
		return nil, false
	}
	x, ok := new(big.Int).SetString(whole+(frac + "000000000")[:9], 10)
	if ok && neg {
		x.Neg(x)
	}
	return x, ok
}

// decimal writes billionths.
func decimal(x *big.Int) string {
	whole, frac := new(big.Int).QuoRem(new(big.Int).Abs(x), big.NewInt(1e9), new(big.Int))
	out := whole.String()
	if frac.Sign() != 0 {
		f := strconv.FormatInt(1e9+frac.Int64(), 10)[1:]
		out += "." + strings.TrimRight(f, "0")
	}
	if x.Sign() < 0 {
		out = "-" + out
	}
	return out
}

// ratio is x / (10^digits · by).
func ratio(x *big.Int, digits int64, by *big.Int) float64 {
	d := new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)
	f, _ := new(big.Rat).SetFrac(x, d.Mul(d, by)).Float64()
	return f
}
