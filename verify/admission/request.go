package admission

import "encoding/json"

// Request is the part of an AdmissionRequest (admission.k8s.io/v1) that a decision is made
// from.
type Request struct {
	// UID identifies the request in the answer.
	UID string `json:"uid"`
	// Operation is "CREATE", "UPDATE", "DELETE" or "CONNECT".
	Operation string `json:"operation"`
	// SubResource is "" for the object itself.
	SubResource string `json:"subResource"`
	// Namespace is "" for an object of the cluster.
	Namespace string `json:"namespace"`
	// Name is "" if the API server has not generated it yet.
	Name string `json:"name"`
	// UserInfo is the sender.
	UserInfo UserInfo `json:"userInfo"`
	// Object is the new object, as JSON.
	Object json.RawMessage `json:"object"`
	// OldObject is the object that an update replaces.
	OldObject json.RawMessage `json:"oldObject"`
}

// UserInfo is the sender of a request, as the API server authenticated it.
type UserInfo struct {
	// Username is the name of the user.
	Username string `json:"username"`
	// Groups are the user's groups.
	Groups []string `json:"groups"`
}

// header is the part of an object that Review reads besides its references.
type header struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   json.RawMessage `json:"metadata"`
	Spec       json.RawMessage `json:"spec"`
}

// metadata is the part of an object's metadata that Review reads.
type metadata struct {
	Labels            map[string]string `json:"labels"`
	DeletionTimestamp string            `json:"deletionTimestamp"`
}

func (h header) metadata() metadata {
	var m metadata
	if json.Unmarshal(h.Metadata, &m) != nil {
		return metadata{} // which allows nothing
	}
	return m
}

// labels are those of the object; none if it cannot be read.
func (h header) labels() map[string]string { return h.metadata().Labels }

// deleting reports whether the object is being deleted, and only waits for its finalizers.
// API servers alone set the field.
func (h header) deleting() bool { return h.metadata().DeletionTimestamp != "" }
