package policy

import (
	"iter"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// isList reports whether a document is a list of others: what kubectl get prints, and
// what an API server answers.
func isList(apiVersion, kind string) bool {
	switch kind {
	case "List":
		return apiVersion == "v1"
	case "ClusterImagePolicyList":
		return apiVersion == group+"/v1alpha1" || apiVersion == group+"/v1beta1"
	case "TrustRootList":
		return apiVersion == group+"/v1alpha1"
	}
	return false
}

// maxMembers is how many items the lists of one file may have in all: aliases can make
// more of a few lines than anyone could read.
const maxMembers = 10_000

// maxDepth is how many lists may stand in one another.
const maxDepth = 8

// list reads the items of a list as documents. kubectl applies them so, and those of a
// list in a list as well.
func (s *parser) list(v yaml.Value) {
	if s.depth++; s.depth > maxDepth {
		v.Errorf("%s: more than %d lists in one another are not read", v, maxDepth)
	} else {
		v.Mapping(
			yaml.Field{Name: "apiVersion", Read: yaml.Ignore},
			yaml.Field{Name: "kind", Read: yaml.Ignore},
			yaml.Field{Name: "metadata", Read: yaml.Ignore},
			yaml.Field{Name: "items", Read: s.items},
		).Require("items")
	}
	s.depth--
}

func (s *parser) items(v yaml.Value) {
	if v.Node.Kind == yaml.Sequence && v.Node.FirstChild == nil {
		v.Errorf("%s is empty, and so the list has no policy", v)
	}
	v.Items(func(item yaml.Value) {
		if s.members++; s.members <= maxMembers {
			s.document(item)
		} else if s.members == maxMembers+1 {
			item.Errorf("there are more than the %d items that are read of one file", maxMembers)
		}
	})
}

// members yields the documents of a file that are mappings, and in place of a list its
// items. What is too much of it, parser.list reports.
func members(docs []yaml.Value) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		count := 0
		var walk func(n *yaml.Node, depth int) bool
		walk = func(n *yaml.Node, depth int) bool {
			if count++; n.Kind != yaml.Mapping || count > maxMembers || depth > maxDepth {
				return true
			}
			if !isList(value(n, "apiVersion"), value(n, "kind")) {
				return yield(n)
			}
			for _, item := range list(child(n, "items")) {
				if !walk(item, depth+1) {
					return false
				}
			}
			return true
		}
		for _, d := range docs {
			if !walk(d.Node, 0) {
				return
			}
		}
	}
}
