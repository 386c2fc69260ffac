// Package logwriter writes Windows event records in the formats that log
// shippers use: classic Splunk WinEventLog text, event XML, NXLog JSON and
// Winlogbeat JSON, and requests as IIS logs them. The demo logs, tests and benchmarks share it. It reads
// nothing and knows nothing of files; callers append to a buffer of their own.
package logwriter

import (
	"strings"
	"time"

	"escutcheon/event"
)

// Levels of an event, as in System/Level.
const (
	LevelAlways      = 0 // audits
	LevelCritical    = 1
	LevelError       = 2
	LevelWarning     = 3
	LevelInformation = 4
	LevelVerbose     = 5
)

// Keyword bits that the formats name.
const (
	KeywordClassic      uint64 = 0x80000000000000
	KeywordAuditSuccess uint64 = 0x20000000000000
	KeywordAuditFailure uint64 = 0x10000000000000
)

// NoOpcode as Record.Opcode stands for a record without an Opcode element.
const NoOpcode = event.None

// Record is one event record, before any format. The zero value of a member
// means that the record does not carry it, except for Opcode (0 is Info, use
// NoOpcode), Level and Task.
type Record struct {
	Time      time.Time
	EventCode int
	Channel   string
	Provider  string
	GUID      string // in braces
	Computer  string

	RecordNumber int64
	Level        int
	Task         int
	TaskCategory string // the text of Task
	Opcode       int
	OpCode       string // the text of Opcode
	Keywords     uint64

	User                string // DOMAIN\name, when the SID was resolved
	Sid                 string
	ProcessID, ThreadID int

	Data    []event.Field // EventData, in order; values may be empty
	Message string        // line ends are \n
}

// typeText is the Type that Windows renders for the level and keywords.
func (r *Record) typeText() string {
	switch r.Level {
	case LevelCritical:
		return "Critical"
	case LevelError:
		return "Error"
	case LevelWarning:
		return "Warning"
	case LevelVerbose:
		return "Verbose"
	}
	return "Information"
}

// eventType is the number that classic text gives for the type.
func (r *Record) eventType() int {
	switch r.Level {
	case LevelCritical, LevelError, LevelWarning:
		return r.Level
	case LevelVerbose:
		return 5
	case LevelAlways:
		return 0
	}
	return 4
}

// keywordText is the rendered form of the keywords.
func (r *Record) keywordText() string {
	switch {
	case r.Keywords&KeywordAuditSuccess != 0:
		return "Audit Success"
	case r.Keywords&KeywordAuditFailure != 0:
		return "Audit Failure"
	case r.Keywords&KeywordClassic != 0:
		return "Classic"
	}
	return "None"
}

// account splits User into its domain and name.
func (r *Record) account() (domain, name string) {
	domain, name, ok := strings.Cut(r.User, `\`)
	if !ok {
		return "", r.User
	}
	return domain, name
}

// accountType guesses the kind of account that NXLog and Winlogbeat name.
func (r *Record) accountType() string {
	if strings.HasPrefix(r.Sid, "S-1-5-21-") {
		return "User"
	}
	return "Well Known Group"
}
