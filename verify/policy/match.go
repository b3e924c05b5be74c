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
	if r.group != group || r.version != "*" && r.version != version ||
		r.resource != plural(o.Kind) {
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

// readResource reads one item of spec.match.
func readResource(v yaml.Value) (m resource) {
	has := v.Mapping(
		yaml.Field{Name: "group", Read: func(v yaml.Value) {
			m.group, _ = v.TextOrEmpty() // "" is the core group
		}},
		yaml.Field{Name: "version", Read: yaml.Into(&m.version)},
		yaml.Field{Name: "resource", Read: yaml.Into(&m.resource)},
		yaml.Field{Name: "selector", Read: func(v yaml.Value) { m.selector = readSelector(v) }},
	)
	if !has.Valid() {
		return m
	}
	if !has.Has("resource") {
		v.Errorf(`%s has no resource, and so matches no object: write the plural, "pods"`, v)
	}
	if !has.Has("version") {
		v.Errorf(`%s has no version, and so matches no object: write it, or "*" for any`, v)
	}
	return m
}

// readSelector reads a label selector.
func readSelector(v yaml.Value) (demands []labelDemand) {
	v.Mapping(
		yaml.Field{Name: "matchLabels", Read: func(v yaml.Value) {
			v.Entries(func(key, value yaml.Value) {
				label, _ := value.TextOrEmpty()
				demands = append(demands, labelDemand{key.Node.Value, "In", []string{label}})
			})
		}},
		yaml.Field{Name: "matchExpressions", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) {
				demands = append(demands, readExpression(v))
			})
		}},
	)
	return demands
}

func readExpression(v yaml.Value) (d labelDemand) {
	has := v.Mapping(
		yaml.Field{Name: "key", Read: yaml.Into(&d.key)},
		yaml.Field{Name: "operator", Read: yaml.OneOf(&d.operator,
			"In", "NotIn", "Exists", "DoesNotExist")},
		yaml.Field{Name: "values", Read: func(v yaml.Value) {
			v.Items(func(v yaml.Value) {
				label, _ := v.TextOrEmpty()
				d.values = append(d.values, label)
			})
		}},
	)
	if !has.Valid() {
		return d
	}
	has.Require("key", "operator")
	if takes := d.operator == "In" || d.operator == "NotIn"; takes != (len(d.values) > 0) &&
		d.operator != "" {
		want := map[bool]string{true: "needs values", false: "takes no values"}[takes]
		v.Errorf("%s: operator %s %s", v, d.operator, want)
	}
	return d
}

// unmatched says what of an object a match does not fit, for explanations.
func unmatched(match []resource, o *Object) string {
	names := make([]string, len(match))
	for i, m := range match {
		names[i] = m.String()
	}
	return fmt.Sprintf("it is for %s, and this is a %s in %s", strings.Join(names, " or "), o.Kind,
		o.APIVersion)
}
