package chart_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"golang.org/x/crypto/bcrypt"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/keychain"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// newRegistry returns a client of registries without credentials.
func newRegistry(t testing.TB) *registry.Client {
	t.Helper()
	c, err := registry.New(registry.Options{Keychain: authn.NewMultiKeychain()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

const (
	configType = "application/vnd.cncf.helm.config.v1+json"
	layerType  = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	legacyType = "application/tar+gzip"
	imageType  = "application/vnd.oci.image.manifest.v1+json"
)

// layer is a layer of a manifest.
type layer struct {
	mediaType string
	data      []byte
}

// push pushes a manifest with layers as helm does, and returns its digest.
func push(s *registrytest.Server, repo, tag, config string, layers ...layer) string {
	describe := func(mediaType string, data []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": s.PushBlob(repo, data), "size": len(data)}
	}
	list := []any{}
	for _, l := range layers {
		list = append(list, describe(l.mediaType, l.data))
	}
	raw, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": imageType,
		"config": describe(config, []byte(`{"name":"web"}`)), "layers": list})
	must(err)
	return s.PushManifest(repo, tag, imageType, raw)
}

// TestOCI resolves and fetches a chart from a registry: one list of tags, one manifest,
// one layer.
func TestOCI(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	for _, v := range []string{"1.2.3", "1.2.4_build.1", "2.0.0-rc.1", "v1.1.0", "latest", "1.3"} {
		push(s, "charts/web", v, configType, layer{layerType, pack("web", strings.ReplaceAll(v, "_", "+"))})
	}
	c := newClient(t, nil, chart.Options{Registry: newRegistry(t)})
	n := chart.Name{Repo: "oci://" + s.Host() + "/charts/", Chart: "web"}
	list, err := c.Versions(t.Context(), n)
	var versions []string
	for _, v := range list {
		versions = append(versions, v.Version)
	}
	want := []string{"2.0.0-rc.1", "1.2.4+build.1", "1.2.3", "v1.1.0"}
	if !slices.Equal(versions, want) || err != nil {
		t.Errorf("versions %q, %v, want %q", versions, err, want)
	}
	s.Reset()
	for want, version := range map[string]string{"": "1.2.4+build.1", "^1.2": "1.2.4+build.1", "1.2.4+build.1": "1.2.4+build.1", "<1.2": "v1.1.0"} {
		v, err := c.Resolve(t.Context(), n, want)
		if err != nil || v.Version != version {
			t.Errorf("%q: %v, %v, want %s", want, v, err, version)
			continue
		}
		for range 2 {
			got, err := c.Fetch(t.Context(), n, v)
			if data := pack("web", version); err != nil || got.Digest != content.Digest(data) || got.Version != version || !strings.HasPrefix(got.Manifest, "sha256:") {
				t.Errorf("%q: %v, %v", want, got, err)
			}
		}
	}
	if tags, manifests, blobs := s.Count("/tags/list"), s.Count("/manifests/"), s.Count("/blobs/"); tags != 0 || manifests != 2 || blobs != 2 {
		t.Errorf("requests: %q", s.Requests())
	}
	if _, err := c.Resolve(t.Context(), n, ">=3"); !isNotFound(err) {
		t.Error(err)
	}
	none := chart.Name{Repo: n.Repo, Chart: "none"}
	if _, err := c.Versions(t.Context(), none); !isNotFound(err) {
		t.Error(err)
	}
	v, err := c.Resolve(t.Context(), n, "3.0.0")
	if err == nil {
		_, err = c.Fetch(t.Context(), n, v)
	}
	if !isNotFound(err) || !strings.Contains(err.Error(), `chart "web" has no version "3.0.0" in oci://`) {
		t.Error(err)
	}
}

func isNotFound(err error) bool {
	var e *chart.NotFoundError
	return errors.As(err, &e)
}

// TestOCIContent has what a registry may have in place of a chart.
func TestOCIContent(t *testing.T) {
	good := pack("web", "1.2.3")
	big := make([]byte, 4<<20+1)
	for name, tt := range map[string]struct {
		config string
		layers []layer
		err    string
	}{
		"a chart":         {configType, []layer{{layerType, good}}, ""},
		"with provenance": {configType, []layer{{layerType, good}, {"application/vnd.cncf.helm.chart.provenance.v1.prov", []byte("x")}}, ""},
		"legacy":          {configType, []layer{{legacyType, good}}, ""},
		"another chart":   {configType, []layer{{layerType, pack("db", "1.2.3")}}, `it is chart "db"`},
		"another version": {configType, []layer{{layerType, pack("web", "1.2.4")}}, `version "1.2.4"`},
		"two charts":      {configType, []layer{{layerType, good}, {layerType, pack("web", "1.2.3", "web/a", "")}}, "it has 2 layers with a chart, want one"},
		"no chart":        {configType, []layer{{"text/plain", good}}, "it has 0 layers with a chart"},
		"an image":        {"application/vnd.oci.image.config.v1+json", []layer{{layerType, good}}, `not a Helm chart: its config is of type "application/vnd.oci.image.config.v1+json"`},
		"not an archive":  {configType, []layer{{layerType, []byte("x")}}, "not a gzipped archive"},
		"too long":        {configType, []layer{{layerType, big}}, "4194305 bytes; plumb's limit for charts in registries is 4 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			s := registrytest.New(t, registrytest.Options{})
			manifest := push(s, "web", "1.2.3", tt.config, tt.layers...)
			c := newClient(t, nil, chart.Options{Registry: newRegistry(t)})
			n := chart.Name{Repo: "oci://" + s.Host(), Chart: "web"}
			v, err := c.Resolve(t.Context(), n, "1.2.3")
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Fetch(t.Context(), n, v)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
			if err == nil && got.Manifest != manifest {
				t.Errorf("manifest %s, want %s", got.Manifest, manifest)
			}
		})
	}
}

