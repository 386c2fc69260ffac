package handlers

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"escutcheon/detection"
	"escutcheon/detection/spl"
	"escutcheon/fault"
	"escutcheon/rulebook"
	"escutcheon/views"
)

// riskFields is how many risk objects the form of a rule has places for.
const riskFields = 3

// usualRisk are the columns that a rule is about where nothing else is said.
var usualRisk = []views.RiskField{{Field: "dest", Type: "system"}, {Field: "user", Type: "user"}}

// SearchRule makes a rule of a search: the form, and what it makes as YAML once a name
// is there. A search that cannot be a rule says why.
func (h *Handlers) SearchRule(c echo.Context) error {
	p := ruleForm(c)
	columns, problem := h.fit(&p)
	p.Columns = columns
	if problem == nil {
		p.Objects, p.Message = proposed(p, columns)
		if p.Name != "" {
			p.YAML, problem = h.draft(p)
		}
	}
	if WantsJSON(c) {
		if problem != nil {
			return c.JSON(http.StatusBadRequest, refusedAt(problem))
		}
		return c.JSON(http.StatusOK, map[string]any{"yaml": p.YAML, "columns": columns})
	}
	status := http.StatusOK
	if problem != nil {
		if p.Name != "" { // it was sent, not just opened
			status = http.StatusBadRequest
		}
		at := refusedAt(problem)
		p.Problem, p.Line, p.Column = at.Error, at.Line, at.Column
	}
	for len(p.Objects) < riskFields {
		p.Objects = append(p.Objects, views.RiskField{Type: "system"})
	}
	return h.searchRulePage(c, status, p)
}

func (h *Handlers) searchRulePage(c echo.Context, status int, p views.SearchRulePage) (err error) {
	if p.Frame, err = h.frame(c, "Save a search as a rule"); err != nil {
		return err
	}
	if p.Author == "" {
		p.Author = author(c)
	}
	return render(c, status, views.SearchRule(p))
}

// ruleForm is the form as it was filled in.
func ruleForm(c echo.Context) views.SearchRulePage {
	text := func(name string) string { return strings.TrimSpace(plainText(c.QueryParam(name))) }
	p := views.SearchRulePage{Search: text("q"), Name: text("name"), Description: text("description"),
		Type: text("type"), Message: text("message"), Technique: strings.ToUpper(text("technique")),
		Score: text("score"), Author: typedAuthor(c, c.QueryParam("author"))}
	if p.Type == "" {
		p.Type = detection.RuleTypes[0]
	}
	if p.Score == "" {
		p.Score = "50"
	}
	q := c.QueryParams()
	for i, field := range q["field"] {
		o := views.RiskField{Field: strings.TrimSpace(plainText(field)), Type: "system"}
		if i < len(q["kind"]) {
			o.Type = plainText(q["kind"][i])
		}
		if o.Field != "" && len(p.Objects) < 10 {
			p.Objects = append(p.Objects, o)
		}
	}
	return p
}

// proposed are the risk objects and the message of a form, or those that its columns
// suggest where nothing was typed.
func proposed(p views.SearchRulePage, columns []string) ([]views.RiskField, string) {
	objects, message := p.Objects, p.Message
	if len(objects) == 0 && p.Name == "" {
		for _, o := range usualRisk {
			if slices.Contains(columns, o.Field) {
				objects = append(objects, o)
			}
		}
	}
	if message == "" && len(objects) > 0 {
		message = fmt.Sprintf("%s on $%s$.", strings.TrimSuffix(p.Name, "."), objects[0].Field)
		if p.Name == "" {
			message = ""
		}
	}
	return objects, message
}

// fit says which columns a rule of the search has, or why there is none.
func (h *Handlers) fit(p *views.SearchRulePage) ([]string, error) {
	if len(p.Search) > maxSPL {
		return nil, fault.New(fault.Invalid, "The search is longer than %d bytes.", maxSPL)
	}
	if p.Search == "" {
		return nil, fault.New(fault.Invalid, "The search is empty: there is nothing to make a rule of.")
	}
	env := h.Book.Content().Env()
	if e := env.Unfit(p.Search); e != nil {
		return nil, e
	}
	q, err := env.Query(p.Search)
	if err != nil {
		return nil, err
	}
	p.Counted = q.Lists()
	env.Whole = true
	plan, err := env.Compile(detection.RuleSearch(p.Search, "x", p.Counted))
	if err != nil {
		return nil, err
	}
	return plan.Columns(), nil
}

