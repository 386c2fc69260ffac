package handlers

import (
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"escutcheon/asof"
)

// formText is a field of a form as typed: text in UTF-8, with the lines as
// they were, which browsers end with CRLF.
func formText(c echo.Context, name string) string { return plainText(c.FormValue(name)) }

func plainText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
}

// formTime is a moment of a form, in UTC unless it says a zone; zero when the
// field is empty.
func formTime(c echo.Context, name string) (time.Time, error) {
	at, err := asof.Parse(c.FormValue(name))
	if at == nil {
		return time.Time{}, err
	}
	return second(*at), nil
}
