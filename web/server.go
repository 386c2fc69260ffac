// Package web is the console's HTTP side: routes, middleware, security
// headers, the one place that turns errors into pages, and the server's start
// and stop. What a page shows is handlers' business, how it looks is views'.
package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/handlers"
	"escutcheon/signin"
	"escutcheon/static"
	"escutcheon/wire"
)

// shutdownTime is how long open requests may take to end.
const shutdownTime = 10 * time.Second

// silence is how long the other end of a connection may not be heard.
const silence = 30 * time.Second

// Config is what the console works with. Only this package imports handlers.
type Config = handlers.Handlers

// AskAll has the pages ask one store everything.
func AskAll(s handlers.Store) handlers.Ask { return handlers.AskAll(s) }

// New returns the console as an HTTP handler, for requests as the rules of the
// wire let them in.
func New(h *Config, log *slog.Logger, rules wire.Rules) http.Handler {
	pace := *cmp.Or(rules.Pace, &wire.UsualPace)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = errorHandler(h, log)
	e.JSONSerializer = toJSON{}
	m := newMeter(rules)
	e.Use(logRequests(log, m), secure(rules.HSTS), onlyHosts(rules.Hosts), admit(h.Gate), onlyRead(h.ReadOnly),
		limitBodies(pace), handlers.Signed)
	routes(e, h, m)
	// Browsers say where a request comes from; one that changes something and
	// comes from another site is refused, without tokens in forms.
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.NewContext(r, w)
		setSecurityHeaders(w.Header())
		w.Header().Set("Cache-Control", "no-store")
		m.asked(r.Method, "", http.StatusForbidden, 0)
		e.HTTPErrorHandler(errCrossOrigin, c)
	}))
	limited := rules.Limits.Limit(compress(guard.Handler(e)), func(r *http.Request) {
		m.asked(r.Method, "", http.StatusTooManyRequests, 0)
	})
	return pace.Begin(cutSlow(rules.Proxies.Forwarded(wire.Identified(limited)), piecePatience))
}

// Route is a method and a pattern of paths that the console answers.
type Route struct{ Method, Path string }

// Routes are all that the console answers.
func Routes() (out []Route) {
	e := echo.New()
	routes(e, &handlers.Handlers{}, newMeter(wire.Rules{}))
	for _, r := range e.Routes() {
		out = append(out, Route{r.Method, r.Path})
	}
	return out
}

