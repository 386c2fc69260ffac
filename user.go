package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"escutcheon/access"
	"escutcheon/db"
	"escutcheon/fault"
	"escutcheon/signin"
	"escutcheon/store"
)

// users adds accounts to a database, lists them and changes them.
func users(ctx context.Context, e *env, args []string) (int, error) {
	fs, path := flags("user")
	role := fs.String("role", "", "add, role: viewer, analyst or admin (add: analyst, and admin for the first)")
	file := fs.String("password-file", "",
		"add, passwd: the `file` whose first line is the password, - for standard input")
	asJSON := fs.Bool("json", false, "list: as JSON")
	rest, err := parse(e, fs, args, 2)
	if err != nil {
		return 0, err
	}
	do, name := "", ""
	if len(rest) > 0 {
		do = rest[0]
	}
	if len(rest) > 1 {
		name = rest[1]
	}
	if do != "list" && name == "" || do == "list" && name != "" {
		return 0, usageError{"say what to do: add NAME, passwd NAME, role NAME, disable NAME, enable NAME, or list"}
	}
	to, err := openDatabase(ctx, e, *path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	switch do {
	case "list":
		return exitDone, listUsers(ctx, e, to, *asJSON)
	case "add":
		return exitDone, addUser(ctx, e, to, name, *role, *file)
	}
	a, err := to.AccountByName(ctx, name)
	if err != nil {
		return 0, err
	}
	switch do {
	case "passwd":
		var password string
		if password, err = readPassword(ctx, e, *file); err == nil {
			if wrong := access.WrongPassword(password); wrong != "" {
				err = fault.New(fault.Invalid, "%s", wrong)
			} else {
				err = to.SetPassword(ctx, a.ID, access.HashPassword(password))
			}
		}
	case "role":
		as, ok := access.ParseRole(*role)
		if !ok {
			return 0, usageError{fmt.Sprintf("there is no role %q: --role viewer, analyst or admin", *role)}
		}
		err = to.SetAccount(ctx, a.ID, as, a.Disabled)
	case "disable", "enable":
		err = to.SetAccount(ctx, a.ID, a.Role, do == "disable")
	default:
		return 0, usageError{fmt.Sprintf("there is nothing %q to do: add, passwd, role, disable, enable or list", do)}
	}
	if err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: done\n", printable(a.Name))
	return exitDone, err
}

func addUser(ctx context.Context, e *env, to *db.DB, name, role, file string) error {
	list, err := to.Accounts(ctx)
	if err != nil {
		return err
	}
	as := access.Analyst
	if len(list) == 0 {
		as = access.Admin
	}
	if role != "" {
		var ok bool
		if as, ok = access.ParseRole(role); !ok {
			return usageError{fmt.Sprintf("there is no role %q: viewer, analyst or admin", role)}
		}
	}
	password, err := readPassword(ctx, e, file)
	if err != nil {
		return err
	}
	a, err := signin.NewAccount(ctx, to, name, as, password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: %s\n", printable(a.Name), a.Role)
	return err
}

func listUsers(ctx context.Context, e *env, to *db.DB, asJSON bool) error {
	list, err := to.Accounts(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		out := []map[string]any{}
		for _, a := range list {
			out = append(out, map[string]any{"id": a.ID, "name": a.Name, "role": a.Role.String(), "disabled": a.Disabled,
				"oidc": a.Subject != "", "created": a.Created.UTC().Format(time.RFC3339)})
		}
		return json.NewEncoder(e.stdout).Encode(out)
	}
	for _, a := range list {
		state := ""
		if a.Disabled {
			state = ", may not enter"
		}
		if _, err := fmt.Fprintf(e.stdout, "%s: %s%s\n", printable(a.Name), a.Role, state); err != nil {
			return err
		}
	}
	return nil
}

// tokens adds tokens for programs, lists and revokes them.
func tokens(ctx context.Context, e *env, args []string) (code int, err error) {
	fs, path := flags("token")
	user := fs.String("user", "", "add: the `account` whose it is")
	role := fs.String("role", "viewer", "add: what it may do at most: viewer, analyst or admin")
	days := fs.Int("days", 90, "add: for how many days it is good")
	asJSON := fs.Bool("json", false, "list: as JSON")
	rest, err := parse(e, fs, args, 2)
	if err != nil {
		return 0, err
	}
	if len(rest) == 0 || (rest[0] != "list") != (len(rest) == 2) {
		return 0, usageError{"say what to do: add --user NAME WHAT, list, or revoke ID"}
	}
	to, err := openDatabase(ctx, e, *path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	switch rest[0] {
	case "add":
		return exitDone, addToken(ctx, e, to, *user, rest[1], *role, *days)
	case "revoke":
		id, perr := strconv.ParseInt(rest[1], 10, 64)
		if perr != nil {
			return 0, usageError{fmt.Sprintf("%q is no number of a token: token list has them", rest[1])}
		}
		if err := to.RevokeToken(ctx, id, 0); err != nil {
			return 0, err
		}
		_, err = fmt.Fprintf(e.stdout, "Token %d is revoked.\n", id)
		return exitDone, err
	case "list":
		return exitDone, listTokens(ctx, e, to, *asJSON)
	}
	return 0, usageError{fmt.Sprintf("there is nothing %q to do: add, list or revoke", rest[0])}
}

func addToken(ctx context.Context, e *env, to *db.DB, user, name, role string, days int) error {
	as, ok := access.ParseRole(role)
	if !ok {
		return usageError{fmt.Sprintf("there is no role %q: viewer, analyst or admin", role)}
	}
	if user == "" {
		return usageError{"say whose it is: --user NAME"}
	}
	a, err := to.AccountByName(ctx, user)
	if err != nil {
		return err
	}
	secret, _, err := signin.NewToken(ctx, to, store.Token{Account: a.ID, Name: name, Role: as,
		Expires: time.Now().AddDate(0, 0, days)})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, secret) // alone, for a script; it is not shown again
	return err
}

func listTokens(ctx context.Context, e *env, to *db.DB, asJSON bool) error {
	list, err := to.Tokens(ctx, 0)
	if err != nil {
		return err
	}
	out := []map[string]any{}
	for _, t := range list {
		if asJSON {
			out = append(out, map[string]any{"id": t.ID, "name": t.Name, "account": t.Owner, "role": t.Role.String(),
				"expires": t.Expires.UTC().Format(time.RFC3339), "revoked": t.Revoked})
			continue
		}
		state := "until " + t.Expires.UTC().Format(time.RFC3339)
		if t.Revoked {
			state = "revoked"
		}
		if _, err := fmt.Fprintf(e.stdout, "%d: %s, of %s, %s, %s\n", t.ID, printable(t.Name), printable(t.Owner), t.Role,
			state); err != nil {
			return err
		}
	}
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(out)
	}
	return nil
}
