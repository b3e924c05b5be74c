package admission

import "encoding/json"

// Request is what is asked of an object that is to enter: the part of an
// AdmissionRequest (admission.k8s.io/v1) that a decision is made from.
type Request struct {
	UID         string          `json:"uid"`
	Operation   string          `json:"operation"` // "CREATE", "UPDATE", "DELETE" or "CONNECT"
	SubResource string          `json:"subResource"`
	Namespace   string          `json:"namespace"` // "" for an object that is in none
	Name        string          `json:"name"`      // "" where the server is yet to make one up
	UserInfo    UserInfo        `json:"userInfo"`
	Object      json.RawMessage `json:"object"`
	OldObject   json.RawMessage `json:"oldObject"`
}

// UserInfo is who asks.
type UserInfo struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// header is what else is read of an object.
type header struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   json.RawMessage `json:"metadata"`
	Spec       json.RawMessage `json:"spec"`
}

// metadata is what is read of an object's metadata.
type metadata struct {
	Labels            map[string]string `json:"labels"`
	DeletionTimestamp string            `json:"deletionTimestamp"`
}

func (h header) metadata() metadata {
	var m metadata
	if json.Unmarshal(h.Metadata, &m) != nil {
		return metadata{} // which lets nothing in
	}
	return m
}

// labels are those of the object; none if it cannot be read.
func (h header) labels() map[string]string { return h.metadata().Labels }

// deleting reports whether the object is about to go, and stays only until those who
// have to clean up have done so. An API server lets nobody say that of an object.
func (h header) deleting() bool { return h.metadata().DeletionTimestamp != "" }
