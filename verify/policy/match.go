package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// resource is one item of spec.match: objects of one resource, by labels.
type resource struct {
	group, version, resource string
	selector                 []labelDemand
}

// labelDemand is one demand of a label selector.
type labelDemand struct {
	key, operator string // In, NotIn, Exists, DoesNotExist
	values        []string
}

// matches reports whether o is one of the objects that are meant.
func (r resource) matches(o *Object) bool {
	group, version, _ := cutGroup(o.APIVersion)
	if r.group != group || r.version != "*" && r.version != version || r.resource != plural(o.Kind) {
		return false
	}
	return !slices.ContainsFunc(r.selector, func(d labelDemand) bool { return !d.holds(o.Labels) })
}

func (d labelDemand) holds(labels map[string]string) bool {
	value, has := labels[d.key]
	switch d.operator {
	case "In":
		return has && slices.Contains(d.values, value)
	case "NotIn":
		return !has || !slices.Contains(d.values, value)
	case "Exists":
		return has
	case "DoesNotExist":
		return !has
	}
	return false
}

// cutGroup takes an apiVersion apart: "apps/v1", or "v1" of the core group.
func cutGroup(apiVersion string) (group, version string, ok bool) {
	if group, version, ok = strings.Cut(apiVersion, "/"); ok {
		return group, version, group != "" && version != ""
	}
	return "", apiVersion, apiVersion != ""
}

// plural is the resource of a kind, by the rule with which Kubernetes guesses it,
// which is right for all kinds that it has itself.
func plural(kind string) string {
	name := strings.ToLower(kind)
	switch {
	case name == "" || strings.HasSuffix(name, "endpoints"):
		return name
	case strings.HasSuffix(name, "s"):
		return name + "es"
	case strings.HasSuffix(name, "y"):
		return strings.TrimSuffix(name, "y") + "ies"
	}
	return name + "s"
}

// String is the resource as people write it: "deployments in apps/v1".
func (r resource) String() string {
	s := r.resource + " in " + strings.TrimPrefix(r.group+"/"+r.version, "/")
	if len(r.selector) > 0 {
		s += " with certain labels"
	}
	return s
}

// resource reads one item of spec.match.
func (r *reader) resource(n *yaml.Node, path string) (m resource) {
	has := r.mapping(n, path,
		field{"group", func(n *yaml.Node, path string) {
			if n = target(n); n.Kind == yaml.Scalar && n.Value == "" {
				return // the core group
			}
			m.group, _ = r.text(n, path)
		}},
		field{"version", r.into(&m.version)},
		field{"resource", r.into(&m.resource)},
		field{"selector", func(n *yaml.Node, path string) { m.selector = r.selector(n, path) }},
	)
	if has == nil {
		return m
	}
	if has["resource"] == nil {
		r.errorf(n, `%s has no resource, and so matches no object: write the plural, "pods"`, path)
	}
	if has["version"] == nil {
		r.errorf(n, `%s has no version, and so matches no object: write it, or "*" for any`, path)
	}
	return m
}

// selector reads a label selector.
func (r *reader) selector(n *yaml.Node, path string) (demands []labelDemand) {
	r.mapping(n, path,
		field{"matchLabels", func(n *yaml.Node, path string) {
			if n = target(n); n.Kind != yaml.Mapping {
				r.errorf(n, "%s must be a mapping, not %s", path, describe(n))
				return
			}
			for key, value := range n.Pairs() {
				demands = append(demands, labelDemand{key.Value, "In", []string{r.label(value, join(path, key.Value))}})
			}
		}},
		field{"matchExpressions", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) {
				demands = append(demands, r.expression(n, path))
			})
		}},
	)
	return demands
}

func (r *reader) expression(n *yaml.Node, path string) (d labelDemand) {
	has := r.mapping(n, path,
		field{"key", r.into(&d.key)},
		field{"operator", r.oneOf(&d.operator, "In", "NotIn", "Exists", "DoesNotExist")},
		field{"values", func(n *yaml.Node, path string) {
			r.items(n, path, func(n *yaml.Node, path string) { d.values = append(d.values, r.label(n, path)) })
		}},
	)
	if has == nil {
		return d
	}
	for _, name := range []string{"key", "operator"} {
		if has[name] == nil {
			r.errorf(n, "%s has no %s", path, name)
		}
	}
	if takes := d.operator == "In" || d.operator == "NotIn"; takes != (len(d.values) > 0) && d.operator != "" {
		want := map[bool]string{true: "needs values", false: "takes no values"}[takes]
		r.errorf(n, "%s: operator %s %s", path, d.operator, want)
	}
	return d
}

// label reads a label's value, which may be empty.
func (r *reader) label(n *yaml.Node, path string) string {
	n = target(n)
	if n.Kind != yaml.Scalar || scalarKind(n) != "a string" {
		r.errorf(n, "%s must be a string, not %s", path, describe(n))
		return ""
	}
	return n.Value
}

// unmatched says what of an object a match does not fit, for explanations.
func unmatched(match []resource, o *Object) string {
	names := make([]string, len(match))
	for i, m := range match {
		names[i] = m.String()
	}
	return fmt.Sprintf("it is for %s, and this is a %s in %s", strings.Join(names, " or "), o.Kind, o.APIVersion)
}
