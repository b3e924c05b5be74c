package resolver_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/resolver"
)

func TestMakePinsNewNames(t *testing.T) {
	w := newWorld(t)
	web := w.server.PushIndex("acme/web", "v1", 1)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/web:v1"))
	w.pod("b.yaml", w.name("acme/web:v1"))
	p := w.plan(resolver.Options{})
	if diff := cmp.Diff([]string{"added acme/web:v1"}, w.changes(p)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := w.server.Count("GET /v2/acme/web/manifests/v1"); got != 1 {
		t.Errorf("asked %d times for a name with three places", got)
	}
	if got := len(p.Changes[0].Places); got != 3 {
		t.Errorf("%d places, want 3", got)
	}
	w.carryOut(p)
	for file, want := range map[string]int{"a.yaml": 2, "b.yaml": 1} {
		if got := strings.Count(w.texts[file], "web:v1@"+web+"'"); got != want {
			t.Errorf("%s has the pin %d times, want %d:\n%s", file, got, want, w.texts[file])
		}
	}

	again := w.plan(resolver.Options{})
	if !again.Empty(w.lock.Format()) || w.server.Count("") != 0 {
		t.Errorf("again: edits %v, changes %v, requests %v", again.Edits, again.Changes, w.server.Requests())
	}
}

func TestMakeRecordsPlatforms(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1, "linux/amd64", "linux/arm64", "linux/s390x")
	w.pod("a.yaml", w.name("acme/web:v1"))
	configs := func(p *resolver.Plan) []string {
		var out []string
		for _, e := range p.Lock.Entries[0].Platforms {
			if e.Config != "" {
				out = append(out, e.Platform)
			}
		}
		return out
	}
	p := w.plan(resolver.Options{})
	if diff := cmp.Diff(resolver.DefaultPlatforms, configs(p)); diff != "" {
		t.Errorf("by default (-want +got):\n%s", diff)
	}
	w.carryOut(p)

	p = w.plan(resolver.Options{Platforms: []string{"linux/s390x"}})
	if diff := cmp.Diff([]string{"completed acme/web:v1"}, w.changes(p)); diff != "" {
		t.Errorf("one more platform (-want +got):\n%s", diff)
	}
	if len(p.Edits) != 0 {
		t.Errorf("edits %v of files that are right", p.Edits)
	}
	w.carryOut(p)
	if p = w.plan(resolver.Options{Platforms: []string{"linux/s390x"}}); !p.Empty(w.lock.Format()) || w.server.Count("") != 0 {
		t.Errorf("again: changes %v, requests %v", p.Changes, w.server.Requests())
	}
}