// TestOCILies has a registry that returns other content than it was asked for.
func TestOCILies(t *testing.T) {
	other := pack("web", "1.2.3", "web/more", "")
	for path, tt := range map[string]struct {
		body []byte
		err  string
	}{
		"/blobs/":     {other, "the registry returned another layer: " + content.Digest(other)},
		"/manifests/": {[]byte(`{"config":{"mediaType":"` + configType + `"},"layers":[{"mediaType":"` + layerType + `","digest":"../x"}]}`), `invalid digest "../x" of its layer`},
		"/manifest":   {[]byte("<html>"), "not a manifest"},
	} {
		s := registrytest.New(t, registrytest.Options{})
		push(s, "web", "1.2.3", configType, layer{layerType, pack("web", "1.2.3")})
		s.Fail(registrytest.At(path, func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(tt.body)
			return true
		}))
		c := newClient(t, nil, chart.Options{Registry: newRegistry(t)})
		if err := c.Check(t.Context(), chart.Name{Repo: "oci://" + s.Host(), Chart: "web"}, "1.2.3", content.Digest(pack("web", "1.2.3"))); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %q", path, err, tt.err)
		}
	}
}

// TestOCICheck has a tag that is as it was, moved, and gone.
func TestOCICheck(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{})
	locked := content.Digest(pack("web", "1.2.3"))
	check := func() error {
		c := newClient(t, nil, chart.Options{Registry: newRegistry(t)})
		return c.Check(t.Context(), chart.Name{Repo: "oci://" + s.Host(), Chart: "web"}, "1.2.3", locked)
	}
	push(s, "web", "1.2.3", configType, layer{layerType, pack("web", "1.2.3")})
	if err := check(); err != nil {
		t.Error(err)
	}
	push(s, "web", "1.2.3", configType, layer{layerType, pack("web", "1.2.3", "web/more", "")})
	var replaced *chart.ContentError
	if err := check(); !errors.As(err, &replaced) || replaced.Want != locked || replaced.By != "plumb.lock" {
		t.Errorf("moved: %v", err)
	}
	s.DeleteTag("web", "1.2.3")
	if err := check(); !isNotFound(err) {
		t.Errorf("gone: %v", err)
	}
	s.Fail(registrytest.Refuse(403, ""))
	if err := check(); err == nil || isNotFound(err) || errors.As(err, &replaced) {
		t.Errorf("forbidden: %v", err)
	}
}

