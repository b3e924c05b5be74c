package chart_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/content"
	"github.com/plumb-dev/plumb/resolver/chart"
)

// helmVersion is that of testdata/tools.
const helmVersion = "v4.2.4"

// helmProgram is the real helm, with a home of its own.
type helmProgram struct {
	t    *testing.T
	path string
	dir  string
}

// newHelm returns the helm that "make test" has built. Without it the test is skipped, but
// for CI, where it fails.
func newHelm(t *testing.T) *helmProgram {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "plumb-test", "helm-"+helmVersion, "helm")
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skipf("NOT TESTED WITH HELM: %v: make test builds it", err)
	}
	return &helmProgram{t, path, t.TempDir()}
}

// run runs helm in its folder and returns its output.
func (h *helmProgram) run(args ...string) (string, error) {
	h.t.Helper()
	cmd := exec.Command(h.path, args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), "HOME="+h.dir, "HELM_CONFIG_HOME="+h.dir+"/config",
		"HELM_CACHE_HOME="+h.dir+"/cache", "HELM_DATA_HOME="+h.dir+"/data")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must is run for a command that has to succeed.
func (h *helmProgram) must(args ...string) string {
	h.t.Helper()
	out, err := h.run(args...)
	if err != nil {
		h.t.Fatalf("helm %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// write writes a file in helm's folder.
func (h *helmProgram) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

func (h *helmProgram) read(name string) []byte {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return data
}

// source writes the folder of a chart.
func (h *helmProgram) source(name, version string) {
	h.write(name+"/Chart.yaml", "apiVersion: v2\nname: "+name+"\nversion: "+version+"\nappVersion: \"1.0\"\n")
	h.write(name+"/values.yaml", "image: nginx:1.27\n")
	h.write(name+"/.helmignore", "*.secret\n")
	h.write(name+"/a.secret", "it is not packed")
	h.write(name+"/templates/web.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: web}\n")
	h.write(name+"/charts/common/Chart.yaml", "apiVersion: v2\nname: common\nversion: 0.1.0\ntype: library\n")
}

// TestHelmRepository resolves and fetches what helm has packed and listed, and compares
// with what helm pulls.
func TestHelmRepository(t *testing.T) {
	t.Parallel()
	h := newHelm(t)
	s := newPlainRepo(t)
	for _, v := range []string{"1.2.3", "1.10.0+build.1", "2.0.0-rc.1"} {
		h.source("web", v)
		h.must("package", "web", "-d", "repo")
	}
	h.source("db", "v0.1.0")
	h.must("package", "db", "-d", "repo")
	h.must("repo", "index", "repo")
	files, err := os.ReadDir(filepath.Join(h.dir, "repo"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		s.put("/"+f.Name(), h.read("repo/"+f.Name()))
	}
	c := newClient(t, nil, chart.Options{})
	for want, archive := range map[string]string{
		"":               "web-1.10.0+build.1.tgz",
		"*":              "web-1.10.0+build.1.tgz",
		"1.10.0":         "web-1.10.0+build.1.tgz",
		"1.10.0+build.1": "web-1.10.0+build.1.tgz",
		"1.10.0+other":   "web-1.10.0+build.1.tgz",
		"v1.2.3":         "web-1.2.3.tgz",
		"1.2":            "web-1.2.3.tgz",
		"~1.2.0":         "web-1.2.3.tgz",
		"<1.10":          "web-1.2.3.tgz",
		">=1.0.0-0":      "web-2.0.0-rc.1.tgz",
		"2.0.0-rc.1":     "web-2.0.0-rc.1.tgz",
		"2.0.0":          "",
		">=2":            "",
		"stable":         "",
	} {
		n := chart.Name{Repo: s.URL, Chart: "web"}
		v, err := c.Resolve(t.Context(), n, want)
		dir := t.TempDir()
		out, helmErr := h.run("pull", "web", "--repo", s.URL, "--version", want, "-d", dir)
		if archive == "" {
			if err == nil || helmErr == nil {
				t.Errorf("%q: %v, helm: %v, want both to fail", want, err, helmErr)
			}
			continue
		}
		pulled, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
		if err != nil || helmErr != nil || len(pulled) != 1 || filepath.Base(pulled[0]) != archive ||
			!strings.HasSuffix(v.URL, "/"+archive) {
			t.Errorf("%q: %v %v, helm: %q %v %s, want %s", want, v, err, pulled, helmErr, out, archive)
			continue
		}
		got, err := c.Fetch(t.Context(), n, v)
		data, _ := os.ReadFile(pulled[0])
		if err != nil || got.Digest != content.Digest(data) {
			t.Errorf("%q: %v, %v, helm pulled %s", want, got, err, content.Digest(data))
		}
	}
}

// TestHelmFolder compares the content of an archive with the folder that helm unpacks.
func TestHelmFolder(t *testing.T) {
	t.Parallel()
	h := newHelm(t)
	h.source("web", "1.2.3")
	h.must("package", "web")
	archive, err := content.HashArchive(bytes.NewReader(h.read("web-1.2.3.tgz")))
	if err != nil {
		t.Fatal(err)
	}
	h.must("package", "web", "-d", "again")
	again, err := content.HashArchive(bytes.NewReader(h.read("again/web-1.2.3.tgz")))
	if err != nil || again != archive {
		t.Errorf("packed again: %s, %v, want %s", again, err, archive)
	}
	s := newPlainRepo(t)
	s.put("/web-1.2.3.tgz", h.read("web-1.2.3.tgz"))
	h.must("pull", s.URL+"/web-1.2.3.tgz", "--untar", "-d", "vendored")
	folder, err := content.HashFolder(h.files("vendored/web"))
	if err != nil || folder != archive {
		t.Errorf("unpacked: %s, %v, want %s", folder, err, archive)
	}
	h.write("vendored/web/templates/more.yaml", "")
	if folder, err = content.HashFolder(h.files("vendored/web")); err != nil || folder == archive {
		t.Errorf("a file more, and the same content; %v", err)
	}
}

// files reads all files below a folder.
func (h *helmProgram) files(dir string) map[string][]byte {
	h.t.Helper()
	root := filepath.Join(h.dir, dir)
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}
