package store

import (
	"context"
	"time"
)

// Actor is who asks for something.
type Actor struct {
	Person  string // the name that was signed with; "" where it is not known
	Address string // of the client, or CommandLine
	Proved  bool   // the name is that of an account
}

// CommandLine is the address of who uses no browser.
const CommandLine = "command line"

// System is the person of what the console does by itself.
const System = "escutcheon"

type actorKey struct{}

// WithActor says who asks. What is written without is System's.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who asks; System where that is not said.
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Person: System}
}

// AuditEntry is what is told of a change: of one field, where it has several.
// docs/audit.md has the words.
type AuditEntry struct {
	Person string // "": whom the context says (ActorOf)
	Action string // a verb in lower case: "set", "written", "deleted" …
	Object string // a kind and what names one of it: "host web01", "import 3"
	Field  string // "" where the whole object is meant
	Old    string // these two of at most MaxAudited bytes; what is longer is cut
	New    string
}

// MaxAudited is how many bytes of an old or new text are kept.
const MaxAudited = 100_000

// AuditRow is a row of the audit trail. Rows are numbered from 1 on, without gaps.
type AuditRow struct {
	AuditEntry
	ID      int64
	At      time.Time
	Address string
	Prev    string // the hash of the row before, in hex; of the first row zeros
}

// AuditFilter chooses rows of the audit trail; what is empty chooses all.
type AuditFilter struct {
	Person string
	Action string
	Object string // what objects begin with
	Of     string // one object, or what belongs to it: "case ESC-12" has "case ESC-12 question 1" too
	Text   string // somewhere in a row, in any case
	From   time.Time
	To     time.Time // rows before it
}

// AuditTip is how far the chain of the audit trail goes.
type AuditTip struct {
	Rows int64
	Hash string // of the last row, in hex
}

// AuditDamage is a row of the audit trail that is not as it was written.
type AuditDamage struct {
	ID   int64     // of the row; 0: the tip
	At   time.Time // of the row, or where it is missing of the next one before; zero where there is none
	What string    // a sentence about the row
}
