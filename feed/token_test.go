package feed_test

import (
	"strings"
	"testing"

	"escutcheon/feed"
	"escutcheon/intake"
)

// TestReadTokens: a file of tokens says what each is of; a mistake in it is named.
func TestReadTokens(t *testing.T) {
	list, err := feed.ReadTokens(strings.NewReader("\uFEFF# ours\n\n0123456789abcdef\n" +
		"abcdefghijklmnop  name=iis-farm zone=Europe/Berlin\r\n"))
	want := []feed.FileToken{{Secret: "0123456789abcdef", Name: "token 1 of the file"},
		{Secret: "abcdefghijklmnop", Name: "iis-farm", Zone: "Europe/Berlin"}}
	if err != nil || len(list) != 2 || list[0] != want[0] || list[1] != want[1] {
		t.Errorf("%+v %v", list, err)
	}
	for text, says := range map[string]string{
		"":                                   "no token",
		"short":                              "line 1",
		"0123456789abcdef zone=Nowhere":      "time zone",
		"0123456789abcdef zone=Local":        "time zone",
		"0123456789abcdef x":                 "neither",
		"0123456789abcdef name=":             "empty",
		"0123456789abcdef\n0123456789abcdef": "twice",
	} {
		if _, err := feed.ReadTokens(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestTokens: a token that was made lets in, in its zone, until it is revoked.
func TestTokens(t *testing.T) {
	s := start(t)
	const made = "esc_made-in-the-console"
	id, err := s.Store.AddFeedToken(t.Context(), intake.FeedToken{Name: "DC", Zone: "Europe/Berlin"}, made)
	if err != nil {
		t.Fatal(err)
	}
	for i, header := range []string{"Splunk " + made, "Bearer " + made, "ApiKey " + made} {
		body := hec(bulk(3)[i : i+1])
		if status, a := s.send("POST", "/services/collector", body, "Authorization", header); status != 200 {
			t.Errorf("%s: %d %s", header, status, a)
		}
	}
	if list := s.imports(); len(list) != 1 || list[0].Zone != "Europe/Berlin" || list[0].New != 3 {
		t.Errorf("%+v", list)
	}
	if _, err := s.Store.AddFeedToken(t.Context(), intake.FeedToken{Name: "dc"}, made+"2"); err == nil {
		t.Error("two tokens have one name")
	}
	if err := s.Store.RevokeFeedToken(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if status, a := s.send("POST", "/services/collector", hec(planted()), "Authorization",
		"Splunk "+made); status != 403 || a != `{"text":"Token disabled","code":1}` {
		t.Errorf("revoked: %d %s", status, a)
	}
	if s.events() != 3 {
		t.Errorf("%d events", s.events())
	}
}