func routes(e *echo.Echo, h *handlers.Handlers, m *meter) {
	get := func(path string, h echo.HandlerFunc) {
		e.GET(path, h)
		e.HEAD(path, h) // net/http sends no body
	}
	get("/", h.Hosts)
	get("/hosts/:dest", h.Host)
	get("/hosts/", h.Host) // ?dest=: names that no path can hold
	for _, kind := range []string{"svg", "png"} {
		get("/hosts/:dest/timeline."+kind, h.HostPicture)
		get("/users/:name/timeline."+kind, h.UserPicture)
		get("/timeline."+kind, h.HostPicture) // ?dest= or ?name=
	}
	get("/hosts/:dest/findings.csv", h.FindingsCSV)
	get("/hosts/:dest/risk.csv", h.RiskCSV)
	get("/hosts/:dest/notes.csv", h.NotesCSV)
	get("/hosts/:dest/config", h.HostConfig)
	get("/hosts/:dest/coverage", h.HostCoverage)
	get("/coverage", h.HostCoverage) // ?dest=
	get("/config", h.HostConfig)     // ?dest=
	get("/hosts/:dest/requests", h.HostRequests)
	get("/requests", h.HostRequests) // ?dest=
	get("/artifacts/:id", h.Artifact)
	get("/hosts/:dest/modules", h.Modules)
	get("/modules", h.Modules) // ?dest=
	get("/hosts/:dest/modules.csv", h.ModulesCSV)
	get("/modules.csv", h.ModulesCSV) // of all hosts, or ?dest=
	get("/modules/lists", h.ModuleLists)
	e.POST("/hosts/:dest/modules/known", h.MarkModule)
	e.POST("/modules/known", h.MarkModule) // ?dest=
	e.POST("/hosts/:dest/notes", h.AddNote)
	e.POST("/hosts/notes", h.AddNote) // ?dest=
	e.POST("/hosts/:dest/names", h.MergeHost)
	e.POST("/hosts/names", h.MergeHost) // ?dest=
	e.POST("/hosts/:dest/names/undo", h.PartHost)
	e.POST("/hosts/names/undo", h.PartHost) // ?dest=
	get("/notes/:id/edit", h.EditNotePage)
	e.POST("/notes/preview", h.PreviewNote)
	e.POST("/notes/import", h.ImportNotes)
	get("/notes/templates/:id", h.Template)
	e.POST("/notes/:id", h.EditNote)
	e.POST("/notes/:id/delete", h.DeleteNote)
	get("/findings", h.Findings)
	get("/findings/:id", h.Finding)
	e.POST("/findings/:id/triage", h.TriageFinding)
	e.POST("/hosts/:dest/triage", h.TriageHost)
	e.POST("/hosts/triage", h.TriageHost) // ?dest=
	e.POST("/triage", h.TriageMany)
	e.POST("/triage/undo", h.UndoTriage)
	e.POST("/views", h.SaveView)
	e.POST("/views/:id/delete", h.DeleteView)
	e.POST("/zone", h.SetZone)
	get("/events", h.Unattributed)
	get("/events/:id", h.Event)
	get("/events/:id/raw", h.EventRaw)
	get("/imports", h.Imports)
	e.POST("/imports", h.Upload)
	get("/imports/:id", h.Import)
	e.POST("/imports/:id/cancel", h.CancelImport)
	e.POST("/imports/:id/answer", h.Answer)
	e.POST("/imports/:id/again", h.Again)
	get("/imports/:id/rejected", h.Rejected)
	get("/imports/:id/delete", h.DeleteImportPage)
	e.POST("/imports/:id/delete", h.DeleteImport)
	e.POST("/demo", h.Demo)
	get("/feeds", h.Feeds)
	e.POST("/feeds/tokens", h.AddFeedToken)
	e.POST("/feeds/tokens/:id/revoke", h.RevokeFeedToken)
	get("/rules", h.RuleList)
	e.POST("/rules", h.PostRule)
	e.POST("/rules/:id/delete", h.DeleteRule)
	get("/rules/:id", h.Rule)
	get("/rules/:id/replay", h.Replay)
	e.POST("/rules/:id/enable", h.EnableRule)
	e.POST("/rules/:id/disable", h.DisableRule)
	e.POST("/rules/:id/filter", h.SetFilter)
	caseRoutes(e, get, h)
	get("/users", h.Users)
	get("/users/:name", h.User)
	get("/users/", h.User) // ?name=: names that no path can hold
	get("/threats", h.Threat)
	get("/audit", h.AuditTrail)
	get("/audit.csv", h.AuditCSV)
	get("/settings", h.Settings)
	e.POST("/settings", h.SetSettings)
	e.POST("/settings/templates", h.SetTemplate)
	e.POST("/settings/snippets", h.SetSnippet)
	get("/settings/logo", h.Logo)
	e.POST("/settings/logo", h.SetLogo)
	e.POST("/settings/originals", h.SetOriginals)
	get("/settings/retention", h.Retention)
	e.POST("/settings/retention", h.SetRetention)
	get("/imports/:id/original", h.Original)
	get("/search", h.Search)
	get("/search/complete", h.CompleteSearch)
	get("/search/with", h.SearchWith)
	get("/search/drill", h.SearchDrill)
	get("/search/compare", h.CompareEvents)
	get("/search.csv", h.SearchCSV)
	get("/search.jsonl", h.SearchJSONLines)
	get("/search/chart.svg", h.SearchChart)
	get("/search/chart.png", h.SearchChart)
	get("/search/jobs", h.SearchJobs)
	get("/search/jobs/:id", h.SearchJob)
	e.POST("/search/jobs/:id/stop", h.StopSearch)
	get("/search/rule", h.SearchRule)
	e.POST("/search/rule", h.LoadSearchRule)
	get("/lookups", h.Lookups)
	get("/searches", h.SavedSearches)
	e.POST("/searches", h.KeepSearch)
	get("/searches/:id", h.SavedSearch)
	e.POST("/searches/:id", h.KeepSearch)
	get("/searches/:id/edit", h.SavedSearchForm)
	e.POST("/searches/:id/delete", h.DeleteSearch)
	e.POST("/searches/:id/restore", h.RestoreSearch)
	get("/findings.csv", h.FindingsCSV)
	get("/risk.csv", h.RiskCSV)
	get("/notes.csv", h.NotesCSV)
	get("/navigator.json", h.Navigator)
	get("/timesketch.csv", h.TimesketchCSV)
	get("/timesketch.jsonl", h.TimesketchJSONLines)
	get("/stix.json", h.STIX)
	get("/healthz", h.Health)
	get("/readyz", h.Ready)
	get("/metrics", m.show(h))
	accounts(e, get, h)
	get("/static/*", echo.WrapHandler(static.Handler()))
	get("/favicon.ico", func(c echo.Context) error {
		return c.Redirect(http.StatusFound, static.URL("icon.svg"))
	})
}

