package admission_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// apiClient creates objects at an API server, as its administrator.
type apiClient struct {
	server string
	http   *http.Client
}

// newAPIClient reads a kubeconfig of one cluster and one user.
func newAPIClient(kubeconfig string) (*apiClient, error) {
	text, err := os.ReadFile(kubeconfig)
	if err != nil {
		return nil, err
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     base64Text `yaml:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Certificate base64Text `yaml:"client-certificate-data"`
				Key         base64Text `yaml:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, errors.New("the kubeconfig has not one cluster and one user")
	}
	pair, err := tls.X509KeyPair(config.Users[0].User.Certificate, config.Users[0].User.Key)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(config.Clusters[0].Cluster.CA) {
		return nil, errors.New("the kubeconfig has no CA")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool,
		Certificates: []tls.Certificate{pair}}, ForceAttemptHTTP2: true}
	return &apiClient{config.Clusters[0].Cluster.Server, &http.Client{Transport: transport}}, nil
}

// base64Text is what a kubeconfig has in base64.
type base64Text []byte

// UnmarshalText decodes it, as encoding/json does with bytes.
func (b *base64Text) UnmarshalText(text []byte) error {
	return json.Unmarshal(fmt.Appendf(nil, "%q", text), (*[]byte)(b))
}

// plurals are the resources of the kinds that the rows create.
var plurals = map[string]string{
	"Pod": "pods", "PodTemplate": "podtemplates", "ReplicationController": "replicationcontrollers",
	"ReplicaSet": "replicasets", "Deployment": "deployments",
	"StatefulSet": "statefulsets", "DaemonSet": "daemonsets", "Job": "jobs", "CronJob": "cronjobs",
	"Widget": "widgets",
}

// warning matches a header Warning (RFC 7234, section 5.5) of an API server.
var warning = regexp.MustCompile(`^299 \S+ "((?:[^"\\]|\\.)*)"$`)

// escaped matches a character that is escaped in a quoted string.
var escaped = regexp.MustCompile(`\\(.)`)

// dryRun has the server create an object without keeping it. It returns what the server
// warns of; the error is the server's message.
func (c *apiClient) dryRun(ctx context.Context, object string) (warnings string, err error) {
	var head struct {
		APIVersion, Kind string
		Metadata         struct{ Namespace string }
	}
	if err := json.Unmarshal([]byte(object), &head); err != nil {
		return "", err
	}
	root := "/apis/"
	if !strings.Contains(head.APIVersion, "/") {
		root = "/api/"
	}
	url := c.server + root + head.APIVersion + "/namespaces/" + head.Metadata.Namespace + "/" +
		plurals[head.Kind] + "?dryRun=All"
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url,
		bytes.NewReader([]byte(object)))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // it is read, or not wanted
	for _, value := range resp.Header.Values("Warning") {
		m := warning.FindStringSubmatch(value)
		if m == nil {
			return "", fmt.Errorf("the header Warning: %s", value)
		}
		warnings += "Warning: " + escaped.ReplaceAllString(m[1], "$1") + "\n"
	}
	if resp.StatusCode == http.StatusCreated {
		return warnings, nil
	}
	var status struct{ Kind, Message string }
	if err := json.NewDecoder(resp.Body).Decode(&status); err != nil || status.Kind != "Status" {
		return warnings, fmt.Errorf("%s, and no Status: %w", resp.Status, err)
	}
	return warnings, errors.New(status.Message)
}
