package resolver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/version"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/signatures"
)

// follow is what plumb.yaml says of a name that moves in a range.
func (w *world) follow(name, rang string) resolver.Image {
	w.t.Helper()
	r, err := version.ParseRange(rang)
	if err != nil {
		w.t.Fatal(err)
	}
	return resolver.Image{Name: w.name(name), Range: r, Place: resolver.Place{File: "plumb.yaml", Line: 3, Column: 5}}
}

// told is what a plan tells of places, in short.
func told(problems []resolver.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.File+": "+p.Message)
	}
	return out
}

// moves are a plan's changes in short: "reason from -> name".
func (w *world) moves(p *resolver.Plan) []string {
	var out []string
	for _, c := range p.Changes {
		from := ""
		if c.From != "" {
			from = strings.TrimPrefix(c.From, w.server.Host()+"/") + " -> "
		}
		out = append(out, string(c.Reason)+" "+from+strings.TrimPrefix(c.Name, w.server.Host()+"/"))
	}
	return out
}

func TestMakeFollowsARange(t *testing.T) {
	w := newWorld(t)
	old := w.server.PushIndex("acme/web", "1.27.0", 1)
	w.pod("a.yaml", w.name("acme/web:1.27.0"), w.name("acme/web:1.27.0"))
	w.pod("b.yaml", w.name("acme/web:1.27.0"))
	w.locked()
	fresh := w.server.PushIndex("acme/web", "1.27.10", 2)
	for i, tag := range []string{"1.27.9", "1.28.0", "1.27.11-alpine", "v1.27.12", "1.27.13-rc1", "latest"} {
		w.server.PushIndex("acme/web", tag, 10+i)
	}
	o := resolver.Options{Images: []resolver.Image{w.follow("acme/web", "~1.27")}}

	if p := w.plan(o); !p.Empty(w.lock.Format()) || w.server.Count("") != 0 {
		t.Errorf("without update: %v, requests %v", p.Changes, w.server.Requests())
	}
	o.Update = func(resolver.Tracked) bool { return false }
	if p := w.plan(o); !p.Empty(w.lock.Format()) || w.server.Count("") != 0 {
		t.Errorf("another name updated: %v, requests %v", p.Changes, w.server.Requests())
	}

	o.Update = all
	p := w.plan(o)
	if diff := cmp.Diff([]string{"tag moved acme/web:1.27.0 -> acme/web:1.27.10"}, w.moves(p)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if c := p.Changes[0]; c.Old != old || c.New != fresh || len(c.Places) != 3 {
		t.Errorf("the change is %+v", c)
	}
	if w.server.Count("/tags/list") != 1 || w.server.Count("HEAD") != 0 || w.server.Count("/manifests/1.") != 1 {
		t.Errorf("requests %v", w.server.Requests())
	}
	w.carryOut(p)
	for file, count := range map[string]int{"a.yaml": 2, "b.yaml": 1} {
		if got := strings.Count(w.texts[file], "'"+w.name("acme/web:1.27.10@"+fresh)+"'"); got != count {
			t.Errorf("%s has it %d times:\n%s", file, got, w.texts[file])
		}
	}
	if len(w.lock.Entries) != 1 || w.lock.Entries[0].Name != w.name("acme/web:1.27.10") {
		t.Errorf("the lock has %v", w.lock.Entries)
	}

	// It is where it should be: the tag is asked for like any other.
	p = w.plan(o)
	if !p.Empty(w.lock.Format()) || w.server.Count("HEAD") != 1 || w.server.Count("/manifests/") != 1 {
		t.Errorf("again: %v, requests %v", p.Changes, w.server.Requests())
	}
	w.server.PushIndex("acme/web", "1.27.10", 3)
	if diff := cmp.Diff([]string{"moved acme/web:1.27.10"}, w.moves(w.plan(o))); diff != "" {
		t.Errorf("the same tag with other content (-want +got):\n%s", diff)
	}
}

func TestMakeFollowsARangeToATagThatIsThere(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.1.0", 2)
	pinned := w.server.PushIndex("acme/web", "1.2.0", 3)
	w.pod("a.yaml", w.name("acme/web:1.0.0"), w.name("acme/web:1.1.0"))
	w.pod("b.yaml", w.name("acme/web:1.2.0"))
	w.locked()
	w.server.PushIndex("acme/web", "1.2.0", 4)

	// Only two of the three names are updated: they take the pin that the third has.
	o := resolver.Options{Images: []resolver.Image{w.follow("acme/web", "^1")}}
	o.Update = func(n resolver.Tracked) bool { return !strings.HasSuffix(n.Name, ":1.2.0") }
	p := w.plan(o)
	want := []string{"tag moved acme/web:1.0.0 -> acme/web:1.2.0", "tag moved acme/web:1.1.0 -> acme/web:1.2.0"}
	if diff := cmp.Diff(want, w.moves(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.carryOut(p)
	if got := strings.Count(w.texts["a.yaml"], ":1.2.0@"+pinned); got != 2 || len(w.lock.Entries) != 1 {
		t.Errorf("lock %v, and\n%s", w.lock.Entries, w.texts["a.yaml"])
	}
}

func TestMakeFollowsARangeTogether(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.1.0", 2)
	w.pod("a.yaml", w.name("acme/web:1.0.0"), w.name("acme/web:1.1.0"))
	w.locked()
	w.server.PushIndex("acme/web", "1.2.0", 3)
	o := resolver.Options{Images: []resolver.Image{w.follow("acme/web", "^1")}, Update: all}
	p := w.plan(o)
	if w.server.Count("/manifests/1.2.0") != 1 || len(p.Changes) != 2 || len(p.Lock.Entries) != 1 {
		t.Errorf("changes %v, lock %v, requests %v", w.moves(p), p.Lock.Entries, w.server.Requests())
	}

	// What the one is refused, neither gets.
	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/manifests/1.2.0") {
			return false
		}
		rw.WriteHeader(http.StatusForbidden)
		return true
	})
	p = w.plan(o)
	if len(p.Failures) != 2 || len(p.Changes) != 0 || len(p.Edits) != 0 || !p.Empty(w.lock.Format()) {
		t.Errorf("failures %v, changes %v", p.Failures, w.moves(p))
	}
}

