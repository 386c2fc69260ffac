// Package access has the words of who may do what: roles, who asks, and how a
// password is kept. It does no input or output.
package access

import (
	"context"
	"strings"
)

// Role is what somebody may do; each may do what the ones before may.
type Role int

// The roles. None is nobody who signed in.
const (
	None    Role = iota
	Viewer       // looks, searches, exports
	Analyst      // imports, triages, writes notes and cases
	Admin        // changes rules, filters, settings and accounts
)

var roles = []string{"", "viewer", "analyst", "admin"}

func (r Role) String() string {
	if r < 0 || int(r) >= len(roles) {
		return ""
	}
	return roles[r]
}

// Roles are those that somebody can have.
func Roles() []Role { return []Role{Viewer, Analyst, Admin} }

// ParseRole reads a role.
func ParseRole(text string) (Role, bool) {
	for _, r := range Roles() {
		if strings.EqualFold(strings.TrimSpace(text), r.String()) {
			return r, true
		}
	}
	return None, false
}

// Identity is who asks, where accounts are on.
type Identity struct {
	Account int64
	Name    string
	Role    Role   // of the account, or less: of the token
	Token   int64  // the token that it was proved with; 0: a session
	OIDC    bool   // the account has no password here
	Session string // the session's token, to end it
}

type key struct{}

// With says who asks. Without it accounts are off: whoever asks may do all.
func With(ctx context.Context, i Identity) context.Context { return context.WithValue(ctx, key{}, i) }

// Of is who asks; false where accounts are off.
func Of(ctx context.Context) (Identity, bool) {
	i, ok := ctx.Value(key{}).(Identity)
	return i, ok
}

// May says whether who asks may do what takes a role.
func May(ctx context.Context, r Role) bool {
	i, on := Of(ctx)
	return !on || i.Role >= r
}
