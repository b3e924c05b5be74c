package admission_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// digestOf is a digest that stands for a number.
func digestOf(n int) string { return fmt.Sprintf("sha256:%064x", n) }

// imageOf is the name that the lock of lockOf has under a number, with its pin.
func imageOf(n int) string { return fmt.Sprintf("ghcr.io/acme/app-%d:1.0@%s", n, digestOf(n)) }

// lockOf is a lock of n images.
func lockOf(n int) []byte {
	l := &lockfile.Lock{}
	for i := range n {
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image,
			Name: fmt.Sprintf("ghcr.io/acme/app-%d:1.0", i), Digest: digestOf(i),
			MediaType: "application/vnd.oci.image.index.v1+json",
			Platforms: []lockfile.Platform{{Platform: "linux/amd64",
				Manifest: digestOf(1_000_000 + i), Config: digestOf(2_000_000 + i)}}})
	}
	l.Sort()
	return l.Format()
}

// versionOf holds a lock of n images, and what else files say.
func versionOf(n int, files map[string]string) source.Version {
	v := source.Version{Source: "https://git.example/acme/cluster.git main",
		Commit: strings.Repeat("c0ffee", 7)[:40],
		Time:   time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
		Files:  source.Files{"plumb.lock": lockOf(n)}}
	for name, text := range files {
		v.Files[name] = []byte(text)
	}
	return v
}

// load loads a version whose lock lies at the top.
func load(t testing.TB, v source.Version) *admission.State {
	t.Helper()
	s,
		err := admission.Load(t.Context(), v,
		admission.LoadOptions{Roots: []admission.Root{{Path: "."}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// object makes a JSON object of fields in JSON, each of whose values is what %s
// stands for.
func object(t testing.TB, text string, args ...any) json.RawMessage {
	t.Helper()
	raw := json.RawMessage(fmt.Sprintf(text, args...))
	if !json.Valid(raw) {
		t.Fatalf("no JSON: %s", raw)
	}
	return raw
}

// pod is a Pod with containers of images.
func pod(t testing.TB, images ...string) json.RawMessage {
	t.Helper()
	return object(t,
		`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},"spec":%s}`,
		podSpec(images...))
}

func podSpec(images ...string) string {
	var containers []string
	for i, image := range images {
		containers = append(containers, fmt.Sprintf(`{"name":"c%d","image":%q}`, i, image))
	}
	return `{"containers":[` + strings.Join(containers, ",") + `]}`
}

// create is the request to create an object in the namespace shop.
func create(o json.RawMessage) *admission.Request {
	return &admission.Request{UID: "1", Operation: "CREATE", Namespace: "shop", Name: "web",
		Object: o}
}
