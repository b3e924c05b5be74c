package config

import (
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// config reads the document into c.
func (p *parser) config(root *yaml.Node, c *Config) {
	seen := p.mapping(root, "plumb.yaml",
		field{"apiVersion", func(n *yaml.Node) { p.word(n, "apiVersion", APIVersion) }},
		field{"kind", func(n *yaml.Node) { p.word(n, "kind", Kind) }},
		field{"name", func(n *yaml.Node) { c.Name, _ = p.text(n, "name") }},
		field{"include", func(n *yaml.Node) { p.some(n, "include"); c.Include = p.globs(n, "include") }},
		field{"exclude", func(n *yaml.Node) { c.Exclude = p.globs(n, "exclude") }},
		field{"policies", func(n *yaml.Node) { c.Policies = p.globs(n, "policies") }},
		field{"unsigned", func(n *yaml.Node) { c.Unsigned = p.word(n, "unsigned", UnsignedReject, UnsignedAllow) }},
		field{"pin", func(n *yaml.Node) { c.Pin = p.word(n, "pin", PinTagAndDigest, PinDigest) }},
		field{"platforms", func(n *yaml.Node) {
			p.some(n, "platforms")
			c.Platforms = p.texts(n, "platforms", platformFault)
		}},
		field{"registries", func(n *yaml.Node) { c.Registries = p.registries(n) }},
		field{"fields", func(n *yaml.Node) { c.Fields = p.fields(n) }},
		field{"images", func(n *yaml.Node) { c.Images = p.images(n) }},
		field{"exceptions", func(n *yaml.Node) { c.Exceptions = p.exceptions(n) }},
	)
	p.require(root, seen, "plumb.yaml", "apiVersion", "kind")
}

// require notes an error for every name that is not among the fields seen in n;
// none where n was no mapping.
func (p *parser) require(n *yaml.Node, seen map[string]bool, what string, names ...string) {
	for _, name := range names {
		if seen != nil && !seen[name] {
			p.errorf(n, "%s has no %s", what, name)
		}
	}
}

// word returns the string that n must be, one of words.
func (p *parser) word(n *yaml.Node, what string, words ...string) string {
	s, ok := p.text(n, what)
	if !ok {
		return ""
	}
	for _, word := range words {
		if s == word {
			return s
		}
	}
	p.errorf(n, "%s must be %s, not %q", what, strings.Join(words, " or "), s)
	return ""
}

// globs returns the globs of paths that n must be a list of.
func (p *parser) globs(n *yaml.Node, what string) []string {
	globs := p.texts(n, what, globFault)
	for i, glob := range globs {
		globs[i] = cleanGlob(glob)
	}
	return globs
}

// platform is how a platform is written.
var platform = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$`)
})

func platformFault(s string) string {
	if !platform().MatchString(s) {
		return "is no platform: write os/architecture or os/architecture/variant, as in linux/arm64"
	}
	return ""
}

// fields returns the further places of images that n lists.
func (p *parser) fields(n *yaml.Node) []Field {
	var all []Field
	p.items(n, "fields", func(item *yaml.Node) {
		var f Field
		text := func(name string, into *string) field {
			return field{name, func(n *yaml.Node) { *into, _ = p.text(n, name) }}
		}
		seen := p.mapping(item, "an item of fields",
			text("group", &f.APIGroup),
			text("kind", &f.Kind),
			field{"path", func(n *yaml.Node) { f.Path = p.path(n) }},
			text("registry", &f.Registry),
			text("repository", &f.Repository),
			text("tag", &f.Tag),
			text("digest", &f.Digest),
		)
		p.require(item, seen, "an item of fields", "path")
		if f.Repository == "" && f.Registry+f.Tag+f.Digest != "" {
			p.errorf(item, "an item of fields has parts of an image but no repository")
		}
		all = append(all, f)
	})
	return all
}

// fieldPath is how the place of a field is written.
var fieldPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^.\[\]\s]+(\[\])*(\.[^.\[\]\s]+(\[\])*)*$`)
})

func (p *parser) path(n *yaml.Node) string {
	s, ok := p.text(n, "path")
	if ok && !fieldPath().MatchString(s) {
		p.errorf(n, "path: %q is no place of a field: write keys with dots between them, "+
			"[] behind one that holds a list, * for any key", s)
	}
	return s
}
