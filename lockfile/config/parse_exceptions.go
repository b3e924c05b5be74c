package config

import (
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

// exceptions returns the exceptions that n lists.
func (p *parser) exceptions(n *yaml.Node) []Exception {
	var all []Exception
	p.items(n, "exceptions", func(item *yaml.Node) {
		var e Exception
		e.Line, e.Column = position(p.data, item.Line, item.Column)
		seen := p.mapping(item, "an exception",
			field{"reference", func(n *yaml.Node) { e.Reference = p.reference(n) }},
			field{"path", func(n *yaml.Node) { e.Path = p.glob(n, "path") }},
			field{"reason", func(n *yaml.Node) { e.Reason, _ = p.text(n, "reason") }},
			field{"owner", func(n *yaml.Node) { e.Owner, _ = p.text(n, "owner") }},
			field{"expires", func(n *yaml.Node) { e.Expires = p.date(n, "expires") }},
		)
		p.require(item, seen, "an exception", "reason", "owner", "expires")
		if seen != nil && !seen["reference"] && !seen["path"] {
			p.errorf(item, "an exception has neither reference nor path: it would excuse everything")
		}
		all = append(all, e)
	})
	return all
}

// reference returns the glob of references that n must be.
func (p *parser) reference(n *yaml.Node) string {
	s, ok := p.text(n, "reference")
	if ok && !doublestar.ValidatePattern(s) {
		p.errorf(n, "reference: %q is no valid glob", s)
	}
	return s
}

// glob returns the glob of paths that n must be.
func (p *parser) glob(n *yaml.Node, what string) string {
	s, ok := p.text(n, what)
	if !ok {
		return ""
	}
	if why := globFault(s); why != "" {
		p.errorf(n, "%s: %q %s", what, s, why)
		return ""
	}
	return cleanGlob(s)
}

// date returns the day that n must be, quoted or not.
func (p *parser) date(n *yaml.Node, what string) time.Time {
	tag := n.ShortTag()
	day, err := time.Parse(time.DateOnly, n.Value)
	if n.Kind != yaml.ScalarNode || tag != "!!timestamp" && tag != "!!str" || err != nil {
		p.errorf(n, "%s must be a day, as in 2027-01-31", what)
		return time.Time{}
	}
	return day
}
