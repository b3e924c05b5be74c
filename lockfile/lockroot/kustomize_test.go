package lockroot_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/oci"
)

// The images that the cases of testdata/kustomize are tried with, in the place of IMAGE.
const (
	loose  = "docker.io/library/evil:1"
	pinned = "docker.io/library/good:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: d, annotations: {a: x}}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      initContainers:
      - {name: i, image: "` + pinned + `"}
      containers:
      - {name: c, image: "` + pinned + `"}
`

// TestKustomizations renders each case as kustomize does, and holds what the scan says of
// it against that: an image without a pin is an error, and one with a pin is known. The
// comment of an archive says what to expect beyond: "never" that no image makes it good,
// "always" that each does, "pins" that plumb makes it good all the same.
func TestKustomizations(t *testing.T) {
	names, err := filepath.Glob("testdata/kustomize/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d cases, %v", len(names), err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		says := func(s string) bool { return strings.Contains(string(a.Comment), s) }
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			good := caseOf(a, pinned)
			errs := good.scan(t)
			if says("never") != (len(errs) > 0) {
				t.Errorf("with a pinned image: %d errors %q", len(errs), errs)
			}
			good.covers(t, errs, true)

			bad := caseOf(a, loose)
			errs = bad.scan(t)
			if says("always") == (len(errs) > 0) {
				t.Errorf("with another image: %d errors %q", len(errs), errs)
			}
			bad.covers(t, errs, !says("always"))
			if left := bad.pin(t); (left > 0) != (says("never") && !says("pins")) {
				t.Errorf("%d errors are left once what can be pinned is", left)
			}
		})
	}
}

// kustomized is a tree that is rendered.
type kustomized struct {
	root  string
	image string // that it is tried with
	files map[string]string
	found *lockroot.Root
}

func caseOf(a *txtar.Archive, image string) *kustomized {
	k := &kustomized{root: ".", image: image, files: map[string]string{"d.yaml": deployment}}
	for _, f := range a.Files {
		k.files[f.Name] = strings.NewReplacer("IMAGE", image, "GOOD", pinned).Replace(string(f.Data))
		if path.Base(f.Name) == "kustomization.yaml" && strings.HasPrefix(f.Name, "overlay/") {
			k.root = "overlay"
		}
	}
	return k
}

// scan returns the errors that a scan finds.
func (k *kustomized) scan(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, k.files)
	k.found = take(t, dir, config.Default("x"), nil)
	return k.errors()
}

// errors are those that were found.
func (k *kustomized) errors() []string {
	var errs []string
	for _, f := range k.found.Files {
		if f.Unreadable != nil {
			errs = append(errs, f.Unreadable.Message)
		}
		for _, r := range f.Remarks {
			if r.Severe {
				errs = append(errs, fmt.Sprintf("%s:%d %s %s", r.File, r.Line, r.Reference, r.Message))
			}
		}
		for _, r := range f.References {
			if !r.Inherits && r.Digest == "" {
				errs = append(errs, fmt.Sprintf("%s:%d %s", r.File, r.Line, r.Reference))
			}
		}
	}
	return errs
}

// covers holds what kustomize renders against what was found.
func (k *kustomized) covers(t *testing.T, errs []string, wanted bool) {
	t.Helper()
	images, err := k.render()
	if err != nil {
		if wanted {
			t.Errorf("kustomize: %v", err)
		}
		return
	}
	known, renames := map[string]bool{}, false
	for _, f := range k.found.Files {
		for _, r := range f.References {
			known[r.Tracked+"@"+r.Digest] = true
			renames = renames || r.Inherits
		}
	}
	for _, image := range images {
		n, err := oci.Parse(image)
		is := known[n.Tracked()+"@"+n.Digest] || renames && strings.HasSuffix(pinned, n.Digest)
		if (err != nil || n.Digest == "" || !is) && len(errs) == 0 {
			t.Errorf("kustomize renders %s, of which the scan says nothing", image)
		}
	}
	if wanted && !renames && !slices.Contains(images, k.image) {
		t.Errorf("kustomize renders %q, and not %s", images, k.image)
	}
}

// pin pins what can be pinned, and returns how many errors are left. What is rendered then
// has the digests that were given, as many as there were errors, at least.
func (k *kustomized) pin(t *testing.T) int {
	t.Helper()
	var wrong int
	given := map[string]bool{}
	for _, f := range k.found.Files {
		var edits []manifest.Edit
		for _, r := range f.References {
			if r.Inherits || r.Digest != "" || !r.Editable {
				continue
			}
			sum := sha256.Sum256([]byte(r.Tracked))
			digest := "sha256:" + hex.EncodeToString(sum[:])
			given[r.Tracked+"@"+digest] = true
			e, err := r.Pin(digest, manifest.TagAndDigest)
			if err != nil {
				t.Fatal(err)
			}
			edits = append(edits, e...)
		}
		out, err := manifest.Apply([]byte(k.files[f.Path]), edits)
		if err != nil {
			t.Fatal(err)
		}
		k.files[f.Path] = string(out)
	}
	if wrong = len(k.scan(t)); wrong > 0 {
		return wrong
	}
	images, err := k.render()
	if err != nil {
		t.Errorf("kustomize, once all is pinned: %v", err)
	}
	for _, image := range images {
		n, err := oci.Parse(image)
		if err != nil || !strings.HasSuffix(image, pinned[len(pinned)-71:]) && !given[n.Tracked()+"@"+n.Digest] {
			t.Errorf("once all is pinned, kustomize renders %s", image)
		}
	}
	return 0
}

// render returns the images in what kustomize renders.
func (k *kustomized) render() ([]string, error) {
	fs := filesys.MakeFsInMemory()
	for name, text := range k.files {
		if err := fs.WriteFile("/tree/"+name, []byte(text)); err != nil {
			return nil, err
		}
	}
	m, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, "/tree/"+k.root)
	if err != nil {
		return nil, err
	}
	text, err := m.AsYaml()
	if err != nil {
		return nil, err
	}
	images := map[string]bool{}
	for _, doc := range strings.Split(string(text), "\n---\n") {
		var object any
		if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
			return nil, err
		}
		collect(object, "", images)
	}
	return slices.Sorted(maps.Keys(images)), nil
}

// collect gathers what names an image by its key, or is one of the cases' images.
func collect(v any, key string, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if v["kind"] == "ClusterPolicy" {
			return // its images are patterns
		}
		for k, v := range v {
			if k != "labels" && k != "matchLabels" {
				collect(v, k, into)
			}
		}
	case []any:
		for _, v := range v {
			collect(v, key, into)
		}
	case string:
		if key == "image" || strings.HasSuffix(key, "Image") || strings.HasSuffix(key, "_IMAGE") ||
			v == loose || v == pinned {
			into[v] = true
		} else if strings.Contains(strings.ReplaceAll(v, loose+"@", ""), loose) {
			into[loose] = true
		} else if strings.Contains(v, pinned) {
			into[pinned] = true
		}
	}
}

// TestFollowFromCache finds the source of an image again when no file has changed.
func TestFollowFromCache(t *testing.T) {
	dir := t.TempDir()
	const source = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {v: '%s', w: x}\n"
	write(t, dir, map[string]string{
		"kustomization.yaml": `resources: [cm.yaml, c]
components: [d]
replacements:
- source: {kind: ConfigMap, name: cm, fieldPath: data.v}
  targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]
`,
		"cm.yaml":              fmt.Sprintf(source, pinned),
		"c/kustomization.yaml": "resources: [pod.yaml]\n",
		"c/pod.yaml":           pod(pinned),
		"d/kustomization.yaml": `kind: Component
transformers: [../t]
vars: [{name: X, objref: {kind: ConfigMap, name: cm, apiVersion: v1}, fieldref: {fieldPath: data.w}}]
`,
		"t": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: p\n",
	})
	store := t.TempDir()
	for _, tt := range []struct {
		value string
		want  int
	}{{pinned, 0}, {loose, 1}, {"$(X)", 1}, {pinned, 0}} {
		write(t, dir, map[string]string{"cm.yaml": fmt.Sprintf(source, tt.value)})
		for i := range 3 {
			k := kustomized{found: take(t, dir, config.Default("x"), lockroot.OpenCache(store, keyIn(store), dir, config.Default("x")))}
			if errs := k.errors(); len(errs) != tt.want {
				t.Errorf("%s: %q", tt.value, errs)
			}
			if i == 2 && k.found.CachedFiles == 0 {
				t.Errorf("%s: nothing is cached", tt.value)
			}
			time.Sleep(60 * time.Millisecond) // for the cache to settle
		}
	}
}
