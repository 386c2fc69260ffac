package handlers

import (
	"cmp"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/signin"
	"escutcheon/store"
	"escutcheon/views"
)

// Account is what somebody can do with their own account.
func (h *Handlers) Account(c echo.Context) error { return h.accountPage(c, http.StatusOK, "", "") }

func (h *Handlers) accountPage(c echo.Context, status int, problem, secret string) error {
	if h.Gate == nil {
		return noGate(c)
	}
	ctx := c.Request().Context()
	i, _ := access.Of(ctx)
	a, err := h.Gate.Store.AccountByID(ctx, i.Account)
	if err != nil {
		return err
	}
	list, err := h.Gate.Store.Tokens(ctx, i.Account)
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		out := []tokenJSON{}
		for _, t := range list {
			out = append(out, toTokenJSON(t))
		}
		return c.JSON(status, map[string]any{"name": a.Name, "role": a.Role.String(), "tokens": out})
	}
	p := views.AccountPage{Name: a.Name, Role: a.Role.String(), HasPassword: a.Password != "", Problem: problem,
		Secret: secret}
	for _, r := range access.Roles() {
		if r <= a.Role {
			p.Roles = append(p.Roles, views.Option{Value: r.String(), Label: r.String(), Selected: r == access.Viewer})
		}
	}
	for _, t := range list {
		p.Tokens = append(p.Tokens, tokenRow(t, h.Now()))
	}
	if p.Frame, err = h.frame(c, "Your account"); err != nil {
		return err
	}
	return render(c, status, views.Account(p))
}

func tokenRow(t store.Token, now time.Time) views.TokenRow {
	return views.TokenRow{ID: t.ID, Name: t.Name, Owner: t.Owner, Role: t.Role.String(), Created: t.Created,
		Expires: t.Expires, Used: t.Used, Ended: t.Revoked || !t.Expires.After(now), Revoked: t.Revoked}
}

type tokenJSON struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Owner   string `json:"account"`
	Role    string `json:"role"`
	Created string `json:"created"`
	Expires string `json:"expires"`
	Revoked bool   `json:"revoked"`
}

func toTokenJSON(t store.Token) tokenJSON {
	return tokenJSON{t.ID, t.Name, t.Owner, t.Role.String(), t.Created.UTC().Format(time.RFC3339),
		t.Expires.UTC().Format(time.RFC3339), t.Revoked}
}

// again shows a page once more with why a form was not taken.
func refusedForm(c echo.Context, err error, page func(status int, problem string) error) error {
	if wait, ok := signin.IsTooMany(err); ok {
		err = fault.New(fault.Busy, "Too many tries. Wait %d s, then try again.", int(wait.Seconds())+1)
	}
	code := fault.CodeOf(err)
	if WantsJSON(c) || code != fault.Invalid && code != fault.Busy && code != fault.Conflict {
		return err
	}
	return page(refusal(cmp.Or(code, fault.Invalid)), fault.Sentence(err))
}

// SetPassword gives who asks another password.
func (h *Handlers) SetPassword(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	if i, _ := access.Of(c.Request().Context()); i.Token != 0 {
		return fault.New(fault.Invalid, "A token changes no password: sign in.")
	}
	err := h.Gate.ChangePassword(c.Response(), c.Request(), formText(c, "old"), formText(c, "password"))
	if err != nil {
		return refusedForm(c, err, func(status int, problem string) error { return h.accountPage(c, status, problem, "") })
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]bool{"changed": true})
	}
	return c.Redirect(http.StatusSeeOther, "/account")
}

// AddToken makes a token of who asks. Its secret is shown once.
func (h *Handlers) AddToken(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	ctx := c.Request().Context()
	i, _ := access.Of(ctx)
	role, ok := access.ParseRole(cmp.Or(formText(c, "role"), access.Viewer.String()))
	var err error
	t := store.Token{Account: i.Account, Name: formText(c, "name"), Role: role}
	switch {
	case !ok:
		err = fault.New(fault.Invalid, "There is no role %q.", cut(formText(c, "role"), 40))
	case role > i.Role: // a token makes none that may do more than itself
		err = fault.New(fault.Invalid, "You are %s here: a token may do no more.", i.Role)
	default:
		t.Expires, err = daysOf(cmp.Or(formText(c, "days"), "90"), h.Now())
	}
	secret, id := "", int64(0)
	if err == nil {
		secret, id, err = signin.NewToken(ctx, h.Gate.Store, t)
	}
	if err != nil {
		return refusedForm(c, err, func(status int, problem string) error { return h.accountPage(c, status, problem, "") })
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusCreated, map[string]any{"id": id, "token": secret,
			"expires": t.Expires.UTC().Format(time.RFC3339)})
	}
	return h.accountPage(c, http.StatusOK, "", secret)
}

