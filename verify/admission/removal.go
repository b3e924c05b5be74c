package admission

import (
	"encoding/json"
	"reflect"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// isRemoval reports whether an update cannot start anything: no reference is added, and
// the object is being deleted, scaled down, suspended or paused, or only its metadata or a
// limit changes. All of these happen to objects that a newer lock no longer has, mostly by
// Kubernetes' own controllers, which hang where they are refused: a rollout notes its size on
// the old ReplicaSet and scales it down, a Job releases its Pod, an owner goes.
func (q *Request) isRemoval(scan func(object []byte) manifest.File) bool {
	if q.Operation != "UPDATE" || addsBreakGlass(q) {
		return false
	}
	h := parseHeader(q.Object)
	before, after := partsOf(q.OldObject), partsOf(q.Object)
	if before == nil || after == nil || !h.deleting() && startsMore(h, before, after) {
		return false
	}
	old, found := scan(q.OldObject), scan(q.Object)
	if old.Unreadable != nil || found.Unreadable != nil {
		return !h.deleting() && reflect.DeepEqual(before.notes(), after.notes())
	}
	return !changed(old, found)
}

// parts is an object.
type parts map[string]any

// partsOf reads an object; nil if it is invalid.
func partsOf(object []byte) parts {
	var p parts
	if json.Unmarshal(object, &p) != nil {
		return nil
	}
	return p
}

// notes are the parts of the metadata that may name images.
func (p parts) notes() [2]any {
	m, _ := p["metadata"].(map[string]any)
	return [2]any{m["annotations"], m["labels"]}
}

func (p parts) spec() parts {
	spec, _ := p["spec"].(map[string]any)
	return spec
}

// The fields of a spec that say how much runs. Those of amounts start something when they
// grow, those of stops when they are no longer true.
var (
	amounts = []string{"replicas", "parallelism", "completions", "backoffLimit"}
	stops   = []string{"suspend", "paused"}
)

// starting are the other fields of a workload's spec that can start Pods when they change:
// what the Pods are, which ones there are already, and when.
var starting = []string{"template", "jobTemplate", "selector", "updateStrategy", "ordinals",
	"schedule", "timeZone", "concurrencyPolicy", "startingDeadlineSeconds"}

// startsMore reports whether an update to an object can start something. Of Kubernetes' own
// workloads it is known which fields do; of other objects all may, but for those that have
// the same names.
func startsMore(h header, before, after parts) bool {
	was, is := before.spec(), after.spec()
	for _, key := range amounts {
		if grows(was[key], is[key]) {
			return true
		}
	}
	for _, key := range stops {
		if was[key] == true && is[key] != true {
			return true
		}
	}
	if isWorkload(h) {
		for _, key := range starting {
			if !reflect.DeepEqual(was[key], is[key]) {
				return true
			}
		}
		return false
	}
	for _, p := range [...]parts{before, after} {
		delete(p, "metadata")
		delete(p, "status")
		for _, key := range append(amounts, stops...) {
			delete(p.spec(), key)
		}
	}
	return !reflect.DeepEqual(before, after)
}

// grows reports whether an amount becomes larger, or what it was or is cannot be told: where
// there is none, a default holds.
func grows(was, is any) bool {
	if reflect.DeepEqual(was, is) {
		return false
	}
	before, ok := was.(float64)
	after, known := is.(float64)
	return !ok || !known || after > before
}

// isWorkload reports whether an object is a workload of Kubernetes whose Pods a template
// describes. The spec of a Pod itself, and the template of a PodTemplate, are compared whole.
func isWorkload(h header) bool {
	switch h.APIVersion {
	case "apps/v1":
		switch h.Kind {
		case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
			return true
		}
	case "batch/v1":
		return h.Kind == "Job" || h.Kind == "CronJob"
	case "v1":
		return h.Kind == "ReplicationController"
	}
	return false
}
