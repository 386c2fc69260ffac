// Package detection holds what a rule means: rules as ESCU's YAML writes them,
// the windows of their schedule, the risk events that follow, and what a change
// to the IIS configuration is about.
//
// Everything here is a pure function over values. Searches are compiled and
// run by detection/spl; what risk events come to, scores and incidents, is
// detection/risk's; storing events, findings and risk events, and running rules
// inside an import, are left to others.
//
// Times are whole seconds since 1970 UTC, rounded down, unless a name says
// Nanos.
package detection
