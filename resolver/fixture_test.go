package resolver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// noKeys is a keychain without keys.
type noKeys struct{}

func (noKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// world is a registry, and files that name what it holds.
type world struct {
	t      *testing.T
	server *registrytest.Server
	client *registry.Client
	texts  map[string]string // by file
	lock   *lockfile.Lock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c, err := registry.New(registry.Options{Keychain: noKeys{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &world{t: t, server: registrytest.New(t, registrytest.Options{}), client: c, texts: map[string]string{}}
}

// name is that of something in the registry, as "acme/web:v1".
func (w *world) name(rest string) string { return w.server.Host() + "/" + rest }

// pod writes a file with a container for each image.
func (w *world) pod(file string, images ...string) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n")
	for _, i := range images {
		fmt.Fprintf(&b, "    - image: '%s'\n", i)
	}
	w.texts[file] = b.String()
}

// files scans what was written.
func (w *world) files() []manifest.File {
	var names []string
	for name := range w.texts {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []manifest.File
	for _, name := range names {
		out = append(out, manifest.NewScanner(manifest.Options{}).Scan(name, []byte(w.texts[name])))
	}
	return out
}

// plan plans, and counts only the requests of doing so.
func (w *world) plan(o resolver.Options) *resolver.Plan {
	w.t.Helper()
	w.server.Reset()
	p, err := resolver.Make(w.t.Context(), w.files(), w.lock, w.client, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// carryOut makes a plan true.
func (w *world) carryOut(p *resolver.Plan) {
	w.t.Helper()
	for file := range p.Edits {
		text, err := p.Rewrite(file, []byte(w.texts[file]))
		if err != nil {
			w.t.Fatal(err)
		}
		w.texts[file] = string(text)
	}
	w.lock = p.Lock
}

// locked brings files and lock into agreement.
func (w *world) locked() {
	w.t.Helper()
	p := w.plan(resolver.Options{})
	if len(p.Failures)+len(p.Conflicts)+len(p.Problems) > 0 {
		w.t.Fatalf("the fixture cannot be locked: %v %v %v", p.Failures, p.Conflicts, p.Problems)
	}
	w.carryOut(p)
}

// changes are a plan's changes in short: "reason name".
func (w *world) changes(p *resolver.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		out = append(out, string(c.Reason)+" "+strings.TrimPrefix(c.Name, w.server.Host()+"/"))
	}
	return out
}

// all lets every pin move.
func all(resolver.Tracked) bool { return true }
