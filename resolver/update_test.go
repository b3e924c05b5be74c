package resolver_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/resolver"
)

func TestMakeUpdates(t *testing.T) {
	w := newWorld(t)
	old, side := w.server.PushIndex("acme/web", "v1", 1), w.server.PushIndex("acme/side", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/side:v1"))
	w.locked()

	p := w.plan(resolver.Options{Update: all})
	if !p.Empty(w.lock.Format()) || w.server.Count("HEAD") != 2 || w.server.Count("GET /v2/acme") != 0 {
		t.Errorf("nothing moved: changes %v, requests %v", p.Changes, w.server.Requests())
	}

	moved := w.server.PushIndex("acme/web", "v1", 3)
	w.server.PushIndex("acme/side", "v1", 4)
	p = w.plan(resolver.Options{Update: func(n resolver.Tracked) bool { return strings.Contains(n.Name, "/web:") }})
	if diff := cmp.Diff([]string{"moved acme/web:v1"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.carryOut(p)
	for _, want := range []string{moved, side} {
		if !strings.Contains(w.texts["a.yaml"], want) {
			t.Errorf("%s is not in\n%s", want, w.texts["a.yaml"])
		}
	}
	if strings.Contains(w.texts["a.yaml"], old) {
		t.Errorf("%s is still in\n%s", old, w.texts["a.yaml"])
	}
}

func TestMakeFollowsTagsEditedByHand(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "v1", 1)
	w.server.PushIndex("acme/web", "v2", 2)
	w.pod("a.yaml", w.name("acme/web:v1"))
	w.locked()

	w.pod("a.yaml", w.name("acme/web:v2"))
	p := w.plan(resolver.Options{})
	if diff := cmp.Diff([]string{"dropped acme/web:v1", "tag edited acme/web:v2"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMakeAsksWhatATagMeans has a tag that was edited with the digest of another one left
// behind it. The digest is locked if the tag means it, or if that is what is wanted.
func TestMakeAsksWhatATagMeans(t *testing.T) {
	for name, tt := range map[string]struct {
		tag     string
		options resolver.Options
		changes []string
		stale   string // part of what is said, "" for nothing
		fails   bool
		asked   int
	}{
		"it means another":            {"v2", resolver.Options{}, nil, "the tag means", false, 1},
		"it means the same":           {"v1.0", resolver.Options{}, []string{"dropped acme/web:v1", "tag edited acme/web:v1.0"}, "", false, 1},
		"it means nothing":            {"v9", resolver.Options{}, nil, "", true, 1},
		"another, and it is kept":     {"v2", resolver.Options{KeepDigest: all}, []string{"dropped acme/web:v1", "stale tag acme/web:v2"}, "", false, 0},
		"nothing, and it is kept":     {"v9", resolver.Options{KeepDigest: all}, []string{"dropped acme/web:v1", "stale tag acme/web:v9"}, "", false, 0},
		"another, and it is updated":  {"v2", resolver.Options{Update: all}, []string{"dropped acme/web:v1", "moved acme/web:v2"}, "", false, 1},
		"another name is to be kept":  {"v2", resolver.Options{KeepDigest: func(n resolver.Tracked) bool { return strings.HasSuffix(n.Name, ":v1") }}, nil, "the tag means", false, 1},
		"it is that of a digest only": {"", resolver.Options{}, nil, "", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			one := w.server.PushIndex("acme/web", "v1", 1)
			w.server.MoveTag("acme/web", "v1.0", "v1")
			two := w.server.PushIndex("acme/web", "v2", 2)
			w.pod("a.yaml", w.name("acme/web:v1"))
			w.locked()
			before := w.lock.Entries[0]
			written := w.name("acme/web:" + tt.tag + "@" + one)
			if tt.tag == "" {
				written = w.name("acme/web@" + one)
			}
			w.pod("a.yaml", written)
			w.server.Reset()
			p := w.plan(tt.options)
			if got := w.server.Count("/manifests/" + tt.tag); got != tt.asked && tt.tag != "" || tt.asked == 0 && w.server.Count("") > 0 {
				t.Errorf("asked: %v", w.server.Requests())
			}
			if diff := cmp.Diff(tt.changes, w.changes(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (len(p.Failures) > 0) != tt.fails {
				t.Errorf("failures %v", p.Failures)
			}
			if tt.stale == "" && len(p.Stale) > 0 || tt.stale != "" && (len(p.Stale) != 1 || !strings.Contains(p.Stale[0].Message, tt.stale+" "+two)) {
				t.Errorf("stale: %+v", p.Stale)
			}
			if len(tt.changes) == 0 && (len(p.Lock.Entries) != 1 || !p.Lock.Entries[0].Equal(before)) {
				t.Errorf("the lock has %v: the next run would not know that the digest is another tag's", p.Lock.Entries)
			}
		})
	}
}
