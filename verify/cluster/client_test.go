package cluster

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/trace"
)

// account writes a service account's folder.
func account(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestInClusterReadsItsTokenEachTime(t *testing.T) {
	var seen []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen = append(seen, q.URL.EscapedPath()+" "+q.Header.Get("Authorization"))
		_, _ = w.Write([]byte(`{"data":{"a":"1"}}`))
	}))
	t.Cleanup(server.Close)
	where, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"KUBERNETES_SERVICE_HOST": where.Hostname(),
		"KUBERNETES_SERVICE_PORT": where.Port()}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: server.Certificate().Raw}))
	dir := account(t, map[string]string{"ca.crt": ca, "namespace": "shop\n", "token": "one\n"})
	c, err := inCluster(func(name string) string { return env[name] }, dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.Namespace != "shop" {
		t.Errorf("namespace %q", c.Namespace)
	}
	var told []string
	traced := trace.With(t.Context(), func(e trace.Event) { told = append(told, e.String()) })
	for _, token := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(dir, "token"), []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		if data, err := c.ConfigMapData(traced, "a/b", "lock"); err != nil ||
			string(data["a"]) != "1" {
			t.Errorf("%v, %v", data, err)
		}
	}
	if want := "/api/v1/namespaces/a%2Fb/configmaps/lock Bearer one, " +
		"/api/v1/namespaces/a%2Fb/configmaps/lock Bearer two"; strings.Join(seen, ", ") != want {
		t.Errorf("asked %q, want %q", seen, want)
	}
	line := "GET " + server.URL + "/api/v1/namespaces/a%2Fb/configmaps/lock 200 "
	if len(told) != 2 || !strings.HasPrefix(told[0], line) || strings.Contains(told[0], "one") {
		t.Errorf("told %q, want %s", told, line)
	}
	if _, err := c.ConfigMapData(t.Context(), "..", "lock"); err == nil {
		t.Error("asked for the namespace ..")
	}
	for name, want := range map[string]string{"ca.crt": "ca.crt", "namespace": "namespace"} {
		without := account(t, map[string]string{"ca.crt": ca, "namespace": "shop", "token": "one"})
		if err := os.Remove(filepath.Join(without, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := inCluster(func(name string) string { return env[name] },
			without); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	if _, err := inCluster(func(string) string { return "" }, dir); err == nil ||
		!strings.Contains(err.Error(), "not running in a Pod") {
		t.Errorf("outside of a cluster: %v", err)
	}
}

func TestAnswersThatAreTooLarge(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":{"a":"` + strings.Repeat("x", maxResponse) + `"}}`))
	}))
	t.Cleanup(server.Close)
	c, err := newClient(server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: server.Certificate().Raw}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ConfigMapData(t.Context(), "a", "b"); err == nil ||
		!strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v", err)
	}
}

func TestFromKubeconfigRefuses(t *testing.T) {
	config := func(cluster, user string) string {
		return "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: " +
			"u}}]\nclusters: [{name: c, cluster: " + cluster + "}]\nusers: [{name: u, user: " +
			user + "}]\n"
	}
	ok := "{server: 'https://127.0.0.1:1'}"
	tests := []struct{ name, config, want string }{
		{"fine", config(ok, "{token: x}"), ""},
		{"another context", strings.Replace(config(ok, "{token: x}"), "context: a", "context: b",
			1), `context "b", its cluster or its user not found`},
		{"plain HTTP", config("{server: 'http://127.0.0.1:1'}", "{token: x}"),
			"must start with https"},
		{"insecure", config("{server: 'https://127.0.0.1:1', insecure-skip-tls-verify: true}",
			"{token: x}"), "insecure-skip-tls-verify"},
		{"a program", config(ok, "{exec: {command: aws}}"),
			"exec, auth-provider and username are not supported"},
		{"a password", config(ok, "{username: x, password: y}"),
			"exec, auth-provider and username are not supported"},
		{"bad CA", config("{server: 'https://127.0.0.1:1', certificate-authority-data: "+
			base64.StdEncoding.EncodeToString([]byte("x"))+"}", "{token: x}"), "not a certificate"},
		{"no CA", config("{server: 'https://127.0.0.1:1', certificate-authority: none}",
			"{token: x}"), "no such file"},
		{"no key", config(ok, "{client-certificate-data: eA==}"), "tls: "},
		{"no YAML", "{", "yaml: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := FromKubeconfig(file)
			if tt.want == "" && err != nil || tt.want != "" &&
				(err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
