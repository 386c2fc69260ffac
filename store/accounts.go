package store

import (
	"time"

	"escutcheon/access"
)

// Account is somebody who may enter.
type Account struct {
	ID       int64
	Name     string
	Role     access.Role
	Password string // as it is kept; "": a provider signs in
	Subject  string // at the provider, with its issuer; "" of one with a password
	Disabled bool
	Epoch    int64 // sessions of another one have ended
	Created  time.Time
	Seen     time.Time // the last sign-in; zero: none
}

// Token lets a program in.
type Token struct {
	ID      int64
	Account int64
	Owner   string // the account's name
	Name    string
	Role    access.Role // what it may do at most; the account's may be less
	Created time.Time
	Expires time.Time
	Used    time.Time // a day on which it was; zero: never
	Revoked bool
}

// What there may be of accounts.
const (
	MaxAccounts     = 1_000
	MaxAccountName  = 100
	MaxTokens       = 100 // of one account
	MaxTokenName    = 100
	MaxTokenForDays = 366
)
