package admission

import (
	"encoding/json"
	"reflect"
	"slices"
)

// isRemoval reports whether an update only removes: the object is being deleted, it gets
// fewer replicas, or a finalizer is done. All of these happen to objects that a newer lock
// no longer has: without this, a rollout could not scale down the old ReplicaSet, nor a Job
// release its Pod. The caller has checked that no reference changes.
func (q *Request) isRemoval(h header) bool {
	if h.deleting() {
		return true
	}
	before, after := partsOf(q.OldObject), partsOf(q.Object)
	if before == nil || after == nil {
		return false
	}
	had, has := before.finalizers(), after.finalizers()
	fewer := len(has) < len(had) && !slices.ContainsFunc(has,
		func(name any) bool { return !slices.Contains(had, name) })
	was, is := before.replicas(), after.replicas()
	return is <= was && (is < was || fewer) && reflect.DeepEqual(before, after)
}

// parts is an object without what isRemoval takes from it.
type parts map[string]any

// partsOf reads an object; nil if it is invalid.
func partsOf(object []byte) parts {
	var p parts
	if json.Unmarshal(object, &p) != nil {
		return nil
	}
	delete(p, "status")
	return p
}

// finalizers removes the metadata, and returns the finalizers in it.
func (p parts) finalizers() []any {
	m, _ := p["metadata"].(map[string]any) // nil has none
	delete(p, "metadata")
	list, _ := m["finalizers"].([]any)
	return slices.DeleteFunc(list, func(name any) bool {
		_, ok := name.(string)
		return !ok
	}) // others cannot be compared
}

// replicas removes their number from the spec; 0 if it has none.
func (p parts) replicas() float64 {
	spec, _ := p["spec"].(map[string]any)
	n, ok := spec["replicas"].(float64)
	if ok {
		delete(spec, "replicas")
	}
	return n
}
