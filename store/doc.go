// Package store says what a database keeps and how it is asked: the hosts,
// findings, risk events, notes, rules and settings, the filters that choose
// them, and the pages of a list. It keeps nothing itself: db does, and whoever
// asks states the questions it has as an interface of its own. Imports and
// their batches are intake's, rules and what they mean detection's.
package store
