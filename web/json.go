package web

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"escutcheon/unseen"
)

// toJSON writes the answers that are JSON: what a reader would not see is escaped.
type toJSON struct{ echo.DefaultJSONSerializer }

func (toJSON) Serialize(c echo.Context, v any, indent string) error {
	out := json.NewEncoder(unseen.Writer{W: c.Response()})
	out.SetIndent("", indent)
	return out.Encode(v)
}
