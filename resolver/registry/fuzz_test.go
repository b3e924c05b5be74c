package registry

import (
	"slices"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

// FuzzManifest parses what a registry may serve, and checks that a lock can hold the
// result.
func FuzzManifest(f *testing.F) {
	const digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	f.Add(ociIndex, `{"schemaVersion":2,"manifests":[{"digest":"`+digest+`","platform":{"os":"linux","architecture":"arm","variant":"v7"}}]}`)
	f.Add(ociManifest, `{"schemaVersion":2,"config":{"digest":"`+digest+`"},"layers":[]}`)
	f.Add(dockerList, `{"schemaVersion":2,"mediaType":"`+dockerList+`","manifests":[]}`)
	f.Fuzz(func(t *testing.T, header, body string) {
		d := document{digest: digestOf([]byte(body)), headerType: header, body: []byte(body)}
		m, err := parseManifest(d)
		if err != nil {
			return
		}
		list, err := listPlatforms(m.Manifests)
		if err != nil {
			return
		}
		entry := lockfile.Entry{Kind: lockfile.Image, Name: "docker.io/library/a:1", Digest: d.digest, MediaType: m.MediaType, Platforms: list}
		lock := &lockfile.Lock{Entries: []lockfile.Entry{entry}}
		got, err := lockfile.Parse("plumb.lock", lock.Format())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Entries) != 1 || got.Entries[0].MediaType != m.MediaType || !slices.Equal(got.Entries[0].Platforms, list) {
			t.Fatalf("%v became %v", entry, got.Entries)
		}
	})
}