// RevokeToken ends a token: of who asks, or for an admin of anybody.
func (h *Handlers) RevokeToken(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	id, err := idParam(c, "token")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	i, _ := access.Of(ctx)
	whose, back := i.Account, "/account"
	if access.May(ctx, access.Admin) {
		whose = 0
	}
	if err := h.Gate.Store.RevokeToken(ctx, id, whose); err != nil {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]bool{"revoked": true})
	}
	return c.Redirect(http.StatusSeeOther, backOf(c, back))
}

// Accounts lists who may enter.
func (h *Handlers) Accounts(c echo.Context) error { return h.accountsPage(c, http.StatusOK, "") }

func (h *Handlers) accountsPage(c echo.Context, status int, problem string) error {
	if h.Gate == nil {
		return noGate(c)
	}
	ctx := c.Request().Context()
	list, err := h.Gate.Store.Accounts(ctx)
	if err != nil {
		return err
	}
	type accountJSON struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Role     string `json:"role"`
		Disabled bool   `json:"disabled"`
		OIDC     bool   `json:"oidc"`
	}
	out := []accountJSON{}
	p := views.AccountsPage{Problem: problem, OIDC: h.Gate.Provider != nil}
	for _, a := range list {
		out = append(out, accountJSON{a.ID, a.Name, a.Role.String(), a.Disabled, a.Subject != ""})
		row := views.AccountRow{ID: a.ID, Name: a.Name, Role: a.Role.String(), Disabled: a.Disabled,
			HasPassword: a.Password != "", Created: a.Created, Seen: a.Seen}
		for _, r := range access.Roles() {
			row.Roles = append(row.Roles, views.Option{Value: r.String(), Label: r.String(), Selected: r == a.Role})
		}
		p.Rows = append(p.Rows, row)
	}
	if WantsJSON(c) {
		return c.JSON(status, map[string]any{"accounts": out})
	}
	for _, r := range access.Roles() {
		p.Roles = append(p.Roles, views.Option{Value: r.String(), Label: r.String(), Selected: r == access.Analyst})
	}
	tokens, err := h.Gate.Store.Tokens(ctx, 0)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		p.Tokens = append(p.Tokens, tokenRow(t, h.Now()))
	}
	if p.Frame, err = h.frame(c, "Accounts"); err != nil {
		return err
	}
	return render(c, status, views.Accounts(p))
}

func (h *Handlers) accountsAgain(c echo.Context, err error) error {
	return refusedForm(c, err, func(status int, problem string) error { return h.accountsPage(c, status, problem) })
}

// AddAccount makes an account with a password.
func (h *Handlers) AddAccount(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	role, ok := access.ParseRole(formText(c, "role"))
	if !ok {
		return h.accountsAgain(c, fault.New(fault.Invalid, "There is no role %q.", cut(formText(c, "role"), 40)))
	}
	a, err := signin.NewAccount(c.Request().Context(), h.Gate.Store, formText(c, "name"), role, formText(c, "password"))
	if err != nil {
		return h.accountsAgain(c, err)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusCreated, map[string]any{"id": a.ID, "name": a.Name, "role": a.Role.String()})
	}
	return c.Redirect(http.StatusSeeOther, "/accounts")
}

// SetAccount gives an account another role or password, disables it, lets it in again
// or signs it out everywhere.
func (h *Handlers) SetAccount(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	id, err := idParam(c, "account")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	a, err := h.Gate.Store.AccountByID(ctx, id)
	if err != nil {
		return err
	}
	switch do := formText(c, "do"); do {
	case "password":
		err = h.Gate.NewPassword(ctx, id, formText(c, "password"))
	case "sign out":
		err = h.Gate.Store.EndSessions(ctx, id)
	case "disable", "enable", "", "role":
		role, disabled := a.Role, do == "disable" || a.Disabled && do != "enable"
		if text := formText(c, "role"); text != "" && do != "disable" && do != "enable" {
			var ok bool
			if role, ok = access.ParseRole(text); !ok {
				err = fault.New(fault.Invalid, "There is no role %q.", cut(text, 40))
				break
			}
		}
		err = h.Gate.Store.SetAccount(ctx, id, role, disabled)
	default:
		err = fault.New(fault.Invalid, "There is nothing %q to do with an account.", cut(do, 40))
	}
	if err != nil {
		return h.accountsAgain(c, err)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]bool{"changed": true})
	}
	return c.Redirect(http.StatusSeeOther, "/accounts")
}
