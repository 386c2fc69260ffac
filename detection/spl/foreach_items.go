package spl

import (
	"encoding/json"

	"escutcheon/detection/spl/value"
)

// itemField holds a value while foreach runs over those of a field: <<ITEM>> in its
// template is read as that field, so that no value is ever taken for a part of it.
const itemField = "<<ITEM>>"

// itemWords are how <<ITEM>> may stand in a template.
var itemWords = []string{`"<<ITEM>>"`, "'<<ITEM>>'", "'<<ITEM>>'", "'<<ITEM>>'", "<<ITEM>>", "'<<ITEM>>'"}

// items runs the template for each value of the field.
func (f *foreachRun) items(r *rec) bool {
	v := r.value(f.x.Names[0])
	list := v.List()
	if f.x.Items == "json_array" {
		list = jsonItems(v.Text())
	}
	defer r.drop(itemField)
	for _, item := range list {
		if !r.within().Spend(stepCost) {
			return true
		}
		r.set(itemField, value.Whole(item))
		for i := range f.fixed {
			if !f.fixed[i].one(r) {
				return false
			}
		}
	}
	return true
}

// drop takes away a field that was set.
func (r *rec) drop(name string) {
	for i := range r.cells {
		if r.cells[i].name == name {
			r.cells = append(r.cells[:i:i], r.cells[i+1:]...)
			return
		}
	}
}

// jsonItems are the items of a JSON array as texts; none of what is no array.
func jsonItems(text string) (out []string) {
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	for _, raw := range list[:min(len(list), value.MaxList)] {
		var s string
		if json.Unmarshal(raw, &s) != nil || string(raw) == "null" {
			s = string(raw)
		}
		out = append(out, s)
	}
	return out
}
