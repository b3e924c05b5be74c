package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Object is a Kubernetes object with an image in it.
type Object struct {
	APIVersion, Kind string            // as the object has them
	Labels           map[string]string // metadata.labels
	Metadata, Spec   json.RawMessage   // nil if not known

	makes []*Object // what made returns, once it is known
}

// NewObject reads an object from JSON. ok is false where its labels are none that an API
// server takes, or it is no object at all.
func NewObject(data []byte) (o *Object, ok bool) {
	var object struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Metadata   json.RawMessage `json:"metadata"`
		Spec       json.RawMessage `json:"spec"`
	}
	if json.Unmarshal(data, &object) != nil || object.APIVersion == "" || object.Kind == "" {
		return nil, false
	}
	o = &Object{APIVersion: object.APIVersion, Kind: object.Kind, Metadata: object.Metadata,
		Spec: object.Spec}
	if o.Labels, ok = labelsOf(object.Metadata); !ok {
		return nil, false
	}
	o.makes = o.made()
	return o, true
}

func labelsOf(metadata json.RawMessage) (labels map[string]string, ok bool) {
	if metadata == nil {
		return nil, true
	}
	var read struct {
		Labels map[string]string `json:"labels"`
	}
	err := json.Unmarshal(metadata, &read)
	return read.Labels, err == nil
}

// WithLabels is the object with more labels, which replace its own; made are those for
// what its controller makes of it.
func (o *Object) WithLabels(labels, made map[string]string) *Object {
	if len(labels) == 0 && len(made) == 0 {
		return o
	}
	other := *o
	other.Labels = maps.Clone(o.Labels)
	if other.Labels == nil {
		other.Labels = map[string]string{}
	}
	maps.Copy(other.Labels, labels)
	var metadata map[string]any
	if json.Unmarshal(o.Metadata, &metadata) != nil || metadata == nil {
		metadata = map[string]any{}
	}
	metadata["labels"] = other.Labels
	other.Metadata, _ = json.Marshal(metadata) // what was JSON before
	other.makes = nil
	for _, m := range o.made() {
		other.makes = append(other.makes, m.WithLabels(made, nil))
	}
	return &other
}

// templates are where the kinds whose controllers make Pods have the Pods' template, and where
// CronJob has that of its Jobs.
var templates = map[string][]struct{ apiVersion, kind, path string }{
	"apps Deployment":        {{"v1", "Pod", "template"}},
	"apps ReplicaSet":        {{"v1", "Pod", "template"}},
	"apps StatefulSet":       {{"v1", "Pod", "template"}},
	"apps DaemonSet":         {{"v1", "Pod", "template"}},
	"batch Job":              {{"v1", "Pod", "template"}},
	" ReplicationController": {{"v1", "Pod", "template"}},
	"batch CronJob": {{"batch/v1", "Job", "jobTemplate"},
		{"v1", "Pod", "jobTemplate.spec.template"}},
}

// IsWorkload reports whether the object is a Pod, or of a kind of Kubernetes itself whose
// controller makes Pods. Nothing is known of the Pods that others make.
func (o *Object) IsWorkload() bool {
	group, _, _ := cutGroup(o.APIVersion)
	return group == "" && o.Kind == "Pod" || templates[group+" "+o.Kind] != nil
}

// made are the objects that controllers make of the object's templates. Each of them is
// judged, too, when it is made.
func (o *Object) made() (out []*Object) {
	if o.makes != nil {
		return o.makes
	}
	group, _, _ := cutGroup(o.APIVersion)
	for _, t := range templates[group+" "+o.Kind] {
		data := o.Spec
		for key := range strings.SplitSeq(t.path, ".") {
			var m map[string]json.RawMessage
			if json.Unmarshal(data, &m) != nil {
				return out
			}
			data = m[key]
		}
		var template struct{ Metadata, Spec json.RawMessage }
		if data == nil || json.Unmarshal(data, &template) != nil {
			return out
		}
		made := &Object{APIVersion: t.apiVersion, Kind: t.kind, Metadata: template.Metadata,
			Spec: template.Spec}
		if made.Metadata == nil {
			made.Metadata = json.RawMessage("{}")
		}
		var ok bool
		if made.Labels, ok = labelsOf(made.Metadata); ok {
			out = append(out, made)
		}
	}
	return out
}

// Key is the same for objects on which a set decides alike.
func (s *Set) Key(o *Object) string {
	if o == nil {
		return ""
	}
	var b strings.Builder
	part := func(texts ...string) {
		for _, text := range texts {
			b.WriteString(text)
			b.WriteByte(0)
		}
	}
	for _, one := range append([]*Object{o}, o.made()...) {
		part(one.APIVersion, one.Kind)
		for _, name := range slices.Sorted(maps.Keys(one.Labels)) {
			part(name, one.Labels[name])
		}
		part("")
	}
	if s.ByContent() {
		part(string(o.Metadata), string(o.Spec))
	}
	return b.String()
}
