package generate

import (
	"slices"

	"github.com/plumb-dev/plumb/verify/admission"
)

// modes are the modes with what a ValidatingAdmissionPolicyBinding calls them.
var modes = []struct {
	mode   admission.Mode
	action string
}{{admission.Enforce, "Deny"}, {admission.Warn, "Warn"}, {admission.Audit, "Audit"}}

// known reports whether a mode is one of modes.
func known(mode admission.Mode) bool {
	for _, m := range modes {
		if m.mode == mode {
			return true
		}
	}
	return false
}

// modeLabel is the label of a namespace that sets its mode.
const modeLabel = "plumb.dev/mode"

// nameLabel is the label that each namespace has by itself.
const nameLabel = "kubernetes.io/metadata.name"

// scope is a mode with the namespaces that it governs.
type scope struct {
	mode     admission.Mode
	action   string
	suffix   string // of the names of what carries it out
	selector mapping
}

// scopes parts the namespaces, but for those that are exempt, by the mode that their
// label names; a label that names none is as good as none. only are the namespaces
// that are judged at all, nil for all.
func scopes(mode admission.Mode, only, exempt []string) []scope {
	var own list
	if len(only) > 0 {
		own = append(own, requirement(nameLabel, "In", only...))
	}
	if len(exempt) > 0 {
		own = append(own, requirement(nameLabel, "NotIn", exempt...))
	}
	with := func(r mapping) mapping {
		return mapping{{key: "matchExpressions", value: append(slices.Clone(own), r)}}
	}
	var names []string
	out := make([]scope, 1, 1+len(modes))
	for _, m := range modes {
		name := m.mode.String()
		names = append(names, name)
		out = append(out, scope{m.mode, m.action, "-" + name, with(requirement(modeLabel, "In", name))})
		if m.mode == mode {
			out[0] = scope{m.mode, m.action, "", nil}
		}
	}
	out[0].selector = with(requirement(modeLabel, "NotIn", names...))
	return out
}

func requirement(key, operator string, values ...string) mapping {
	return mapping{{key: "key", value: key}, {key: "operator", value: operator}, {key: "values", value: values}}
}

// workloads are the rules of the objects that hold a Pod's specification. Other
// versions of theirs are converted to these (matchPolicy Equivalent).
func workloads() list {
	rule := func(group string, resources ...string) mapping {
		return mapping{
			{key: "apiGroups", value: []string{group}},
			{key: "apiVersions", value: []string{"v1"}},
			{key: "operations", value: []string{"CREATE", "UPDATE"}},
			{key: "resources", value: resources},
			{key: "scope", value: "Namespaced"},
		}
	}
	return list{
		rule("", "pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"),
		rule("apps", "daemonsets", "deployments", "replicasets", "statefulsets"),
		rule("batch", "cronjobs", "jobs"),
	}
}
