package signatures_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
	"github.com/plumb-dev/plumb/resolver/signatures"
	"github.com/plumb-dev/plumb/verify/signature"
)

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	bundleType  = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

type nobody struct{}

func (nobody) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// shelf is a registry with an image.
type shelf struct {
	*registrytest.Server
	image oci.Name
}

func newShelf(t *testing.T, options registrytest.Options) shelf {
	t.Helper()
	s := registrytest.New(t, options)
	digest := s.PushIndex("acme/api", "v1", 1)
	return shelf{s, oci.Name{Host: s.Host(), Repository: "acme/api", Digest: digest}}
}

// find looks for what is on the shelf.
func (s shelf) find(t *testing.T, sources ...signatures.Source) ([]signature.Evidence, error) {
	t.Helper()
	c, err := registry.New(registry.Options{Keychain: nobody{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return signatures.Find(t.Context(), c.RoundTripper(), s.image, sources...)
}

// layer is one of a manifest that is pushed.
type layer struct {
	mediaType, text string
	annotations     map[string]string
}

// put pushes a manifest with layers and returns its descriptor.
func (s shelf) put(repo, tag, artifactType string, layers ...layer) map[string]any {
	config := s.PushBlob(repo, []byte("{}"))
	list := []any{}
	for _, l := range layers {
		list = append(list, map[string]any{"mediaType": l.mediaType, "digest": s.PushBlob(repo, []byte(l.text)),
			"size": len(l.text), "annotations": l.annotations})
	}
	m := map[string]any{
		"schemaVersion": 2, "mediaType": ociManifest, "layers": list,
		"config": map[string]any{"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2},
	}
	if artifactType != "" {
		m["artifactType"] = artifactType
		m["subject"] = map[string]any{"mediaType": ociIndex, "digest": s.image.Digest, "size": 1}
	}
	text := encode(m)
	digest := s.PushManifest(repo, tag, ociManifest, text)
	return map[string]any{"mediaType": ociManifest, "digest": digest, "size": len(text), "artifactType": artifactType}
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and strings
	}
	return data
}

// tag is the one that the older format uses for the image.
func (s shelf) tag(suffix string) string {
	return strings.Replace(s.image.Digest, ":", "-", 1) + suffix
}

func simple(text string) layer {
	return layer{signature.MediaTypeSimpleSigning, text, map[string]string{
		"dev.cosignproject.cosign/signature": "c2ln", "dev.sigstore.cosign/certificate": "CERT", "dev.sigstore.cosign/chain": "CHAIN",
		"dev.sigstore.cosign/bundle": "SET", "dev.sigstore.cosign/rfc3161timestamp": "TIME",
	}}
}

func legacy(text string) signature.Evidence {
	return signature.Evidence{Legacy: &signature.Legacy{MediaType: signature.MediaTypeSimpleSigning, Payload: []byte(text),
		Signature: "c2ln", Certificate: "CERT", Chain: "CHAIN", Bundle: "SET", Timestamp: "TIME"}}
}

// TestFind has both formats, by the referrers API and by the fallback tag.
func TestFind(t *testing.T) {
	for _, api := range []bool{true, false} {
		t.Run(fmt.Sprintf("referrers %t", api), func(t *testing.T) {
			s := newShelf(t, registrytest.Options{Token: true, Referrers: api})
			s.put("acme/api", s.tag(".sig"), "", simple("one"), simple("two"), simple("one"), layer{"text/plain", "none of ours", nil})
			s.put("acme/api", s.tag(".att"), "", layer{signature.MediaTypeDSSE, `{"payload":""}`, nil})
			bundle := s.put("acme/api", "", bundleType, layer{bundleType, `{"mediaType":"` + bundleType + `"}`, nil})
			sbom := s.put("acme/api", "", "application/spdx+json", layer{"application/spdx+json", "{}", nil})
			if !api {
				s.PushManifest("acme/api", s.tag(""), ociIndex, encode(map[string]any{
					"schemaVersion": 2, "mediaType": ociIndex, "manifests": []any{bundle, sbom}}))
			}
			got, err := s.find(t)
			if err != nil {
				t.Fatal(err)
			}
			want := []signature.Evidence{
				{Bundle: []byte(`{"mediaType":"` + bundleType + `"}`)},
				legacy("one"), legacy("two"),
				{Legacy: &signature.Legacy{MediaType: signature.MediaTypeDSSE, Payload: []byte(`{"payload":""}`)}},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := s.Count("/token"); n != 1 {
				t.Errorf("%d tokens were asked for, want 1", n)
			}
		})
	}
}

// TestFindNothing has an image that nobody signed: that is no error, and costs
// a request for each place.
func TestFindNothing(t *testing.T) {
	s := newShelf(t, registrytest.Options{Referrers: true})
	got, err := s.find(t)
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	if n := s.Count("/v2/acme/api/"); n != 3 {
		t.Errorf("%d requests, want 3:\n%s", n, strings.Join(s.Requests(), "\n"))
	}
}

// TestFindForms asks for no other forms than are wanted.
func TestFindForms(t *testing.T) {
	bundle := signature.Evidence{Bundle: []byte(`{"mediaType":"` + bundleType + `"}`)}
	attestation := signature.Evidence{Legacy: &signature.Legacy{MediaType: signature.MediaTypeDSSE, Payload: []byte(`{"payload":""}`)}}
	for _, tt := range []struct {
		forms    signatures.Forms
		want     []signature.Evidence
		requests int // a bundle's: referrers, manifest, blob; of a tag: manifest, blob
	}{
		{signatures.Bundles, []signature.Evidence{bundle}, 3},
		{signatures.Signatures, []signature.Evidence{legacy("one")}, 2},
		{signatures.Attestations, []signature.Evidence{attestation}, 2},
		{signatures.Bundles | signatures.Signatures, []signature.Evidence{bundle, legacy("one")}, 5},
		{0, []signature.Evidence{bundle, legacy("one"), attestation}, 7},
	} {
		s := newShelf(t, registrytest.Options{Referrers: true})
		s.put("acme/api", s.tag(".sig"), "", simple("one"))
		s.put("acme/api", s.tag(".att"), "", layer{signature.MediaTypeDSSE, `{"payload":""}`, nil})
		s.put("acme/api", "", bundleType, layer{bundleType, string(bundle.Bundle), nil})
		s.Reset()
		got, err := s.find(t, signatures.Source{Forms: tt.forms})
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("forms %b: %v (-want +got):\n%s", tt.forms, err, diff)
		}
		if n := s.Count("/v2/acme/api/"); n != tt.requests {
			t.Errorf("forms %b: %d requests, want %d:\n%s", tt.forms, n, tt.requests, strings.Join(s.Requests(), "\n"))
		}
	}
}

// TestFindElsewhere has signatures in a repository of their own, under tags with
// a prefix.
func TestFindElsewhere(t *testing.T) {
	s := newShelf(t, registrytest.Options{Referrers: true})
	s.put("signatures", "v2-"+s.tag(".sig"), "", simple("one"))
	source := signatures.Source{Repository: s.Host() + "/signatures", TagPrefix: "v2-"}
	got, err := s.find(t, source)
	if diff := cmp.Diff([]signature.Evidence{legacy("one")}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := s.find(t); len(got) != 0 || err != nil {
		t.Errorf("beside the image there is %v, %v", got, err)
	}
	if got, err := s.find(t, source, signatures.Source{}); len(got) != 1 || err != nil {
		t.Errorf("in both places there is %v, %v", got, err)
	}
}

// TestFindFails has registries that cannot be asked: what may be there is not
// known then, even if something else was found.
func TestFindFails(t *testing.T) {
	for _, path := range []string{"/referrers/", ".sig", ".att", "/blobs/"} {
		s := newShelf(t, registrytest.Options{Referrers: true})
		s.put("acme/api", s.tag(".sig"), "", simple("one"))
		s.Fail(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, path) {
				w.WriteHeader(http.StatusForbidden)
				return true
			}
			return false
		})
		if got, err := s.find(t); err == nil || !strings.Contains(err.Error(), s.image.String()) {
			t.Errorf("where %s fails: got %v, %v", path, got, err)
		}
	}
	s := newShelf(t, registrytest.Options{})
	s.Close()
	_, err := s.find(t)
	var e *registry.Error
	if !errors.As(err, &e) {
		t.Errorf("a registry that is gone: got %v, want a *registry.Error", err)
	}
}

// TestFindTooMany has more signatures than anyone needs.
func TestFindTooMany(t *testing.T) {
	s := newShelf(t, registrytest.Options{Referrers: true})
	var many []layer
	for i := range signatures.MaxEvidence + 1 {
		many = append(many, simple(fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))))
	}
	s.put("acme/api", s.tag(".sig"), "", many...)
	if _, err := s.find(t); err == nil || !strings.Contains(err.Error(), "257 signatures") {
		t.Errorf("got %v", err)
	}
	s.put("acme/api", s.tag(".sig"), "", many[1:]...)
	if got, err := s.find(t); err != nil || len(got) != signatures.MaxEvidence {
		t.Errorf("got %d, %v", len(got), err)
	}
}

// TestIndex has tags that mean an index, and what means none.
func TestIndex(t *testing.T) {
	s := newShelf(t, registrytest.Options{Token: true})
	s.PushImage("acme/api", "alone", 1)
	c, err := registry.New(registry.Options{Keychain: nobody{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for tag, there := range map[string]bool{"v1": true, "alone": false, "gone": false, "": false} {
		image := s.image
		image.Tag = tag
		index, err := signatures.Index(t.Context(), c.RoundTripper(), image)
		if err != nil || (index != nil) != there {
			t.Errorf("tag %q: %d bytes, %v", tag, len(index), err)
		}
		if there && fmt.Sprintf("sha256:%x", sha256.Sum256(index)) != s.image.Digest {
			t.Errorf("tag %q: it is another index than the one that was pushed", tag)
		}
	}
	s.Fail(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	image := s.image
	image.Tag = "v1"
	if _, err := signatures.Index(t.Context(), c.RoundTripper(), image); err == nil || !strings.Contains(err.Error(), "acme/api") {
		t.Errorf("of a registry that refuses: %v", err)
	}
}
