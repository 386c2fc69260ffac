package export

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"escutcheon/detection"
	"escutcheon/store"
	"escutcheon/unseen"
)

// The namespaces of ids: ours, and that of STIX 2.1 (section 2.9) for what its own
// properties identify.
const (
	ourIDs  = "5f0c7c5e-3b1e-4c39-9c7a-2d8b7d5f6a10"
	stixIDs = "00abedb4-aa42-466c-9c01-fed23315a9b7"
)

// stixEpoch is when objects were made that have no time of their own: as nothing of a
// bundle is of the clock, two of the same findings are the same bytes.
const stixEpoch = "2020-01-01T00:00:00.000Z"

// stixObject has the members of all objects that a bundle holds.
type stixObject struct {
	Type     string   `json:"type"`
	Spec     string   `json:"spec_version"`
	ID       string   `json:"id"`
	Author   string   `json:"created_by_ref,omitempty"`
	Created  string   `json:"created,omitempty"`
	Modified string   `json:"modified,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	Name     string   `json:"name,omitempty"`
	About    string   `json:"description,omitempty"`
	Class    string   `json:"identity_class,omitempty"`

	Pattern     string `json:"pattern,omitempty"`
	PatternType string `json:"pattern_type,omitempty"`
	ValidFrom   string `json:"valid_from,omitempty"`

	Phases   []stixPhase    `json:"kill_chain_phases,omitempty"`
	External []stixExternal `json:"external_references,omitempty"`

	Relation string `json:"relationship_type,omitempty"`
	Source   string `json:"source_ref,omitempty"`
	Target   string `json:"target_ref,omitempty"`

	FirstObserved string   `json:"first_observed,omitempty"`
	LastObserved  string   `json:"last_observed,omitempty"`
	Number        int64    `json:"number_observed,omitempty"`
	Objects       []string `json:"object_refs,omitempty"`

	FirstSeen string   `json:"first_seen,omitempty"`
	LastSeen  string   `json:"last_seen,omitempty"`
	Count     int64    `json:"count,omitempty"`
	Of        string   `json:"sighting_of_ref,omitempty"`
	Observed  []string `json:"observed_data_refs,omitempty"`
	Where     []string `json:"where_sighted_refs,omitempty"`

	Value  string            `json:"value,omitempty"`
	Hashes map[string]string `json:"hashes,omitempty"`

	CommandLine string `json:"command_line,omitempty"`
	PID         int64  `json:"pid,omitempty"`
	Image       string `json:"image_ref,omitempty"`
	Parent      string `json:"parent_ref,omitempty"`
}

type stixPhase struct {
	Chain string `json:"kill_chain_name"`
	Phase string `json:"phase_name"`
}

type stixExternal struct {
	Source string `json:"source_name"`
	URL    string `json:"url,omitempty"`
	ID     string `json:"external_id,omitempty"`
}

// stix writes a bundle object by object.
type stix struct {
	w    *bufio.Writer
	told map[string]bool // ids that are in it
	me   string
	err  error
}

// STIX writes findings of some rules that a filter chooses as a bundle of STIX 2.1: the
// console is an identity, each rule an indicator of its techniques, each host an
// infrastructure that consists of a domain name, each finding observed data of that,
// of the files whose hashes and the processes that it names, and a sighting of the indicator.
func STIX(ctx context.Context, w io.Writer, from Store, rules []*detection.Rule, f store.FindingFilter) error {
	s := &stix{w: bufio.NewWriterSize(w, 32<<10), told: map[string]bool{}, me: stixID("identity", ourIDs, "escutcheon")}
	s.text(`{"type":"bundle","id":"` + stixID("bundle", ourIDs, "findings") + `","objects":[` + "\n")
	s.add(stixObject{Type: "identity", ID: s.me, Name: "Escutcheon", Class: "system", Created: stixEpoch,
		Modified: stixEpoch})
	for found, err := range AllRows(ctx, from, rules, f) {
		if err != nil {
			return err
		}
		if s.finding(found); s.err != nil {
			return s.err
		}
	}
	s.text("\n]}\n")
	return cmp.Or(s.err, s.w.Flush())
}

// stixID is an id that is the same for the same name: a UUID of version 5.
func stixID(kind, space, name string) string {
	ns, err := hex.DecodeString(strings.ReplaceAll(space, "-", ""))
	if err != nil {
		panic(err) // it is one of two constants
	}
	sum := sha1.Sum(append(ns, name...))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	h := hex.EncodeToString(u)
	return kind + "--" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func (s *stix) text(t string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(t)
	}
}

// add writes an object that is not there yet, and returns its id.
func (s *stix) add(o stixObject) string {
	if s.told[o.ID] {
		return o.ID
	}
	o.Spec = "2.1"
	if o.Created != "" && o.ID != s.me {
		o.Author = s.me
	}
	b, err := json.Marshal(o)
	if s.err == nil {
		s.err = err
	}
	if len(s.told) > 0 {
		s.text(",\n")
	}
	s.told[o.ID] = true
	s.text(string(unseen.JSON(b)))
	return o.ID
}

func (s *stix) relate(source, relation, target string) {
	s.add(stixObject{Type: "relationship", ID: stixID("relationship", ourIDs, source+relation+target),
		Relation: relation, Source: source, Target: target, Created: stixEpoch, Modified: stixEpoch})
}

// rule adds a rule's indicator with its techniques.
func (s *stix) rule(r *detection.Rule) string {
	id := stixID("indicator", ourIDs, "rule "+r.ID)
	if s.told[id] {
		return id
	}
	from := stixEpoch
	if day, err := time.Parse(time.DateOnly, r.Date); err == nil {
		from = stixTime(day.Unix())
	}
	s.add(stixObject{Type: "indicator", ID: id, Name: cmp.Or(r.Name, r.ID), About: r.Description, Created: from,
		Modified: from, Pattern: cmp.Or(r.Search, "-"), PatternType: "spl", ValidFrom: from,
		External: []stixExternal{{Source: "escu", ID: r.ID}}})
	for _, t := range r.Techniques() {
		if t.URL() == "" {
			continue
		}
		o := stixObject{Type: "attack-pattern", ID: stixID("attack-pattern", ourIDs, t.ID), Name: cmp.Or(t.Name, t.ID),
			Created: stixEpoch, Modified: stixEpoch,
			External: []stixExternal{{Source: "mitre-attack", URL: t.URL(), ID: t.ID}}}
		for _, tactic := range t.Tactics {
			o.Phases = append(o.Phases, stixPhase{"mitre-attack", tactic})
		}
		s.relate(id, "indicates", s.add(o))
	}
	return id
}

// host adds a host, and returns the id of its name.
func (s *stix) host(dest string) string {
	dest = cmp.Or(strings.ToValidUTF8(dest, "\uFFFD"), "unknown")
	name := stixID("domain-name", stixIDs, `{"value":`+string(appendJSON(nil, dest))+`}`)
	if s.told[name] {
		return name
	}
	s.add(stixObject{Type: "domain-name", ID: name, Value: dest})
	host := s.add(stixObject{Type: "infrastructure", ID: stixID("infrastructure", ourIDs, "host "+dest), Name: dest,
		Created: stixEpoch, Modified: stixEpoch})
	s.relate(host, "consists-of", name)
	return name
}

func (s *stix) finding(f Found) {
	first, last := stixTime(min(f.First, f.Last)), stixTime(max(f.First, f.Last))
	seen := slices.Concat([]string{s.host(f.Dest)}, s.files(f), s.processes(f))
	rule, n := s.rule(f.Rule), max(1, min(f.Count, 999_999_999))
	data := s.add(stixObject{Type: "observed-data", ID: stixID("observed-data", ourIDs, f.Key), Created: first,
		Modified: last, FirstObserved: first, LastObserved: last, Number: n, Objects: seen})
	s.add(stixObject{Type: "sighting", ID: stixID("sighting", ourIDs, f.Key), Created: first, Modified: last,
		About: f.Rule.Label(f.Row, f.Change), Labels: []string{f.Triage.Status.String(), f.Triage.Disposition.String()},
		FirstSeen: first, LastSeen: last, Count: n, Of: rule, Observed: []string{data}, Where: []string{s.me}})
}

// aHash is a hash as Sysmon writes it.
var aHash = regexp.MustCompile(`(?i)\b(MD5|SHA1|SHA256)=([0-9a-f]{32,64})\b`)

// hashNames are the names of STIX, by the digits of a hash.
var hashNames = map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256"}

// files adds the files whose hashes a finding's row names.
func (s *stix) files(f Found) (ids []string) {
	for i, column := range f.Rule.Plan().Columns() {
		if i >= len(f.Row) || !strings.Contains(strings.ToLower(column), "hash") {
			continue
		}
		for value := range strings.Lines(f.Row[i]) {
			if id := s.file(strings.TrimSpace(value)); id != "" && len(ids) < mostNamed {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (s *stix) file(value string) string {
	hashes := map[string]string{}
	for _, m := range aHash.FindAllStringSubmatch(value, -1) {
		hashes[hashNames[len(m[2])]] = strings.ToLower(m[2])
	}
	if _, err := hex.DecodeString(value); err == nil {
		hashes[hashNames[len(value)]] = strings.ToLower(value)
	}
	delete(hashes, "") // of another length than any
	for _, name := range []string{"MD5", "SHA-1", "SHA-256"} {
		if h := hashes[name]; h != "" { // the first of them identifies it
			id := stixID("file", stixIDs, `{"hashes":{"`+name+`":"`+h+`"}}`)
			return s.add(stixObject{Type: "file", ID: id, Hashes: hashes})
		}
	}
	return ""
}

// stixTime is a second as a timestamp, which has a year of four digits.
func stixTime(second int64) string {
	const most = 253_402_300_799 // the end of 9999
	return time.Unix(max(0, min(second, most)), 0).UTC().Format("2006-01-02T15:04:05.000Z")
}
