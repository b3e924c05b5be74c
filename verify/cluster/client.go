package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// The bounds of a request.
const (
	maxResponse = 8 << 20 // bytes
	requestTime = 30 * time.Second
	accountPath = "/var/run/secrets/kubernetes.io/serviceaccount"
)

// Client is a client of an API server.
type Client struct {
	// Namespace is that of the service account, or of the kubeconfig's context.
	Namespace string

	base   *url.URL
	client *http.Client
	token  func() (string, error) // nil: the client has a certificate
}

// StatusError is the error for a response whose status is not one of success.
type StatusError struct {
	// What is the request: "GET api/v1/…".
	What string
	// Code is the HTTP status.
	Code int
	// Message is the server's.
	Message string
}

// Error names the request, the status and the message.
func (e *StatusError) Error() string { return fmt.Sprintf("%s: %d: %s", e.What, e.Code, e.Message) }

// IsNotFound reports whether an error is that an object does not exist.
func IsNotFound(err error) bool { return hasCode(err, http.StatusNotFound) }

// IsConflict reports whether an error is that another client created or changed the object.
func IsConflict(err error) bool { return hasCode(err, http.StatusConflict) }

func hasCode(err error, code int) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == code
}

// InCluster returns a client with the service account of the Pod that this process runs in.
func InCluster() (*Client, error) { return inCluster(os.Getenv, accountPath) }

// inCluster is InCluster with an environment and the folder of a service account.
func inCluster(env func(string) string, dir string) (*Client, error) {
	host, port := env("KUBERNETES_SERVICE_HOST"), env("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("not running in a Pod (KUBERNETES_SERVICE_HOST is not set)")
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("service account: %w", err)
	}
	namespace, err := os.ReadFile(filepath.Join(dir, "namespace"))
	if err != nil {
		return nil, fmt.Errorf("service account: %w", err)
	}
	token := filepath.Join(dir, "token")
	c, err := newClient("https://"+net.JoinHostPort(host, port), ca, nil)
	if err != nil {
		return nil, err
	}
	c.Namespace = string(bytes.TrimSpace(namespace))
	c.token = func() (string, error) { // again each time: the kubelet replaces it
		data, err := os.ReadFile(token)
		return string(bytes.TrimSpace(data)), err
	}
	return c, nil
}

// newClient returns a client for the URL of a server.
func newClient(server string, ca []byte, certificate *tls.Certificate) (*Client, error) {
	base, err := url.Parse(server)
	if err != nil || base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("invalid API server URL %q: it must start with https://", server)
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != nil {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(ca) {
			return nil, errors.New("the CA of the API server is not a certificate (PEM)")
		}
	}
	if certificate != nil {
		t.Certificates = []tls.Certificate{*certificate}
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: t,
		ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	client := &http.Client{Transport: transport, Timeout: requestTime}
	// An API server does not redirect, and no other host may get credentials.
	client.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return &Client{base: base, client: client}, nil
}

// The media types of what is sent.
const (
	typeJSON  = "application/json"
	typePatch = "application/json-patch+json"
)

// do sends a request for a path of segments, which it escapes. in is sent as JSON unless it
// is nil, and the response is read into out.
func (c *Client) do(
	ctx context.Context, method, kind string, segments []string, in, out any,
) error {
	what := method + " " + strings.Join(segments, "/")
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	escaped := make([]string, len(segments))
	for i, s := range segments {
		if s == "" || s == "." || s == ".." {
			return fmt.Errorf("%s: empty or invalid name", what)
		}
		escaped[i] = url.PathEscape(s)
	}
	request, err := http.NewRequestWithContext(ctx, method,
		c.base.String()+"/"+strings.Join(escaped, "/"), body)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", typeJSON)
	if in != nil {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("User-Agent", "plumb")
	if c.token != nil {
		token, err := c.token()
		if err != nil {
			return fmt.Errorf("service account token: %w", err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	ended := trace.Request(ctx, method, request.URL.String())
	response, err := c.client.Do(request)
	if err != nil {
		ended(0, err)
		return err
	}
	defer func() { _ = response.Body.Close() }() // it is read to its end, or not needed
	data, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	ended(response.StatusCode, err)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case len(data) > maxResponse:
		return fmt.Errorf("%s: the response has more than %d bytes", what, maxResponse)
	case response.StatusCode < 200 || response.StatusCode > 299:
		return &StatusError{what, response.StatusCode, message(data)}
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// message is the message of a Status.
func message(data []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(data, &status) == nil && status.Message != "" {
		return status.Message
	}
	return fmt.Sprintf("%.200q", data)
}
