package config

import (
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// exceptions returns the exceptions that v lists.
func exceptions(v yaml.Value) []Exception {
	var all []Exception
	v.Items(func(item yaml.Value) {
		at := item.Place()
		e := Exception{Line: at.Line, Column: at.Column}
		has := item.Mapping(
			yaml.Field{Name: "reference", Read: func(v yaml.Value) { e.Reference = reference(v) }},
			yaml.Field{Name: "path", Read: func(v yaml.Value) { e.Path = pathGlob(v) }},
			yaml.Field{Name: "reason", Read: yaml.Into(&e.Reason)},
			yaml.Field{Name: "owner", Read: yaml.Into(&e.Owner)},
			yaml.Field{Name: "expires", Read: func(v yaml.Value) { e.Expires = date(v) }},
		)
		has.Require("reason", "owner", "expires")
		if has.Valid() && !has.Has("reference") && !has.Has("path") {
			item.Errorf("%s has neither reference nor path: it would except everything", item)
		}
		all = append(all, e)
	})
	return all
}

// reference returns the glob of references that v must be.
func reference(v yaml.Value) string {
	s, ok := v.Text()
	if ok && !doublestar.ValidatePattern(s) {
		v.Errorf("%s: %q is not a valid glob", v, s)
	}
	return s
}

// pathGlob returns the glob of paths that v must be.
func pathGlob(v yaml.Value) string {
	s, ok := v.Text()
	if !ok {
		return ""
	}
	if why := globFault(s); why != "" {
		v.Errorf("%s: %q %s", v, s, why)
		return ""
	}
	return cleanGlob(s)
}

// date returns the day that v must be, quoted or not.
func date(v yaml.Value) time.Time {
	s, _ := v.Plain()
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		v.Errorf("%s must be a day, as in 2027-01-31", v)
		return time.Time{}
	}
	return day
}
