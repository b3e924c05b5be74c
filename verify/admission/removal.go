package admission

import (
	"encoding/json"
	"reflect"
	"slices"
)

// isRemoval reports whether an update only lets an object go: it is being deleted, it is
// to have fewer replicas, or somebody has done what a finalizer waited for. All of it
// happens to what a newer lock no longer has: without it the ReplicaSet before the last
// could not be scaled down, nor the Pod of a Job be given up. The caller has seen that
// no reference changes.
func (q *Request) isRemoval(h header) bool {
	if h.deleting() {
		return true
	}
	before, after := partsOf(q.OldObject), partsOf(q.Object)
	if before == nil || after == nil {
		return false
	}
	had, has := before.finalizers(), after.finalizers()
	fewer := len(has) < len(had) && !slices.ContainsFunc(has, func(name any) bool { return !slices.Contains(had, name) })
	was, is := before.replicas(), after.replicas()
	return is <= was && (is < was || fewer) && reflect.DeepEqual(before, after)
}

// parts is an object without what isRemoval takes from it.
type parts map[string]any

// partsOf reads an object; nil if it is none.
func partsOf(object []byte) parts {
	var p parts
	if json.Unmarshal(object, &p) != nil {
		return nil
	}
	delete(p, "status")
	return p
}

// finalizers takes the metadata out, and returns the finalizers in it.
func (p parts) finalizers() []any {
	m, _ := p["metadata"].(map[string]any) // nil has none
	delete(p, "metadata")
	list, _ := m["finalizers"].([]any)
	return slices.DeleteFunc(list, func(name any) bool { _, ok := name.(string); return !ok }) // others cannot be compared
}

// replicas takes their number out of the spec; 0 if there is none.
func (p parts) replicas() float64 {
	spec, _ := p["spec"].(map[string]any)
	n, ok := spec["replicas"].(float64)
	if ok {
		delete(spec, "replicas")
	}
	return n
}
