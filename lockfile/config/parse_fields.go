package config

import (
	"regexp"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// fields returns the further places of images that v lists.
func fields(v yaml.Value) []Field {
	var all []Field
	v.Items(func(item yaml.Value) {
		var f Field
		item.Mapping(
			yaml.Field{Name: "group", Read: yaml.Into(&f.APIGroup)},
			yaml.Field{Name: "kind", Read: yaml.Into(&f.Kind)},
			yaml.Field{Name: "path", Read: func(v yaml.Value) { f.Path = fieldPath(v) }},
			yaml.Field{Name: "registry", Read: yaml.Into(&f.Registry)},
			yaml.Field{Name: "repository", Read: yaml.Into(&f.Repository)},
			yaml.Field{Name: "tag", Read: yaml.Into(&f.Tag)},
			yaml.Field{Name: "digest", Read: yaml.Into(&f.Digest)},
		).Require("path")
		if f.Repository == "" && f.Registry+f.Tag+f.Digest != "" {
			item.Errorf("%s has parts of an image but no repository", item)
		}
		all = append(all, f)
	})
	return all
}

// validFieldPath is how the place of a field is written.
var validFieldPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^.\[\]\s]+(\[\])*(\.[^.\[\]\s]+(\[\])*)*$`)
})

// fieldPath returns the place of a field that v must be.
func fieldPath(v yaml.Value) string {
	s, ok := v.Text()
	if ok && !validFieldPath().MatchString(s) {
		v.Errorf("%s: %q is not a valid path of a field: write keys with dots between them, "+
			"[] behind one that holds a list, * for any key", v, s)
	}
	return s
}
