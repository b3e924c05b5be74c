package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// Parse reads the plumb.yaml that data holds. file is what errors call it. The
// error is a yaml.ErrorList of all that is wrong.
func Parse(file string, data []byte) (*Config, error) {
	r := yaml.NewReader(file, data, yaml.Options{Name: "plumb.yaml"})
	c := Default("")
	if root, ok := r.Document(); ok && root.IsNull() {
		root.Errorf("is empty: begin with apiVersion: %s and kind: %s", APIVersion, Kind)
	} else if ok {
		readConfig(root, c)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// readConfig reads the document into c.
func readConfig(root yaml.Value, c *Config) {
	var apiVersion, kind string
	root.Mapping(
		yaml.Field{Name: "apiVersion", Read: yaml.OneOf(&apiVersion, APIVersion)},
		yaml.Field{Name: "kind", Read: yaml.OneOf(&kind, Kind)},
		yaml.Field{Name: "name", Read: yaml.Into(&c.Name)},
		yaml.Field{Name: "include", Read: func(v yaml.Value) { notEmpty(v); c.Include = globs(v) }},
		yaml.Field{Name: "exclude", Read: func(v yaml.Value) { c.Exclude = globs(v) }},
		yaml.Field{Name: "policies", Read: func(v yaml.Value) { c.Policies = globs(v) }},
		yaml.Field{Name: "unsigned", Read: yaml.OneOf(&c.Unsigned, UnsignedReject, UnsignedAllow)},
		yaml.Field{Name: "pin", Read: yaml.OneOf(&c.Pin, PinTagAndDigest, PinDigest)},
		yaml.Field{Name: "platforms", Read: func(v yaml.Value) {
			notEmpty(v)
			c.Platforms = texts(v, platformFault)
		}},
		yaml.Field{Name: "registries", Read: func(v yaml.Value) { c.Registries = registries(v) }},
		yaml.Field{Name: "fields", Read: func(v yaml.Value) { c.Fields = fields(v) }},
		yaml.Field{Name: "images", Read: func(v yaml.Value) { c.Images = images(v) }},
		yaml.Field{Name: "self", Read: func(v yaml.Value) { c.Self = self(v) }},
		yaml.Field{Name: "require", Read: func(v yaml.Value) {
			notEmpty(v)
			c.Require = texts(v, kindFault)
		}},
		yaml.Field{Name: "exceptions", Read: func(v yaml.Value) { c.Exceptions = exceptions(v) }},
	).Require("apiVersion", "kind")
}

// notEmpty notes an error where v is a list of nothing, which would read as if it left
// out what it stands for.
func notEmpty(v yaml.Value) {
	if v.Node.Kind == yaml.Sequence && v.Node.FirstChild == nil {
		v.Errorf("%s is an empty list: leave it out for the default", v)
	}
}

// texts returns the strings that v must be a list of, and distinct. fault says
// what is wrong with one of them, or "".
func texts(v yaml.Value, fault func(string) string) []string {
	var all []string
	v.Items(func(item yaml.Value) {
		s, ok := item.Text()
		if !ok {
			return
		}
		if why := fault(s); why != "" {
			item.Errorf("%s: %q %s", item, s, why)
			return
		}
		if slices.Contains(all, s) {
			item.Errorf("%s: duplicate %q", item, s)
			return
		}
		all = append(all, s)
	})
	return all
}

// globs returns the globs of paths that v must be a list of.
func globs(v yaml.Value) []string {
	all := texts(v, globFault)
	for i, glob := range all {
		all[i] = cleanGlob(glob)
	}
	return all
}

// kinds are the kinds of inputs that require may name.
var kinds = []string{"image", "artifact", "chart", "git", "url", "release"}

// kindFault says what is wrong with a kind of input, or "".
func kindFault(s string) string {
	if slices.Contains(kinds, s) {
		return ""
	}
	return "is not a kind of input: the kinds are " + strings.Join(kinds, ", ")
}

// platform is how a platform is written.
var platform = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$`)
})

// platformFault says what is wrong with a platform, or "".
func platformFault(s string) string {
	if !platform().MatchString(s) {
		return "is not a valid platform: write os/architecture or os/architecture/variant, as in " +
			"linux/arm64"
	}
	return ""
}
