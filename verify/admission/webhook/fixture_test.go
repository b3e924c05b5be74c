package webhook_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// imageOf is the image that the lock of load has under a number, with its pin.
func imageOf(n int) string { return fmt.Sprintf("ghcr.io/acme/app-%d:1.0@sha256:%064x", n, n) }

// load loads a lock of n images.
func load(t testing.TB, n int) *admission.State {
	t.Helper()
	l := &lockfile.Lock{}
	for i := range n {
		name, digest, _ := strings.Cut(imageOf(i), "@")
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image, Name: name,
			Digest:    digest,
			MediaType: "application/vnd.oci.image.manifest.v1+json"})
	}
	l.Sort()
	v := source.Version{Source: "test", Commit: "test",
		Files: source.Files{"plumb.lock": l.Format()}}
	s,
		err := admission.Load(t.Context(), v,
		admission.LoadOptions{Roots: []admission.Root{{Path: "."}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// create is the request to create a Pod of an image in the namespace shop.
func create(image string) *admission.Request {
	pod := fmt.Appendf(nil,
		`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},`+
			`"spec":{"containers":[{"name":"c","image":%q}]}}`, image)
	return &admission.Request{UID: "1", Operation: "CREATE", Namespace: "shop", Name: "web",
		Object: json.RawMessage(pod)}
}
