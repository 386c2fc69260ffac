package views

import "time"

// LoginPage is the form to sign in.
type LoginPage struct {
	Problem, Next, Name string
	Provider            string // signs people in; "": a password
}

// SetupPage makes the first account.
type SetupPage struct {
	Problem, Secret, Name string
	Provider              string
}

// AccountPage is one's own account.
type AccountPage struct {
	Frame
	Name, Role  string
	HasPassword bool
	Problem     string
	Secret      string // of a token that was just made: shown once
	Roles       []Option
	Tokens      []TokenRow
}

// TokenRow is a token, without its secret.
type TokenRow struct {
	ID                     int64
	Name, Owner, Role      string
	Created, Expires, Used time.Time
	Ended, Revoked         bool
}

// AccountsPage lists who may enter.
type AccountsPage struct {
	Frame
	Problem string
	OIDC    bool // a provider signs people in
	Rows    []AccountRow
	Roles   []Option
	Tokens  []TokenRow
}

// AccountRow is an account.
type AccountRow struct {
	ID            int64
	Name, Role    string
	Disabled      bool
	HasPassword   bool
	Created, Seen time.Time
	Roles         []Option
}
