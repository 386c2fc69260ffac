package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/unseen"
)

// mostNamed is how many hosts a comment of a layer names.
const mostNamed = 50

// layer is a layer of the ATT&CK Navigator, version 4.5
// (github.com/mitre-attack/attack-navigator, layers/LAYERFORMATv4_5.md).
type layer struct {
	Name        string            `json:"name"`
	Versions    map[string]string `json:"versions"`
	Domain      string            `json:"domain"`
	Description string            `json:"description"`
	Sorting     int               `json:"sorting"` // 3: by score, the greatest first
	Techniques  []layerTechnique  `json:"techniques"`
	Gradient    layerGradient     `json:"gradient"`
}

type layerTechnique struct {
	ID      string `json:"techniqueID"`
	Score   int64  `json:"score"`
	Comment string `json:"comment"`
	Show    bool   `json:"showSubtechniques"`
}

type layerGradient struct {
	Colors []string `json:"colors"`
	Min    int64    `json:"minValue"`
	Max    int64    `json:"maxValue"`
}

// covered is what findings say of a technique.
type covered struct {
	findings int64
	rules    map[string]bool
	hosts    map[string]bool // mostNamed at most
	more     bool            // there are other hosts
}

// Navigator writes the techniques of the findings of some rules that a filter chooses
// as a layer: a technique's score is how many findings have it, its comment names their
// rules and hosts.
func Navigator(ctx context.Context, w io.Writer, from Store, rules []*detection.Rule, f store.FindingFilter) error {
	by := map[string]*covered{}
	for found, err := range AllRows(ctx, from, rules, f) {
		if err != nil {
			return err
		}
		for _, t := range found.Rule.Techniques() {
			if t.URL() != "" { // else it is no technique's id
				count(by, t.ID, found)
			}
		}
	}
	l := layer{Name: "Escutcheon findings", Domain: "enterprise-attack", Sorting: 3, Techniques: []layerTechnique{},
		Versions:    map[string]string{"navigator": "4.9.0", "layer": "4.5"},
		Description: "A technique's score is the number of findings whose rules name it.",
		Gradient:    layerGradient{Colors: []string{"#fff3cd", "#d9480f"}, Max: 1}}
	for _, id := range slices.Sorted(maps.Keys(by)) {
		c := by[id]
		l.Gradient.Max = max(l.Gradient.Max, c.findings)
		l.Techniques = append(l.Techniques, layerTechnique{ID: id, Score: c.findings, Comment: c.comment(), Show: true})
	}
	out := json.NewEncoder(unseen.Writer{W: w})
	out.SetIndent("", "  ")
	return out.Encode(l)
}

func count(by map[string]*covered, id string, f Found) {
	c := by[id]
	if c == nil {
		c = &covered{rules: map[string]bool{}, hosts: map[string]bool{}}
		by[id] = c
	}
	c.findings++
	c.rules[f.Rule.Name] = true
	if c.hosts[f.Dest] || len(c.hosts) < mostNamed {
		c.hosts[f.Dest] = true
	} else {
		c.more = true
	}
}

func (c *covered) comment() string {
	hosts := strings.Join(slices.Sorted(maps.Keys(c.hosts)), ", ")
	if c.more {
		hosts += ", …"
	}
	return fmt.Sprintf("Rules: %s\nHosts: %s", strings.Join(slices.Sorted(maps.Keys(c.rules)), ", "), hosts)
}