var technique = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)

// draft is the rule of a form as YAML. The error is a sentence.
func (h *Handlers) draft(p views.SearchRulePage) (string, error) {
	score, err := strconv.Atoi(p.Score)
	switch {
	case err != nil || score < 0 || score > 100:
		return "", fault.New(fault.Invalid, "The score is %q; it is a number from 0 to 100.", cut(p.Score, 20))
	case !slices.Contains(detection.RuleTypes, p.Type):
		return "", fault.New(fault.Invalid, "The type is %q; it is %s.", cut(p.Type, 40),
			strings.Join(detection.RuleTypes, ", "))
	case p.Technique != "" && !technique.MatchString(p.Technique):
		return "", fault.New(fault.Invalid, "%q is no technique of ATT&CK: T1505.004 is one.", cut(p.Technique, 40))
	case strings.Trim(detection.FilterName(p.Name), "_") == "filter":
		return "", fault.New(fault.Invalid, "The name needs a letter or a digit from a to z or 0 to 9.")
	case h.Book.Find(p.Name) != nil:
		return "", fault.New(fault.Invalid, "There is a rule %q already. Choose another name.", p.Name)
	case p.Author == "":
		return "", fault.New(fault.Invalid, "Sign the rule with your name, so that others know whom to ask.")
	}
	d := detection.Draft{ID: newUUID(), Name: p.Name, Description: p.Description, Type: p.Type, Author: p.Author,
		Date: h.Now().UTC().Format("2006-01-02"), Search: detection.RuleSearch(p.Search, p.Name, p.Counted),
		Message: p.Message, Technique: p.Technique}
	for _, o := range p.Objects {
		if !slices.Contains(p.Columns, o.Field) {
			return "", fault.New(fault.Invalid,
				"%q is no column of the search, so it cannot be a risk object. Columns are %s.", cut(o.Field, 80),
				cut(strings.Join(p.Columns, ", "), 400))
		}
		d.Objects = append(d.Objects, detection.RiskObject{Field: o.Field, Type: o.Type, Score: score})
	}
	if detection.ScheduleOf(d.Type).Risk && len(d.Objects) == 0 {
		return "", fault.New(fault.Invalid,
			"A rule of type %s raises risk: name a column as its risk object, or make it Hunting.", d.Type)
	}
	text, err := d.YAML()
	if err != nil {
		return "", err
	}
	if _, refused := h.Book.Content().Check(text); refused != nil {
		return string(text), &rulebook.Refused{Refusal: *refused}
	}
	return string(text), nil
}

// newUUID is a random id as rules have it.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// refusedAt is why there is no rule, with its place in the search.
func refusedAt(err error) refusedPostJSON {
	var e *spl.Error
	var r *rulebook.Refused
	switch {
	case errors.As(err, &e):
		return refusedPostJSON{"This cannot be a rule: " + e.Error() + ".", e.Command, e.Pos.Line, e.Pos.Column}
	case errors.As(err, &r):
		return refusedPostJSON{fault.Sentence(err), r.Command, r.Pos.Line, r.Pos.Column}
	}
	return refusedPostJSON{Error: fault.Sentence(err)}
}

// LoadSearchRule loads the rule that the form made, as it was changed. When it cannot
// be taken, the page comes back with the reason and what was written.
func (h *Handlers) LoadSearchRule(c echo.Context) error {
	sent := readSentRule(c)
	formAuthor(c)
	rules, _, err := h.keepRule(c, sent)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, views.RuleURL(rules[0].ID))
	case fault.CodeOf(err) != fault.Invalid || WantsJSON(c):
		return err
	}
	p := ruleForm(c)
	p.YAML, p.Author, p.Refused = sent.YAML, sent.Author, fault.Sentence(err)
	return h.searchRulePage(c, http.StatusBadRequest, p)
}
