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
	one := w.server.PushIndex("acme/web", "v1", 1)
	w.server.PushIndex("acme/web", "v2", 2)
	w.pod("a.yaml", w.name("acme/web:v1"))
	w.locked()

	w.pod("a.yaml", w.name("acme/web:v2"))
	p := w.plan(resolver.Options{})
	if diff := cmp.Diff([]string{"dropped acme/web:v1", "tag edited acme/web:v2"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	w.pod("a.yaml", w.name("acme/web:v2@"+one))
	p = w.plan(resolver.Options{})
	if diff := cmp.Diff([]string{"dropped acme/web:v1", "stale tag acme/web:v2"}, w.changes(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.server.Count("") != 0 {
		t.Errorf("what is known was asked for: %v", w.server.Requests())
	}
}