func TestMakeKeepsTagsThatCannotMove(t *testing.T) {
	tests := []struct {
		name            string
		text            string // of more.yaml, after locking; % is the registry
		rang            string
		changes         []string
		problems, notes []string
	}{
		{name: "the twin that can", rang: "^1", changes: []string{"tag moved acme/web:1.0.0 -> acme/web:1.2.0"}},
		{name: "none in the range", rang: "^3",
			problems: []string{"a.yaml: has no tag in the range ^3 (3 tags, 2 of them like 1.0.0, the newest 1.2.0)"}},
		{name: "Flux sets it", rang: "^1",
			text:  "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: %/acme/web:1.0.0@D # {\"$imagepolicy\": \"apps:web\"}\n",
			notes: []string{"more.yaml: is not moved in the range ^1: its tag is set by Flux's ImagePolicy apps:web"}},
		{name: "an alias reads it", rang: "^1",
			text: "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: %/acme/web\n" +
				"      tag: &v 1.0.0\n      digest: D\n    version: *v\n",
			problems: []string{"more.yaml: cannot be moved to the tag 1.2.0: its tag has an anchor, which serves other places as well"}},
		{name: "no version", rang: "^1", text: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: %/acme/web:edge@E\n",
			changes: []string{"tag moved acme/web:1.0.0 -> acme/web:1.2.0"},
			notes:   []string{`more.yaml: cannot follow the range ^1: the tag "edge" is not a version`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			old := w.server.PushIndex("acme/web", "1.0.0", 1)
			edge := w.server.PushIndex("acme/web", "edge", 3)
			w.pod("a.yaml", w.name("acme/web:1.0.0"))
			if tt.text != "" {
				w.texts["more.yaml"] = strings.NewReplacer("%", w.server.Host(), "@D", "@"+old, " D", " "+old, "@E", "@"+edge).Replace(tt.text)
			}
			w.locked()
			w.server.PushIndex("acme/web", "1.2.0", 2)
			p := w.plan(resolver.Options{Images: []resolver.Image{w.follow("acme/web", tt.rang)}, Update: all})
			if diff := cmp.Diff(tt.changes, w.moves(p)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.problems, told(p.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, told(p.Notes)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if len(tt.changes) == 0 && !p.Empty(w.lock.Format()) {
				t.Errorf("it edits %v", p.Edits)
			}
			// The digest of a tag that stays moves all the same.
			w.server.PushIndex("acme/web", "1.0.0", 9)
			if p = w.plan(resolver.Options{Images: []resolver.Image{w.follow("acme/web", tt.rang)}, Update: all}); len(p.Changes) == 0 {
				t.Error("the digest did not move")
			}
		})
	}
}

func TestMakeFollowsARangeThroughPlumbYAML(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/agent", "1.0.0", 1)
	w.server.PushIndex("acme/agent", "1.3.0", 2)
	const text = "images: [{name: agent:1.0.0}]\n"
	start := strings.Index(text, "1.0.0")
	image := w.follow("acme/agent:1.0.0", "^1")
	image.Locked, image.TagStart, image.TagEnd = true, start, start+len("1.0.0")
	o := resolver.Options{Images: []resolver.Image{image}, Update: all}
	p := w.plan(o)
	if diff := cmp.Diff([]string{"tag moved acme/agent:1.0.0 -> acme/agent:1.3.0"}, w.moves(p)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	got, err := p.Rewrite("plumb.yaml", []byte(text))
	if err != nil || string(got) != strings.Replace(text, "1.0.0", "1.3.0", 1) {
		t.Errorf("plumb.yaml becomes %s, %v", got, err)
	}

	image.TagStart, image.TagEnd = 0, 0
	p = w.plan(resolver.Options{Images: []resolver.Image{image}, Update: all})
	want := []string{"plumb.yaml: cannot be moved to the tag 1.3.0: it is written in a form that cannot be edited safely"}
	if diff := cmp.Diff(want, told(p.Problems)); diff != "" || len(p.Edits) != 0 {
		t.Errorf("edits %v, problems (-want +got):\n%s", p.Edits, diff)
	}
}

// Where a place may still have the old tag, its entry stays.
func TestMakeKeepsTheEntryOfWhatItLeavesAlone(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.1.0", 2)
	w.pod("a.yaml", w.name("acme/web:1.0.0"))
	w.pod("dev.yaml", w.name("acme/web:1.0.0"))
	w.locked()
	p := w.plan(resolver.Options{Images: []resolver.Image{w.follow("acme/web", "^1")}, Update: all,
		Excepted: func(file string, _ ...string) bool { return file == "dev.yaml" }})
	if diff := cmp.Diff([]string{"tag moved acme/web:1.0.0 -> acme/web:1.1.0"}, w.moves(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, ok := p.Lock.Find(lockfile.Image, w.name("acme/web:1.0.0")); !ok || len(p.Edits["dev.yaml"]) != 0 {
		t.Errorf("lock %v, edits %v", p.Lock.Entries, p.Edits)
	}
}

func TestMakeFollowsARangeByDigestsOnly(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.pod("a.yaml", w.name("acme/web:1.0.0"))
	o := resolver.Options{Style: manifest.DigestOnly}
	w.carryOut(w.plan(o))
	fresh := w.server.PushIndex("acme/web", "1.1.0", 2)
	o.Images, o.Update = []resolver.Image{w.follow("acme/web", "^1")}, all
	w.carryOut(w.plan(o))
	if want := "'" + w.name("acme/web@"+fresh) + "'"; !strings.Contains(w.texts["a.yaml"], want) || w.lock.Entries[0].Name != w.name("acme/web:1.1.0") {
		t.Errorf("lock %v, and\n%s", w.lock.Entries, w.texts["a.yaml"])
	}
}

func TestMakeReportsTagsThatCannotBeListed(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.pod("a.yaml", w.name("acme/web:1.0.0"))
	w.locked()
	w.server.Fail(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/tags/list") {
			return false
		}
		rw.WriteHeader(http.StatusForbidden)
		return true
	})
	p := w.plan(resolver.Options{Images: []resolver.Image{w.follow("acme/web", "^1")}, Update: all})
	if len(p.Failures) != 1 || p.Failures[0].Name != w.name("acme/web:1.0.0") || !p.Empty(w.lock.Format()) {
		t.Errorf("failures %v, changes %v", p.Failures, p.Changes)
	}
}

func TestMakeReportsLackingPlatforms(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1, "linux/amd64", "linux/s390x")
	w.server.PushIndex("acme/side", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/side:v1"))
	w.pod("b.yaml", w.name("acme/side:v1"))
	p := w.plan(resolver.Options{Platforms: []string{"linux/s390x"}})
	want := []string{"a.yaml: has no manifest for linux/s390x", "b.yaml: has no manifest for linux/s390x"}
	if diff := cmp.Diff(want, told(p.Problems)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(p.Lock.Entries) != 2 || len(p.Edits) != 2 {
		t.Errorf("it is not locked all the same: %v", p.Lock.Entries)
	}
	if p = w.plan(resolver.Options{}); len(p.Problems) != 0 {
		t.Errorf("where no platform is asked for: %v", p.Problems)
	}
	if p = w.plan(resolver.Options{Platforms: []string{"linux/amd64"}}); len(p.Problems) != 0 {
		t.Errorf("where it is there: %v", p.Problems)
	}
}

// A tag that policies do not accept is moved to by nobody; the twin is.
func TestMakeMovesToNoTagThatIsDenied(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.1.0", 2)
	w.pod("a.yaml", w.name("acme/web:1.0.0"), w.name("acme/web:1.1.0"))
	w.locked()
	fresh := w.server.PushIndex("acme/web", "1.2.0", 3)
	o := resolver.Options{Images: []resolver.Image{w.follow("acme/web", "^1")}, Update: all}
	o.Prover = prover(func(e lockfile.Entry) error {
		if e.Digest == fresh {
			return &signatures.DeniedError{Reasons: []string{"it is not signed"}, Fix: "sign it"}
		}
		return nil
	})
	p := w.plan(o)
	if !p.Empty(w.lock.Format()) || len(p.Changes) != 0 {
		t.Errorf("changes %v, edits %v", w.moves(p), p.Edits)
	}
	if len(p.Problems) != 1 || p.Problems[0].Reference != w.name("acme/web:1.2.0") {
		t.Errorf("problems %+v", p.Problems)
	}
	o.Prover = prover(func(lockfile.Entry) error { return nil })
	if p = w.plan(o); len(p.Changes) != 2 || len(p.Lock.Entries) != 1 || p.Lock.Entries[0].Digest != fresh {
		t.Errorf("accepted: changes %v, lock %v", w.moves(p), p.Lock.Entries)
	}
}

// prover accepts the images of which it returns no error.
type prover func(lockfile.Entry) error

func (p prover) Prove(_ context.Context, e lockfile.Entry, _ []*manifest.Reference) (lockfile.Entry, error) {
	return e, p(e)
}
