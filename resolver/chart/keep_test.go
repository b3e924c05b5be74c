package chart_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// TestKeep keeps what is a chart, once, and nothing else.
func TestKeep(t *testing.T) {
	s := newRepo(t)
	data := s.publish("web", "1.2.3")
	var kept []string
	c := newClient(t, s, chart.Options{Keep: func(digest string, archive []byte) error {
		if digest != content.Digest(archive) {
			t.Errorf("digest %s", digest)
		}
		kept = append(kept, digest)
		return nil
	}})
	for range 2 {
		if err := lock(t, c, s.URL); err != nil {
			t.Fatal(err)
		}
	}
	if len(kept) != 1 || kept[0] != content.Digest(data) {
		t.Errorf("kept %q", kept)
	}
	full := errors.New("no space left")
	c = newClient(t, s, chart.Options{Keep: func(string, []byte) error { return full }})
	if err := lock(t, c, s.URL); !errors.Is(err, full) {
		t.Error(err)
	}
	s.put("/web-1.2.3.tgz", []byte("<html>"))
	c = newClient(t, s, chart.Options{Keep: func(string, []byte) error { t.Error("a page is kept"); return nil }})
	if err := lock(t, c, s.URL); err == nil {
		t.Error("a page is a chart")
	}
}

// TestPackedTwice has a server that says that an archive is packed for the way, as some do:
// its bytes count, not what is in it.
func TestPackedTwice(t *testing.T) {
	s := newRepo(t)
	s.publish("web", "1.2.3")
	s.failing(registrytest.At(".tgz", func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Encoding", "gzip")
		return false
	}))
	if err := lock(t, newClient(t, s, chart.Options{}), s.URL); err != nil {
		t.Error(err)
	}
	// An index may be packed for the way.
	s.failing(registrytest.At("index.yaml", func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("the index is not asked for packed")
		}
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = zip.Write(s.files["/index.yaml"])
		_ = zip.Close()
		return true
	}))
	if err := lock(t, newClient(t, s, chart.Options{}), s.URL); err != nil {
		t.Error(err)
	}
}

// TestBigIndex has an index of 60 MB: little of it stays in memory.
func TestBigIndex(t *testing.T) {
	s := newRepo(t)
	data := s.publish("web", "1.2.3")
	line := "  - description: " + strings.Repeat("a chart ", 20) + "\n    version: 1.2.3\n"
	var index bytes.Buffer
	index.WriteString("apiVersion: v1\nentries:\n")
	for i := 0; index.Len() < 60<<20; i++ {
		fmt.Fprintf(&index, "  chart-%d:\n%s", i, strings.Repeat(line, 500))
	}
	fmt.Fprintf(&index, "  web:\n%s", entryOf("web", "1.2.3", "web-1.2.3.tgz", content.Digest(data)))
	s.put("/index.yaml", index.Bytes())
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := newClient(t, s, chart.Options{})
	if err := lock(t, c, s.URL); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) >> 20
	total := (after.TotalAlloc - before.TotalAlloc) >> 20
	if used > 8 || total > 60 {
		t.Errorf("%d MiB in use, %d MiB allocated in all", used, total)
	}
	runtime.KeepAlive(c)
}

// TestHelmLogins has the files in which helm stores logins to registries.
func TestHelmLogins(t *testing.T) {
	s := registrytest.New(t, registrytest.Options{Username: "ada", Password: secret})
	push(s, "web", "1.2.3", configType, layer{layerType, pack("web", "1.2.3")})
	login := func(password string) string {
		return fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, s.Host(), base64.StdEncoding.EncodeToString([]byte("ada:"+password)))
	}
	for name, tt := range map[string]struct {
		set func(h *home)
		err string
	}{
		"helm's file":          {func(h *home) { h.write(".config/helm/registry/config.json", login(secret)) }, ""},
		"HELM_REGISTRY_CONFIG": {func(h *home) { h.env["HELM_REGISTRY_CONFIG"] = h.write("r.json", login(secret)) }, ""},
		"docker's before helm's": {func(h *home) {
			h.write("docker/config.json", login(secret))
			h.write(".config/helm/registry/config.json", login("x"))
		}, ""},
		"nothing":        {func(*home) {}, "401"},
		"wrong password": {func(h *home) { h.write(".config/helm/registry/config.json", login("x")) }, "401"},
		"broken":         {func(h *home) { h.write(".config/helm/registry/config.json", secret) }, "config.json:1: invalid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.env["DOCKER_CONFIG"] = h.dir + "/docker"
			h.env["XDG_CONFIG_HOME"] = h.dir + "/.config"
			tt.set(h)
			r, err := registry.New(registry.Options{Keychain: chart.Keychain(h.getenv)})
			if err != nil {
				t.Fatal(err)
			}
			err = lock(t, newClient(t, nil, chart.Options{Registry: r}), "oci://"+s.Host())
			if (err != nil) != (tt.err != "") || err != nil && (!strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), secret)) {
				t.Errorf("%v, want %q", err, tt.err)
			}
		})
	}
}