func TestMakeKeepsPins(t *testing.T) {
	w := newWorld(t)
	old := w.server.PushIndex("acme/web", "v1", 1)
	w.pod("a.yaml", w.name("acme/web:v1@"+old))
	moved := w.server.PushIndex("acme/web", "v1", 2)
	p := w.plan(resolver.Options{})
	if len(p.Edits) != 0 || p.Lock.Entries[0].Digest != old || w.server.Count("manifests/v1") != 0 {
		t.Errorf("edits %v, lock %v, requests %v", p.Edits, p.Lock.Entries, w.server.Requests())
	}
	w.carryOut(p)

	// A manifest's pin is a decision; the lock follows.
	w.pod("a.yaml", w.name("acme/web:v1@"+moved))
	p = w.plan(resolver.Options{})
	if diff := cmp.Diff([]string{"kept pin acme/web:v1"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := p.Changes[0]; c.Old != old || c.New != moved {
		t.Errorf("%s -> %s, want %s -> %s", c.Old, c.New, old, moved)
	}
}

func TestMakeRefusesPinsThatDisagree(t *testing.T) {
	w := newWorld(t)
	one, two := w.server.PushIndex("acme/web", "v1", 1), w.server.PushIndex("acme/web", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1@"+one))
	w.pod("b.yaml", w.name("acme/web:v1@"+two))
	p := w.plan(resolver.Options{})
	if len(p.Conflicts) != 1 || len(p.Conflicts[0].Pins) != 2 || len(p.Edits) != 0 || w.server.Count("") != 0 {
		t.Fatalf("conflicts %v, edits %v, requests %v", p.Conflicts, p.Edits, w.server.Requests())
	}

	p = w.plan(resolver.Options{Update: all})
	if len(p.Conflicts) != 0 || p.Lock.Entries[0].Digest != two {
		t.Errorf("update leaves conflicts %v, and pins %v", p.Conflicts, p.Lock.Entries)
	}
	w.carryOut(p)
	if strings.Contains(w.texts["a.yaml"], one) || !strings.Contains(w.texts["a.yaml"], two) {
		t.Errorf("a.yaml is\n%s", w.texts["a.yaml"])
	}
}

func TestMakeDropsWhatIsUnused(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1)
	w.server.PushIndex("acme/side", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"))
	w.pod("b.yaml", w.name("acme/side:v1"))
	w.locked()
	text := w.texts["b.yaml"]
	tests := []struct {
		name string
		b    string
		o    resolver.Options
		want []string
	}{
		{"gone", "", resolver.Options{}, []string{"dropped acme/side:v1"}},
		{"named by the configuration", "", resolver.Options{Images: []resolver.Image{{Name: w.name("acme/side:v1"), Locked: true}}}, nil},
		{"excepted", text, resolver.Options{Excepted: func(file string, _ ...string) bool { return file == "b.yaml" }}, nil},
		{"perhaps in what cannot be read", "apiVersion: v1\nkind: Pod\nspec: }\n", resolver.Options{}, nil},
		{"perhaps renamed out of reach", strings.Replace(text, "side:v1", "side:v2", 1),
			resolver.Options{Within: func(file string) bool { return file == "a.yaml" }}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.texts["b.yaml"] = tt.b
			p := w.plan(tt.o)
			if diff := cmp.Diff(tt.want, w.changes(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if w.server.Count("") != 0 || len(p.Edits) != 0 {
				t.Errorf("requests %v, edits %v", w.server.Requests(), p.Edits)
			}
		})
	}
}

func TestMakeStaysWithin(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1)
	w.pod("a.yaml", w.name("acme/web:v1"))
	w.pod("b.yaml", w.name("acme/web:v1"), w.name("acme/gone:v1"))
	p := w.plan(resolver.Options{Within: func(file string) bool { return file == "a.yaml" }})
	if len(p.Edits["a.yaml"]) == 0 || len(p.Edits["b.yaml"]) != 0 || len(p.Failures) != 0 {
		t.Errorf("edits %v, failures %v", p.Edits, p.Failures)
	}
	if w.server.Count("gone") != 0 {
		t.Errorf("asked for what is out of reach: %v", w.server.Requests())
	}
}

func TestMakeReportsFailures(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1)
	w.pod("a.yaml", w.name("acme/gone:v1"), w.name("acme/web:v1"))
	w.pod("b.yaml", w.name("acme/gone:v1"), w.name("Acme/web:v1"))
	p := w.plan(resolver.Options{})
	if len(p.Failures) != 1 || p.Failures[0].Name != w.name("acme/gone:v1") {
		t.Fatalf("failures %v", p.Failures)
	}
	want := []resolver.Place{{File: "a.yaml", Line: 6, Column: 14}, {File: "b.yaml", Line: 6, Column: 14}}
	if diff := cmp.Diff(want, p.Failures[0].Places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if len(p.Problems) != 1 || p.Problems[0].File != "b.yaml" || p.Problems[0].Line != 7 {
		t.Errorf("problems %v", p.Problems)
	}
	// The rest is planned all the same: what may be written is the command's decision.
	if len(p.Edits["a.yaml"]) == 0 || len(p.Lock.Entries) != 1 {
		t.Errorf("edits %v, lock %v", p.Edits, p.Lock.Entries)
	}
}

func TestMakeWritesDigestsOnly(t *testing.T) {
	w := newWorld(t)
	old := w.server.PushIndex("acme/web", "v1", 1)
	w.pod("a.yaml", w.name("acme/web:v1"))
	o := resolver.Options{Style: manifest.DigestOnly}
	w.carryOut(w.plan(o))
	if want := "'" + w.name("acme/web@"+old) + "'"; !strings.Contains(w.texts["a.yaml"], want) {
		t.Errorf("%s is not in\n%s", want, w.texts["a.yaml"])
	}
	if _, ok := w.lock.Find(lockfile.Image, w.name("acme/web:v1")); !ok {
		t.Errorf("the lock has lost the tag: %v", w.lock.Entries)
	}

	moved := w.server.PushIndex("acme/web", "v1", 2)
	o.Update = all
	w.carryOut(w.plan(o))
	if want := "'" + w.name("acme/web@"+moved) + "'"; !strings.Contains(w.texts["a.yaml"], want) {
		t.Errorf("%s is not in\n%s", want, w.texts["a.yaml"])
	}
}

// Where the tag has a field of its own, the digest takes its place if the consumer has such
// a form, and else a note says that the tag stays.
func TestMakeWritesDigestsInPlaceOfTags(t *testing.T) {
	for _, c := range []struct{ file, text, want, told string }{
		{"kustomization.yaml", "images:\n  - name: NAME\n    newTag: v1 # x\n    newName: NAME\n",
			"images:\n  - name: NAME\n    digest: DIGEST # x\n    newName: NAME\n", ""},
		{"kustomization.yaml", "images: [{name: NAME, newTag: 'v1'}]\n", "images: [{name: NAME, digest: DIGEST}]\n", ""},
		{"kustomization.yaml", `{"images": [{"name": "NAME", "newTag": "v1"}]}`, `{"images": [{"name": "NAME", "digest": "DIGEST"}]}`, ""},
		{"kustomization.yaml", "images: [{name: NAME, newTag: v1, digest: ''}]\n", "images: [{name: NAME, newTag: v1, digest: 'DIGEST'}]\n", "keeps its tag"},
	} {
		w := newWorld(t)
		fill := strings.NewReplacer("NAME", w.name("acme/web"), "DIGEST", w.server.PushIndex("acme/web", "v1", 1)).Replace
		w.texts[c.file] = fill(c.text)
		p := w.plan(resolver.Options{Style: manifest.DigestOnly})
		if len(p.Notes) != min(len(c.told), 1) || c.told != "" && !strings.Contains(p.Notes[0].Message, c.told) {
			t.Errorf("%s: notes %v", c.text, p.Notes)
		}
		w.carryOut(p)
		if diff := cmp.Diff(fill(c.want), w.texts[c.file]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if p := w.plan(resolver.Options{Style: manifest.DigestOnly}); len(p.Edits) > 0 || !p.Empty(w.lock.Format()) {
			t.Errorf("%s: a second plan has edits %v", c.text, p.Edits)
		}
		// A new digest of the tag goes to the same place.
		moved := w.server.PushIndex("acme/web", "v1", 2)
		w.carryOut(w.plan(resolver.Options{Style: manifest.DigestOnly, Update: all}))
		if !strings.Contains(w.texts[c.file], moved) || strings.Contains(c.want, "newTag") != strings.Contains(w.texts[c.file], "newTag") {
			t.Errorf("%s: moved to\n%s", c.text, w.texts[c.file])
		}
	}
}

func TestMakeSettlesMerges(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.server.PushIndex("acme/web", "v1", 1), w.server.PushIndex("acme/web", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1@"+ours))
	w.locked()
	known := []lockfile.Entry{w.lock.Entries[0]}
	w.lock, known = nil, append(known, lockfile.Entry{Kind: lockfile.Image, Name: w.name("acme/web:v1"), Digest: theirs})
	p := w.plan(resolver.Options{Known: known})
	if diff := cmp.Diff([]string{"merged pins acme/web:v1"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.server.Count("") != 0 || p.Lock.Entries[0].Digest != ours {
		t.Errorf("requests %v, lock %v", w.server.Requests(), p.Lock.Entries)
	}
}

func TestMakeEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	w.pod("a.yaml", w.name("acme/web:v1"))
	ctx, cancel := context.WithCancel(t.Context())
	w.server.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done()
		return true
	})
	p, err := resolver.Make(ctx, w.files(), nil, w.client, resolver.Options{})
	if p != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", p, err)
	}
}
