package cluster

import (
	"context"
	"net/http"
	"strconv"
)

// Meta is an object's metadata.
type Meta struct {
	// Name is the object's name.
	Name string `json:"name"`
	// Namespace is the object's namespace; "" for an object of the cluster.
	Namespace string `json:"namespace,omitempty"`
	// Labels are the object's labels.
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations are the object's annotations.
	Annotations map[string]string `json:"annotations,omitempty"`
	// ResourceVersion identifies the version that was read.
	ResourceVersion string `json:"resourceVersion,omitempty"`
}

// core is the path of resources of the core group in a namespace.
func core(namespace string, rest ...string) []string {
	return append([]string{"api", "v1", "namespaces", namespace}, rest...)
}

// ConfigMapData returns the data of a ConfigMap, text or binary.
func (c *Client) ConfigMapData(
	ctx context.Context, namespace, name string,
) (map[string][]byte, error) {
	var m struct {
		Data       map[string]string `json:"data"`
		BinaryData map[string][]byte `json:"binaryData"`
	}
	path := core(namespace, "configmaps", name)
	if err := c.do(ctx, http.MethodGet, "", path, nil, &m); err != nil {
		return nil, err
	}
	out := m.BinaryData
	if out == nil {
		out = map[string][]byte{}
	}
	for key, text := range m.Data {
		out[key] = []byte(text)
	}
	return out, nil
}

// Secret is a v1 Secret.
type Secret struct {
	// APIVersion is "v1". The Client sets it.
	APIVersion string `json:"apiVersion"`
	// Kind is "Secret". The Client sets it.
	Kind string `json:"kind"`
	// Metadata has the name and the namespace.
	Metadata Meta `json:"metadata"`
	// Type is "kubernetes.io/tls" for instance.
	Type string `json:"type,omitempty"`
	// Data is the content.
	Data map[string][]byte `json:"data"`
}

// Secret reads a Secret.
func (c *Client) Secret(ctx context.Context, namespace, name string) (*Secret, error) {
	var s Secret
	return &s, c.do(ctx, http.MethodGet, "", core(namespace, "secrets", name), nil, &s)
}

// CreateSecret creates a Secret. IsConflict reports true for the error if it exists.
func (c *Client) CreateSecret(ctx context.Context, s Secret) error {
	s.APIVersion, s.Kind = "v1", "Secret"
	return c.do(ctx, http.MethodPost, typeJSON, core(s.Metadata.Namespace, "secrets"), s, nil)
}

// UpdateSecret replaces a Secret that was read. IsConflict reports true for the error if
// another client has changed it since.
func (c *Client) UpdateSecret(ctx context.Context, s Secret) error {
	s.APIVersion, s.Kind = "v1", "Secret"
	path := core(s.Metadata.Namespace, "secrets", s.Metadata.Name)
	return c.do(ctx, http.MethodPut, typeJSON, path, s, nil)
}

// webhooks is the part of a ValidatingWebhookConfiguration that SetCA reads.
type webhooks struct {
	Metadata Meta `json:"metadata"`
	Webhooks []struct {
		Name         string `json:"name"`
		ClientConfig struct {
			CABundle []byte `json:"caBundle"`
		} `json:"clientConfig"`
	} `json:"webhooks"`
}

// operation is a step of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// SetCA sets the caBundle of all webhooks in a ValidatingWebhookConfiguration, so that API
// servers trust certificates by ca. It sends no change if they have it already. IsConflict
// reports true for the error if another client changed the configuration at the same time.
func (c *Client) SetCA(ctx context.Context, configuration string, ca []byte) error {
	path := []string{"apis", "admissionregistration.k8s.io", "v1",
		"validatingwebhookconfigurations", configuration}
	var w webhooks
	if err := c.do(ctx, http.MethodGet, "", path, nil, &w); err != nil {
		return err
	}
	patch := []operation{{"test", "/metadata/resourceVersion", w.Metadata.ResourceVersion}}
	for i, one := range w.Webhooks {
		if string(one.ClientConfig.CABundle) != string(ca) {
			field := "/webhooks/" + strconv.Itoa(i) + "/clientConfig/caBundle"
			patch = append(patch, operation{"add", field, ca})
		}
	}
	if len(patch) == 1 {
		return nil
	}
	err := c.do(ctx, http.MethodPatch, typePatch, path, patch, nil)
	if hasCode(err, http.StatusUnprocessableEntity) { // the test failed
		return &StatusError{"PATCH " + configuration, http.StatusConflict, err.Error()}
	}
	return err
}
