package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// list is an object that kubectl and Argo CD take for a list of others, which any object is
// that has items, whatever its kind. kustomize takes those whose kind ends in List.
type list struct {
	version, kind string
	items         *yaml.Node // nil if the object is no list
}

// listItems searches the objects that root is a list of.
func (f *finder) listItems(root *yaml.Node) {
	outer := f.list
	f.list = list{}
	all := target(get(root, "items"))
	if all == nil || all.Kind != yaml.Sequence {
		return
	}
	f.list.version, f.list.kind = field(root, "apiVersion"), field(root, "kind")
	if f.list.kind == "" {
		f.list.version, f.list.kind = outer.version, outer.kind
	}
	members := 0
	items(all, func(_ int, item *yaml.Node) {
		if isMap(item) && (field(item, "kind") != "" || strings.HasSuffix(f.list.kind, "List")) {
			f.member(item)
			members++
		}
	})
	if members > 0 {
		f.list.items = all
	}
}

// typeOf returns the apiVersion and kind of an object. One in a list that has neither is
// of the list's, whose kind then is without its List.
func (f *finder) typeOf(root *yaml.Node) (version, kind string) {
	version, kind = field(root, "apiVersion"), field(root, "kind")
	if version == "" && kind == "" {
		return f.list.version, strings.TrimSuffix(f.list.kind, "List")
	}
	return version, kind
}

// onlyOperation reports whether m has no other fields than a JSON patch operation has
// (RFC 6902), and so is nothing besides.
func onlyOperation(m *yaml.Node) bool {
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		switch k.Value {
		case "op", "path", "value", "from":
		default:
			return false
		}
	}
	return true
}
