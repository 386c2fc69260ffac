package db

import (
	"context"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/store"
)

// objectsKey is a list of risk objects, objectsState what it rests on.
type (
	objectsKey struct {
		kind, text string
		asked      bool
		asOf, now  int64
	}
	objectsState struct {
		made     int64
		settings risk.Settings
		rules    *detection.Rules
		behind   bool // tiles do not say all
	}
	objectsSeen struct {
		objectsState
		list []placedObject
	}
)

func objectsAsked(ctx context.Context, q conn, f store.ObjectFilter, v viewer) (k objectsKey, s objectsState,
	err error) {
	k = objectsKey{kind: f.Type, text: f.Text, asked: f.AsOf != nil, now: f.Now}
	if k.asked {
		k.asOf, k.now = *f.AsOf, 0
	}
	s = objectsState{settings: v.Settings, rules: v.rules}
	err = one(ctx, q, `SELECT made, EXISTS (SELECT 1 FROM risk_touched) AND NOT `+stillLate+` FROM risk_clock`,
		[]any{lateSince()}, &s.made, &s.behind)
	return k, s, err
}

// objectsBefore is a list that was put together before: a page asks for it twice.
func (s *seen) objectsBefore(k objectsKey, now objectsState) ([]placedObject, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.objects[k]
	return slices.Clone(old.list), ok && !now.behind && old.objectsState == now
}

func (s *seen) keepObjects(k objectsKey, now objectsState, list []placedObject) {
	if now.behind || len(list) > mostStanding {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil || len(s.objects) >= mostLists {
		s.objects = map[objectsKey]objectsSeen{}
	}
	s.objects[k] = objectsSeen{now, slices.Clone(list)}
}