func caseRoutes(e *echo.Echo, get func(string, echo.HandlerFunc), h *handlers.Handlers) {
	get("/cases", h.Cases)
	e.POST("/cases", h.OpenCase)
	get("/cases/items", h.AddItemPage)
	e.POST("/cases/items", h.AddItem) // case=
	e.POST("/cases/import", h.ImportCase)
	get("/cases/:id", h.Case)
	e.POST("/cases/:id", h.SetCase)
	e.POST("/cases/:id/items", h.AddItem)
	e.POST("/cases/:id/items/:part/remove", h.DropItem)
	e.POST("/cases/:id/questions", h.SetQuestion)
	e.POST("/cases/:id/questions/:part", h.SetQuestion)
	e.POST("/cases/:id/recommendations", h.SetRecommendation)
	e.POST("/cases/:id/recommendations/:part", h.SetRecommendation)
	e.POST("/cases/:id/files", h.Attach)
	get("/cases/:id/files/:part", h.CaseFile)
	e.POST("/cases/:id/files/:part/remove", h.DropFile)
	e.POST("/cases/:id/verify", h.VerifyCase)
	get("/cases/:id/case.zip", h.CaseArchive)
	for _, kind := range []string{"svg", "png"} {
		get("/cases/:id/timeline."+kind, h.CasePicture)
	}
	for _, kind := range []string{"html", "md", "json"} {
		get("/cases/:id/report."+kind, h.CaseReport)
		get("/hosts/:dest/report."+kind, h.HostReport)
		get("/report."+kind, h.HostReport) // ?dest=: names that no path can hold
	}
	get("/evidence/:id", h.Evidence)
	get("/evidence/:id/copy", h.EvidenceCopy)
	e.POST("/evidence/:id/verify", h.VerifyEvidence)
}

// accounts are the routes of signing in and of accounts.
func accounts(e *echo.Echo, get func(string, echo.HandlerFunc), h *handlers.Handlers) {
	get(handlers.LoginPath, h.LoginPage)
	e.POST(handlers.LoginPath, h.Login)
	get("/setup", h.SetupPage)
	e.POST("/setup", h.Setup)
	get(signin.CallbackPath, h.Callback)
	e.POST("/logout", h.Logout)
	e.POST("/logout/everywhere", h.LogoutEverywhere)
	get("/account", h.Account)
	e.POST("/account/password", h.SetPassword)
	e.POST("/account/tokens", h.AddToken)
	e.POST("/account/tokens/:id/revoke", h.RevokeToken)
	get("/accounts", h.Accounts)
	e.POST("/accounts", h.AddAccount)
	e.POST("/accounts/:id", h.SetAccount)
}

// Listen is where a server listens, and how.
type Listen struct {
	Address string
	TLS     *tls.Config // nil: without
	Rules   wire.Rules
}

// Serve listens until ctx is done, then lets open requests end.
func Serve(ctx context.Context, at Listen, h http.Handler, log *slog.Logger, ready func(addr net.Addr)) error {
	ln, err := net.Listen("tcp", at.Address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (choose another address with --listen)", at.Address, err)
	}
	// Requests may take as long as an upload takes; only silence and a drip end them.
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, TLSConfig: at.TLS,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: 100, SendPingTimeout: silence, WriteByteTimeout: silence},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	if at.Rules.Limits != nil {
		srv.ConnState = at.Rules.Limits.Connections(at.Rules.Proxies)
	}
	failed := make(chan error, 1)
	go func() {
		if at.TLS != nil {
			failed <- srv.ServeTLS(ln, "", "") // HTTP/2 too
		} else {
			failed <- srv.Serve(ln)
		}
	}()
	ready(ln.Addr())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err = srv.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close() // an upload that would take longer: the browser is told
	}
	return err
}
