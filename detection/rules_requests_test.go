package detection_test

import (
	"slices"
	"testing"

	"escutcheon/demo/logwriter"
)

// asked is a request with its answer.
func asked(method, stem string, status int) logwriter.Request {
	return logwriter.Request{Method: method, Stem: stem, Status: status, Agent: "Mozilla/5.0"}
}

func withCookie(c string) logwriter.Request {
	r := asked("GET", "/", 200)
	r.Cookie = c
	return r
}

func from(referer string, r logwriter.Request) logwriter.Request {
	r.Referer = referer
	return r
}

const signOut = "/_layouts/SignOut.aspx"

// requestCases are requests that each rule must find, and near misses.
var requestCases = []struct {
	rule         string
	hits, misses []logwriter.Request
}{
	{staticPost, []logwriter.Request{
		asked("POST", "/favicon.ico", 200), asked("post", "/images/Logo.PNG", 200), asked("POST", "/robots.txt", 200),
		asked("POST", "/owa/auth/15.1/themes/x.css", 200),
	}, []logwriter.Request{
		asked("GET", "/favicon.ico", 200), asked("POST", "/favicon.ico", 405), asked("POST", "/favicon.ico", 404),
		asked("POST", "/login.aspx", 200), asked("POST", "/png", 200), asked("POST", "/x.png.aspx", 200),
		asked("POST", "/notes/robots.txt.aspx", 200),
	}},
	{publishedDoor, []logwriter.Request{
		withCookie("RGSESSIONID=Y21kJA"), withCookie("a=b; RGSESSIONID=Y21kJA"), withCookie("a=b;RGSESSIONID=x"),
		asked("GET", "/v1.0/8888/sys.html", 200),
	}, []logwriter.Request{
		withCookie("ORGSESSIONID=1"), withCookie("a=RGSESSIONID"), withCookie("ASP.NET_SessionId=x"),
		asked("GET", "/v1.0/8888/sys.html", 404), asked("GET", "/v1.0/8888/system.html", 200),
	}},
	{toolPane, []logwriter.Request{
		from(signOut, asked("POST", "/_layouts/15/ToolPane.aspx", 302)),
		from("https://sp.corp.example/_layouts/16/signout.aspx", asked("POST", "/sites/a/_layouts/16/toolpane.aspx", 200)),
		asked("GET", "/_layouts/15/spinstall0.aspx", 200), asked("GET", "/_layouts/16/spinstall1.aspx", 200),
	}, []logwriter.Request{
		from(signOut, asked("POST", "/_layouts/15/ToolPane.aspx", 401)),
		from(signOut, asked("GET", "/_layouts/15/ToolPane.aspx", 200)),
		from("/sites/a/default.aspx", asked("POST", "/_layouts/15/ToolPane.aspx", 200)),
		from("-", asked("POST", "/_layouts/15/ToolPane.aspx", 200)),
		asked("GET", "/_layouts/15/spinstall0.aspx", 404), asked("GET", "/downloads/spinstall0.aspx", 200),
	}},
}

// TestRequestRules: each request alone makes one row of its rule or none, and raises
// the rule's score on the host whose log it is; the prefilter lets none of the hits
// slip.
func TestRequestRules(t *testing.T) {
	set := builtIn(t)
	rules := set.InForce(nil)
	for _, tt := range requestCases {
		r := ruleOf(t, set, tt.rule)
		for i, q := range tt.hits {
			e := request(t, q)
			if rows := rowsOf(r, e); len(rows) != 1 {
				t.Errorf("%s: hit %d makes %d rows\n%s", r.Name, i, len(rows), e.Raw)
				continue
			}
			if !slices.Contains(rules.Candidates(e, nil), slices.Index(set.Rules, r)) {
				t.Errorf("%s: the prefilter leaves hit %d out", r.Name, i)
			}
			checkRisk(t, r, e)
		}
		for i, q := range tt.misses {
			if rows := rowsOf(r, request(t, q)); len(rows) != 0 {
				t.Errorf("%s: miss %d makes %v", r.Name, i, rows)
			}
		}
	}
}

// TestViewStateRefused: a wrong seal is listed, and raises no risk; the row of a right
// one says at which page.
func TestViewStateRefused(t *testing.T) {
	set := builtIn(t)
	wrong := viewState("ASP.NET 4.0.30319.0", "The viewstate supplied failed integrity check.", "50203")
	right := viewState("ASP.NET 4.0.30319.0", "Viewstate was invalid.", "50204")
	r := ruleOf(t, set, viewRefused)
	for format := range formats {
		e := decode(t, format, wrong)
		if rows, risk := rowsOf(r, e, decode(t, format, right)), riskOf(r, e); len(rows) != 1 || risk != nil {
			t.Errorf("%s: %v, %v", format, rows, risk)
		}
		rows := rowsOf(ruleOf(t, set, viewForged), decode(t, format, right))
		if len(rows) != 1 || rows[0].List("uri_path")[0] != "/shop/page.aspx" {
			t.Errorf("%s: %v", format, rows)
		}
	}
}
