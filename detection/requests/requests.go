// Package requests says what the requests of a server tell beside a change: which
// addresses, clients and programs were seen only after it, where POSTs came in bursts,
// and what had failed before and was answered after. It takes requests in any order and
// holds a bounded amount of them. What is said to be new is new in these logs: a module
// can keep its own requests out of them (Caution).
package requests

import (
	"strings"
	"time"
)

// Caution stands wherever requests are told of.
const Caution = "A module inside the server can change or leave out the lines of its own requests: " +
	"what is not here is not shown to be absent."

// Around is how long before and after a change requests are looked at.
const Around = 24 * time.Hour

// Many POSTs of one client to one address within a slot of the clock are a burst.
const (
	Many = 10
	Slot = 5 * time.Minute
)

// room is how many bytes a tally holds at most, about; Longest how much of an address
// or of a program's name it tells apart.
const (
	room    = 64 << 20
	Longest = 1024
	perKey  = 160
)

// Request is what is asked of one. What was not logged is "" or a hyphen.
type Request struct {
	At                          time.Time
	Method, Path, Client, Agent string
	Status                      string
}

// Tally counts requests around a change.
type Tally struct {
	at, from, to  time.Time
	before, after int
	paths         map[string]*path // by the address in lower case
	clients       map[string]*seen
	agents        map[string]*seen
	slots         map[slot]*seen // of POSTs
	left          int            // bytes
	full          bool
}

// seen is when something was, on both sides of the change.
type seen struct {
	name          string // the spelling that sorts first
	before, after int
	posts         int // after, answered
	first, last   time.Time
}

type path struct {
	seen
	answered, failed [2]int // before, after
	firstOK, lastOK  time.Time
}

type slot struct {
	path, client string
	n            int64
}

// New counts requests around a moment, of so long before and after it.
func New(at time.Time, around time.Duration) *Tally {
	return &Tally{at: at, from: at.Add(-around), to: at.Add(around), left: room, paths: map[string]*path{},
		clients: map[string]*seen{}, agents: map[string]*seen{}, slots: map[slot]*seen{}}
}

// Add counts a request. One outside of the time counts for nothing.
func (t *Tally) Add(r *Request) {
	if r.At.Before(t.from) || !r.At.Before(t.to) {
		return
	}
	side := 0
	if t.before++; !r.At.Before(t.at) {
		side = 1
		t.before--
		t.after++
	}
	post := strings.EqualFold(r.Method, "POST")
	ok, failed := answered(r.Status)
	name := clip(r.Path)
	key := strings.ToLower(name)
	if p := get(t, t.paths, key); p != nil {
		p.saw(name, r.At, side, post && ok)
		if ok {
			if p.answered[side]++; side == 1 {
				p.firstOK, p.lastOK = widen(p.firstOK, p.lastOK, r.At)
			}
		} else if failed {
			p.failed[side]++
		}
	}
	client := clip(r.Client)
	for _, of := range []struct {
		to   map[string]*seen
		name string
	}{{t.clients, client}, {t.agents, clip(r.Agent)}} {
		if of.name == "" || of.name == "-" {
			continue
		}
		if s := get(t, of.to, of.name); s != nil {
			s.saw(of.name, r.At, side, post && ok)
		}
	}
	if post {
		if s := get(t, t.slots, slot{key, client, slotOf(r.At.Sub(t.at))}); s != nil {
			s.saw(name, r.At, side, ok)
		}
	}
}

// slotOf numbers slots from the change on; those before it are negative.
func slotOf(d time.Duration) int64 {
	n := int64(d / Slot)
	if d < 0 && d%Slot != 0 {
		n--
	}
	return n
}

// get is what a map has of a key, made where there is room.
func get[K comparable, V any](t *Tally, m map[K]*V, key K) *V {
	v := m[key]
	if v != nil {
		return v
	}
	cost := perKey
	switch k := any(key).(type) {
	case string:
		cost += 2 * len(k)
	case slot:
		cost += len(k.path) + len(k.client)
	}
	if cost > t.left {
		t.full = true
		return nil
	}
	t.left -= cost
	v = new(V)
	m[key] = v
	return v
}

func (s *seen) saw(name string, at time.Time, side int, answeredPost bool) {
	if s.before+s.after == 0 || name < s.name {
		s.name = name
	}
	if side == 0 {
		s.before++
		return
	}
	s.after++
	if answeredPost {
		s.posts++
	}
	s.first, s.last = widen(s.first, s.last, at)
}

func widen(first, last, at time.Time) (time.Time, time.Time) {
	if first.IsZero() || at.Before(first) {
		first = at
	}
	if at.After(last) {
		last = at
	}
	return first, last
}

// answered says what a status means: a redirection is neither, for many servers send
// whoever asks for anything to a page to sign in at.
func answered(status string) (ok, failed bool) {
	switch {
	case status == "" || status == "-": // not logged: nothing says that it failed
		return true, false
	case len(status) != 3:
		return false, false
	case status[0] == '2', status == "304":
		return true, false
	}
	return false, status[0] == '4' || status[0] == '5'
}

func clip(s string) string {
	if len(s) > Longest {
		s = s[:Longest]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