// TestOCIFromIndex has an index whose archives are in a registry, as some repositories have.
func TestOCIFromIndex(t *testing.T) {
	s, charts := registrytest.New(t, registrytest.Options{}), newRepo(t)
	data := pack("web", "1.2.3")
	manifest := push(s, "acme/web", "1.2.3", configType, layer{layerType, data})
	charts.put("/index.yaml", []byte(indexOf("web", entryOf("web", "1.2.3", "oci://"+s.Host()+"/acme/web:1.2.3", content.Digest(data)))))
	c := newClient(t, charts, chart.Options{Registry: newRegistry(t)})
	n := chart.Name{Repo: charts.URL, Chart: "web"}
	v, err := c.Resolve(t.Context(), n, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Fetch(t.Context(), n, v)
	if err != nil || got.Manifest != manifest || got.Digest != content.Digest(data) {
		t.Errorf("%v, %v", got, err)
	}
}

// registries are programs to run as a registry: Debian's docker-registry, which is
// distribution 2, and distribution 3.
var registries = map[string]func() string{
	"docker-registry": func() string {
		path, _ := exec.LookPath("docker-registry")
		return path
	},
	"distribution 3": func() string {
		cache, _ := os.UserCacheDir()
		return filepath.Join(cache, "plumb-test", "distribution-v3.1.2", "registry")
	},
}

// TestHelmPush has the real helm push a chart to a real registry that wants a password, and
// compares with what helm pulls.
func TestHelmPush(t *testing.T) {
	t.Parallel()
	for name, find := range registries {
		t.Run(name, func(t *testing.T) {
			h := newHelm(t)
			host := h.startRegistry(find())
			login := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, host, base64.StdEncoding.EncodeToString([]byte("ada:"+secret)))
			config := h.write("docker/config.json", login)
			for _, v := range []string{"1.2.3", "1.3.0+build.1"} {
				h.source("web", v)
				h.must("package", "web")
				h.must("push", "web-"+v+".tgz", "oci://"+host+"/charts", "--plain-http", "--registry-config", config)
			}
			keys := keychain.New(func(name string) string {
				return map[string]string{"DOCKER_CONFIG": filepath.Dir(config), "XDG_CONFIG_HOME": h.dir}[name]
			})
			r, err := registry.New(registry.Options{Keychain: keys})
			if err != nil {
				t.Fatal(err)
			}
			c := newClient(t, nil, chart.Options{Registry: r})
			n := chart.Name{Repo: "oci://" + host + "/charts", Chart: "web"}
			for want, version := range map[string]string{"1.2.3": "1.2.3", "*": "1.3.0+build.1", "1.3.0+build.1": "1.3.0+build.1", "~1.2": "1.2.3"} {
				dir := t.TempDir()
				h.must("pull", "oci://"+host+"/charts/web", "--version", want, "--plain-http", "--registry-config", config, "-d", dir)
				data, _ := os.ReadFile(filepath.Join(dir, "web-"+version+".tgz"))
				hash, err := content.HashArchive(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				v, err := c.Resolve(t.Context(), n, want)
				if err != nil {
					t.Fatal(err)
				}
				got, err := c.Fetch(t.Context(), n, v)
				wantArchive := chart.Archive{Digest: content.Digest(data), Content: hash, Name: "web", Version: version, AppVersion: "1.0", Manifest: got.Manifest}
				if diff := cmp.Diff(wantArchive, got); err != nil || diff != "" || got.Manifest == "" {
					t.Errorf("%s: %v (-want +got):\n%s", want, err, diff)
				}
			}
			anonymous := newClient(t, nil, chart.Options{Registry: newRegistry(t)})
			_, err = anonymous.Versions(t.Context(), n)
			var e *registry.Error
			if !errors.As(err, &e) || !e.Unauthorized() || !strings.Contains(e.Hint(), "docker login "+host) {
				t.Errorf("without credentials: %v", err)
			}
		})
	}
}

// startRegistry starts a program as a registry that wants a password, and returns its host.
func (h *helmProgram) startRegistry(program string) string {
	t := h.t
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skipf("NOT TESTED WITH A REGISTRY: %v: apt-get install docker-registry, make tools", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	config := h.write("registry/config.yml", fmt.Sprintf("version: 0.1\nstorage: {filesystem: {rootdirectory: %q}}\nauth: {htpasswd: {realm: test, path: %q}}\nhttp: {addr: %q}\n",
		filepath.Join(h.dir, "registry", "data"), h.write("registry/htpasswd", "ada:"+string(hash)+"\n"), host))
	cmd := exec.Command(program, "serve", config)
	cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if resp, err := http.Get("http://" + host + "/v2/"); err == nil {
			resp.Body.Close()
			return host
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
