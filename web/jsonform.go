package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"escutcheon/fault"
)

// isJSON says that a request's body is JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// readJSONForm takes a JSON object for the form of its members, so that a program may
// send what it likes: texts, numbers, true for "1" and false for "0", and lists of these
// for a field that stands there several times. What is null is left out.
func readJSONForm(r *http.Request) error {
	in := json.NewDecoder(r.Body)
	in.UseNumber()
	var sent map[string]any
	err := in.Decode(&sent)
	if err == nil && in.More() {
		err = errors.New("something follows the object")
	}
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return err
	case errors.Is(err, io.EOF): // nothing was sent
	case err != nil:
		return fault.New(fault.Invalid, "What was sent is no JSON object of the form's fields: %v.", err)
	}
	form := url.Values{}
	for name, value := range sent {
		if err := addJSON(form, name, value, true); err != nil {
			return err
		}
	}
	r.PostForm, r.Form = form, r.URL.Query()
	for name, values := range form { // before those of the address, as in a form
		r.Form[name] = append(values[:len(values):len(values)], r.Form[name]...)
	}
	return nil
}

func addJSON(form url.Values, name string, value any, lists bool) error {
	switch v := value.(type) {
	case nil:
	case string:
		form.Add(name, v)
	case json.Number:
		form.Add(name, v.String())
	case bool:
		form.Add(name, map[bool]string{true: "1", false: "0"}[v])
	case []any:
		if !lists {
			return notAField(name)
		}
		for _, one := range v {
			if err := addJSON(form, name, one, false); err != nil {
				return err
			}
		}
	default:
		return notAField(name)
	}
	return nil
}

func notAField(name string) error {
	return fault.New(fault.Invalid, "The member %s of the JSON is no text, number, true, false, or list of these.",
		fmt.Sprintf("%.60q", name))
}
