package handlers

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/access"
	"escutcheon/fault"
	"escutcheon/signin"
	"escutcheon/views"
)

// LoginPath is where people sign in.
const LoginPath = "/login"

// nextOf is where somebody wanted to go before signing in: a page of ours.
func nextOf(text string) string {
	if strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && !strings.ContainsAny(text, "\\\r\n") {
		return text
	}
	return "/"
}

// noGate leads home where accounts are off.
func noGate(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/") }

// LoginPage is the form to sign in.
func (h *Handlers) LoginPage(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	return h.loginPage(c, http.StatusOK, "", c.QueryParam("next"), "")
}

func (h *Handlers) loginPage(c echo.Context, status int, problem, next, name string) error {
	p := views.LoginPage{Problem: problem, Next: nextOf(next), Name: name}
	if h.Gate.Provider != nil {
		p.Provider = h.Gate.Provider.Issuer
	}
	return render(c, status, views.Login(p))
}

// Login signs somebody in, or sends them to the provider that does.
func (h *Handlers) Login(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	next, name := nextOf(formText(c, "next")), strings.TrimSpace(formText(c, "name"))
	if h.Gate.Provider != nil {
		to, err := h.Gate.Begin(c.Response(), c.Request(), next, "")
		if err != nil {
			return h.refusedLogin(c, err, next, "")
		}
		return c.Redirect(http.StatusSeeOther, to)
	}
	if err := h.Gate.SignIn(c.Response(), c.Request(), name, formText(c, "password")); err != nil {
		return h.refusedLogin(c, err, next, name)
	}
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]string{"name": name})
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// refusedLogin says why somebody does not come in.
func (h *Handlers) refusedLogin(c echo.Context, err error, next, name string) error {
	status, sentence := http.StatusUnauthorized, fault.Sentence(err)
	if wait, ok := signin.IsTooMany(err); ok {
		seconds := int(math.Ceil(wait.Seconds()))
		c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
		status = http.StatusTooManyRequests
		sentence = fmt.Sprintf("Too many tries. Wait %d s, then try again. Clients that signed in before do not wait for "+
			"others.", seconds)
	} else if fault.CodeOf(err) == fault.Busy {
		status = http.StatusServiceUnavailable
	} else if fault.CodeOf(err) != fault.Invalid {
		return err
	}
	if WantsJSON(c) {
		return c.JSON(status, map[string]string{"error": sentence})
	}
	return h.loginPage(c, status, sentence, next, name)
}

// Callback takes somebody whom the provider sends back.
func (h *Handlers) Callback(c echo.Context) error {
	if h.Gate == nil || h.Gate.Provider == nil {
		return noGate(c)
	}
	next, err := h.Gate.End(c.Response(), c.Request())
	if err != nil {
		return h.refusedLogin(c, err, "/", "")
	}
	return c.Redirect(http.StatusSeeOther, nextOf(next))
}

// SetupPage is where the one-time link leads that makes the first account.
func (h *Handlers) SetupPage(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	secret := c.QueryParam("token")
	if !h.Gate.IsSetup(secret) {
		return h.loginPage(c, http.StatusOK, "This set-up link has been used, or is not the one that the server printed. "+
			"Sign in, or start the server again to have another.", "/", "")
	}
	return h.setupPage(c, http.StatusOK, "", secret, "")
}

func (h *Handlers) setupPage(c echo.Context, status int, problem, secret, name string) error {
	p := views.SetupPage{Problem: problem, Secret: secret, Name: name}
	if h.Gate.Provider != nil {
		p.Provider = h.Gate.Provider.Issuer
	}
	c.Response().Header().Set("Referrer-Policy", "no-referrer") // the link is a secret
	return render(c, status, views.Setup(p))
}

// Setup makes the first account.
func (h *Handlers) Setup(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	secret, name := formText(c, "token"), strings.TrimSpace(formText(c, "name"))
	if h.Gate.Provider != nil {
		if !h.Gate.IsSetup(secret) {
			return h.SetupPage(c)
		}
		to, err := h.Gate.Begin(c.Response(), c.Request(), "/", secret)
		if err != nil {
			return h.refusedLogin(c, err, "/", "")
		}
		return c.Redirect(http.StatusSeeOther, to)
	}
	err := h.Gate.SetUp(c.Response(), c.Request(), secret, name, formText(c, "password"))
	switch code := fault.CodeOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, "/")
	case WantsJSON(c) || code != fault.Invalid && code != fault.Conflict:
		return err
	case !h.Gate.IsSetup(secret):
		return h.loginPage(c, http.StatusBadRequest, fault.Sentence(err), "/", "")
	}
	return h.setupPage(c, http.StatusBadRequest, fault.Sentence(err), secret, name)
}

// Logout ends this session.
func (h *Handlers) Logout(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	if err := h.Gate.SignOut(c.Response(), c.Request()); err != nil {
		return err
	}
	return signedOut(c)
}

// LogoutEverywhere ends all sessions of who asks.
func (h *Handlers) LogoutEverywhere(c echo.Context) error {
	if h.Gate == nil {
		return noGate(c)
	}
	i, _ := access.Of(c.Request().Context())
	if err := h.Gate.Store.EndSessions(c.Request().Context(), i.Account); err != nil {
		return err
	}
	if err := h.Gate.SignOut(c.Response(), c.Request()); err != nil {
		return err
	}
	return signedOut(c)
}

func signedOut(c echo.Context) error {
	if WantsJSON(c) {
		return c.JSON(http.StatusOK, map[string]bool{"signed_out": true})
	}
	return c.Redirect(http.StatusSeeOther, LoginPath)
}

// LoginURL is the page to sign in, which leads to a page then.
func LoginURL(next string) string {
	if next = nextOf(next); next == "/" {
		return LoginPath
	}
	return LoginPath + "?next=" + url.QueryEscape(next)
}

// daysOf reads for how many days a token is good.
func daysOf(text string, now time.Time) (time.Time, error) {
	days, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return now, fault.New(fault.Invalid, "%q is no number of days.", cut(text, 20))
	}
	return now.AddDate(0, 0, days), nil
}
