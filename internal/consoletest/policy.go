package consoletest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"escutcheon/unseen"
)

// addresses are the attributes that browsers follow.
var addresses = []string{"href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcset"}

// IsReport says whether an address is that of a report as HTML, which stands alone.
func IsReport(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return strings.HasSuffix(path, "/report.html")
}

// CheckPage looks for what the policy forbids, and returns the page's own
// addresses that a click opens.
func CheckPage(t testing.TB, path, page string) (links []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "textarea" && n.Parent.Data != "style" {
			CheckText(t, path, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" && !IsReport(path) || n.Data == "base" || n.Data == "iframe" || n.Data == "object" ||
			n.Data == "script" && (Attr(n, "src") == "" || n.FirstChild != nil) {
			t.Errorf("%s: element %s %v", path, n.Data, n.Attr)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "title", a.Key == "aria-label", a.Key == "alt", a.Key == "placeholder":
				CheckText(t, path, a.Val)
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc":
				t.Errorf("%s: attribute %s of %s", path, a.Key, n.Data)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("%s: two elements have the id %q", path, a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case n.Data == "img" && IsReport(path) && strings.HasPrefix(a.Val, "data:image/png;base64,"):
			case slices.Contains(addresses, a.Key):
				if link, ok := checkAddress(t, path, n, a.Val); ok {
					links = append(links, link)
				}
			}
		}
	}
	return links
}

// CheckText looks for what a reader would not see, or see turned round. The
// values of inputs are not looked at: they are sent back as they are.
func CheckText(t testing.TB, path, text string) {
	t.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return unseen.Rune(r) && r != '\n' && r != '\t' }); i >= 0 {
		t.Errorf("%s: a mark that turns or hides text stands in %.200q", path, text[max(0, i-60):])
	}
}

// checkAddress returns an address of ours that a GET opens.
func checkAddress(t testing.TB, path string, n *html.Node, address string) (string, bool) {
	t.Helper()
	here, err := url.Parse("http://console" + path)
	if err != nil {
		t.Fatal(err)
	}
	to, err := here.Parse(address)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" {
		t.Errorf("%s: %s leads to %q", path, n.Data, address)
		return "", false
	}
	if to.Host != "console" {
		if n.Data != "a" || Attr(n, "rel") == "" {
			t.Errorf("%s: %s leads away to %q", path, n.Data, address)
		}
		return "", false
	}
	to.Fragment, to.RawFragment = "", ""
	post := n.Data == "form" && strings.EqualFold(Attr(n, "method"), "post") || strings.EqualFold(Attr(n,
		"formmethod"), "post")
	return to.RequestURI(), !post
}
