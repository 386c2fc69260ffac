package sigma

import (
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// Correlation is what a correlation rule says.
type Correlation struct {
	Type     string // event_count, value_count, temporal, temporal_ordered
	Rules    []string
	GroupBy  []string
	Timespan time.Duration
	Aliases  []Alias
	Generate bool // the rules that it refers to are rules of their own too

	Fields     []string // whose values are counted
	Conditions []Bound  // all of which the count meets

	node *yaml.Node
}

// Alias is a name for fields that the events of each rule have under their own names.
type Alias struct {
	Name   string
	Fields map[string]string // by the rule, as it is referred to
}

// Bound is one comparison of a count: gt, gte, lt, lte, eq, neq.
type Bound struct {
	Op string
	N  int64
}

// maxRules bounds how many rules a correlation refers to.
const maxRules = 50

var correlationTypes = []string{"event_count", "value_count", "temporal", "temporal_ordered"}

var timespan = regexp.MustCompile(`^([0-9]{1,9})([smhd])$`)

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

func readTimespan(n *yaml.Node) (time.Duration, error) {
	m := timespan.FindStringSubmatch(scalarOf(n))
	if m == nil {
		return 0, fault(n, "a timespan is a number with s, m, h or d behind it")
	}
	count, _ := strconv.ParseInt(m[1], 10, 64)
	if count == 0 || time.Duration(count) > 366*24*time.Hour/units[m[2]] {
		return 0, fault(n, "a timespan is between a second and 366 days")
	}
	return time.Duration(count) * units[m[2]], nil
}
