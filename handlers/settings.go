package handlers

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/risk"
	"escutcheon/fault"
	"escutcheon/views"
)

// SettingsStore keeps the settings; thresholds that do not rise are refused
// with a sentence.
type SettingsStore interface {
	Settings(ctx context.Context) (risk.Settings, error)
	KeepSettings(ctx context.Context, s risk.Settings) error
}

// settingsJSON are the settings as a program gets them.
type settingsJSON struct {
	Medium   int  `json:"medium"`
	High     int  `json:"high"`
	Critical int  `json:"critical"`
	Tactics  int  `json:"tactics"`
	Rules    int  `json:"rules"`
	Capped   bool `json:"cap_per_rule"`
	Note     bool `json:"note_mandatory"`
	// The scores of Sigma rules by their level.
	Informational int `json:"sigma_informational"`
	Low           int `json:"sigma_low"`
	Middle        int `json:"sigma_medium"`
	Grave         int `json:"sigma_high"`
	Gravest       int `json:"sigma_critical"`
}

func (h *Handlers) settingsView(c echo.Context, s risk.Settings) (settingsJSON, error) {
	note, err := h.Ask.Triage.NoteMandatory(c.Request().Context())
	return settingsJSON{s.Medium, s.High, s.Critical, s.Tactics, s.Rules, s.CapPerRule, note, s.Sigma[0], s.Sigma[1],
		s.Sigma[2], s.Sigma[3], s.Sigma[4]}, err
}

// tellSettings answers a program.
func (h *Handlers) tellSettings(c echo.Context, s risk.Settings) error {
	v, err := h.settingsView(c, s)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, v)
}

// Settings shows the thresholds of risk incidents.
func (h *Handlers) Settings(c echo.Context) error {
	s, err := h.Ask.Settings.Settings(c.Request().Context())
	if err != nil {
		return err
	}
	if WantsJSON(c) {
		return h.tellSettings(c, s)
	}
	p, err := h.settingsPage(c, s)
	if err != nil {
		return err
	}
	logo, err := h.logo(c.Request().Context())
	if err != nil {
		return err
	}
	p.HasLogo = len(logo) > 0
	p.SnippetSaved = c.QueryParam("snippet") == "saved"
	p.Saved, p.TemplateSaved = c.QueryParam("saved") == "1", c.QueryParam("template") == "saved"
	return render(c, http.StatusOK, views.Settings(p))
}

func (h *Handlers) settingsPage(c echo.Context, s risk.Settings) (p views.SettingsPage, err error) {
	d := risk.Default()
	n := strconv.Itoa
	p = views.SettingsPage{Medium: n(s.Medium), High: n(s.High), Critical: n(s.Critical), Tactics: n(s.Tactics),
		Rules: n(s.Rules), Capped: s.CapPerRule, AreDefault: s == d}
	for i, v := range []int{d.Medium, d.High, d.Critical, d.Tactics, d.Rules} {
		p.Defaults[i] = int64(v)
	}
	for i, level := range detection.SigmaLevels {
		p.Sigma = append(p.Sigma, views.LevelScore{Level: level, Score: n(s.Sigma[i]), Default: n(d.Sigma[i])})
	}
	if p.NoteMandatory, err = h.Ask.Triage.NoteMandatory(c.Request().Context()); err != nil {
		return p, err
	}
	if h.Ask.Originals != nil {
		if p.Originals, err = h.Ask.Originals.KeepsOriginals(c.Request().Context()); err != nil {
			return p, err
		}
	}
	scrub := h.Ask.Frame.LastScrub()
	p.Scrubbed = scrub.At
	for _, d := range scrub.Found {
		p.Damages = append(p.Damages, views.Damage(d))
	}
	if err := h.templateViews(c.Request().Context(), &p); err != nil {
		return p, err
	}
	p.Frame, err = h.frame(c, "Settings")
	return p, err
}

// SetSettings keeps the settings of the form, or those of Splunk ES.
func (h *Handlers) SetSettings(c echo.Context) error {
	ctx := c.Request().Context()
	was, err := h.Ask.Settings.Settings(ctx)
	if err != nil {
		return err
	}
	s, err := formSettings(c, was)
	if c.FormValue("reset") != "" {
		s, err = risk.Default(), nil
	}
	if err == nil {
		err = h.Ask.Settings.KeepSettings(ctx, s)
	}
	if err == nil && s.Sigma != was.Sigma {
		err = h.Book.Reload(ctx)
	}
	if note := c.FormValue("note_mandatory"); err == nil && note != "" && c.FormValue("reset") == "" {
		err = h.Ask.Triage.DemandNote(ctx, note == "1" || note == "true")
	}
	if err == nil {
		if WantsJSON(c) {
			return h.tellSettings(c, s)
		}
		return c.Redirect(http.StatusSeeOther, "/settings?saved=1")
	}
	if fault.CodeOf(err) != fault.Invalid || WantsJSON(c) {
		return err
	}
	p, perr := h.settingsPage(c, s)
	if perr != nil {
		return perr
	}
	p.Medium, p.High, p.Critical, p.Tactics, p.Rules = c.FormValue("medium"), c.FormValue("high"),
		c.FormValue("critical"), c.FormValue("tactics"), c.FormValue("rules")
	for i := range p.Sigma {
		p.Sigma[i].Score = c.FormValue("sigma_" + p.Sigma[i].Level)
	}
	p.Problem = fault.Sentence(err)
	return render(c, http.StatusBadRequest, views.Settings(p))
}

// maxThreshold keeps sums of thresholds far from the end of an int.
const maxThreshold = 1_000_000_000

// formSettings are the settings of the form; scores that it does not say stay.
func formSettings(c echo.Context, was risk.Settings) (s risk.Settings, err error) {
	s.Sigma = was.Sigma
	// A program sends the name that it gets; the form's is shorter.
	s.CapPerRule = slices.Contains([]string{"1", "true"}, cmp.Or(c.FormValue("cap_per_rule"), c.FormValue("cap")))
	for _, one := range []struct {
		name string
		to   *int
	}{{"medium", &s.Medium}, {"high", &s.High}, {"critical", &s.Critical}, {"tactics", &s.Tactics}, {"rules", &s.Rules}} {
		text := strings.TrimSpace(c.FormValue(one.name))
		if *one.to, err = strconv.Atoi(text); err != nil || *one.to > maxThreshold {
			return s, fault.New(fault.Invalid, "%q is no whole number up to %d.", text, maxThreshold)
		}
	}
	for i, level := range detection.SigmaLevels {
		text := strings.TrimSpace(c.FormValue("sigma_" + level))
		if text == "" {
			continue
		}
		if s.Sigma[i], err = strconv.Atoi(text); err != nil || s.Sigma[i] < 0 || s.Sigma[i] > 100 {
			return s, fault.New(fault.Invalid, "%q is no score: a whole number from 0 to 100.", text)
		}
	}
	return s, nil
}
