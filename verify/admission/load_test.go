package admission_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// The signer of the images in these tests, and another identity.
const (
	release = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"
	someone = "https://github.com/eve/app/.github/workflows/release.yml@refs/heads/main"
	github  = "https://token.actions.githubusercontent.com"
)

// instance is the sigstore instance that is trusted, another is one that is not.
var instance, another = sync.OnceValues(signaturetest.New), sync.OnceValues(signaturetest.New)

// byRelease is a policy that wants the identity for all images; more is put into its
// spec.
func byRelease(subject, more string) string {
	return fmt.Sprintf(`apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: acme}
spec:
  images: [{glob: "ghcr.io/acme/*"}]
  authorities:
    - name: release
      keyless: {identities: [{issuer: %q, subject: %q}]}
%s`, github, subject, more)
}

// sign signs the image of a number.
func sign(t testing.TB, by func() (*signaturetest.Sigstore, error), n int,
	subject string) signature.Evidence {
	t.Helper()
	s, err := by()
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Sign(signaturetest.Signing{Repository: fmt.Sprintf("ghcr.io/acme/app-%d", n),
		Digest: digestOf(n), Subject: subject, Issuer: github})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// trusted is the trust root of the instance.
func trusted(t testing.TB) string {
	t.Helper()
	s, err := instance()
	if err != nil {
		t.Fatal(err)
	}
	data, err := s.TrustedRoot()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// signedVersion holds a lock of an image for each piece of evidence, in order, with
// the lines that plumb lock writes where it is accepted.
func signedVersion(t testing.TB, all ...signature.Evidence) source.Version {
	t.Helper()
	v := versionOf(0, map[string]string{"policies/acme.yaml": byRelease(release, ""),
		"policies/trusted_root.json": trusted(t)})
	l := &lockfile.Lock{}
	for i, e := range all {
		l.Entries = append(l.Entries, lockfile.Entry{Kind: lockfile.Image,
			Name: fmt.Sprintf("ghcr.io/acme/app-%d:1.0", i), Digest: digestOf(i),
			MediaType: "application/vnd.oci.image.index.v1+json",
			Verified: []lockfile.Verified{{Policy: "acme", Authority: "release",
				Signer: release + " (issuer " + github + ")", Evidence: evidence.Digest(e)}}})
		v.Files[evidence.File(evidence.Digest(e))] = e.Format()
	}
	l.Sort()
	v.Files["plumb.lock"] = l.Format()
	return v
}

// own are policies of the cluster.
func own(t testing.TB, docs ...string) *policy.Set {
	t.Helper()
	all := []policy.Document{{File: "trusted_root.json", Data: []byte(trusted(t))}}
	for i, text := range docs {
		all = append(all, policy.Document{File: fmt.Sprintf("%d.yaml", i), Data: []byte(text)})
	}
	set, err := policy.Parse(all, policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestLoadVerifies: a version is served only if the evidence of all its images is
// there and satisfies the policies, the cluster's if it has any.
func TestLoadVerifies(t *testing.T) {
	good, second := sign(t, instance, 0, release), sign(t, instance, 1, release)
	byEve, foreign := sign(t, instance, 1, someone), sign(t, another, 1, release)
	ofAnother := sign(t, instance, 7, release) // the signature of another image
	anyone := "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: " +
		"{name: acme}\nspec:\n  images: [{glob: \"**\"}]\n  authorities: [{name: anyone, static: " +
		"{action: pass}}]\n"
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := signaturetest.PublicPEM(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		second signature.Evidence // of app-1
		files  map[string]string  // besides, or instead; "" is none
		own    *policy.Set
		want   string // in the error; "" for none
	}{
		{"signed", second, nil, nil, ""},
		{"signed, by the cluster's policy", second, nil, own(t, byRelease(release, "")), ""},
		{"signed by somebody else", byEve, nil, nil, "plumb.lock: ghcr.io/acme/app-1:1.0 is not " +
			"accepted"},
		{"signed by another identity, which the repository trusts", byEve,
			map[string]string{"policies/acme.yaml": byRelease(someone, "")},
			own(t, byRelease(release, "")), "app-1:1.0 is not accepted"},
		{"of another instance", foreign, nil, nil, "app-1:1.0 is not accepted"},
		{"of another instance, by the cluster's policy", foreign, nil,
			own(t, byRelease(release, "")), "app-1:1.0 is not accepted"},
		{"of another image", ofAnother, nil, nil, "app-1:1.0 is not accepted"},
		{"missing", second, map[string]string{evidence.File(evidence.Digest(second)): ""}, nil,
			"app-1:1.0 is not accepted"},
		{"altered", second,
			map[string]string{evidence.File(evidence.Digest(second)): string(second.Format()) +
				"\n"}, nil, "app-1:1.0 is not accepted"},
		{"exchanged", second,
			map[string]string{evidence.File(evidence.Digest(second)): string(good.Format())}, nil,
			"app-1:1.0 is not accepted"},

		{"anyone will do for the repository", byEve,
			map[string]string{"policies/acme.yaml": anyone}, nil,
			"but the evidence does not prove it"},
		{"anyone will do for the cluster", byEve, nil, own(t, anyone), ""},
		{"no policy of the repository", byEve, map[string]string{"policies/acme.yaml": ""},
			own(t, byRelease(release, "")), "app-1:1.0 is not accepted"},
		{"the repository allows unsigned", second,
			map[string]string{"plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\nunsigned: " +
				"allow\n"}, own(t, strings.Replace(byRelease(release, ""), "ghcr.io/acme/*",
				"ghcr.io/acme/app-0*", 1)), "app-1:1.0 is not accepted: no policy matches it"},
		{"a policy that names a key", second,
			map[string]string{"policies/key.yaml": strings.NewReplacer("name: anyone, static: "+
				"{action: pass}", "name: key, key: {file: acme.pub}", "name: acme",
				"name: key").Replace(anyone), "policies/acme.pub": string(pem)}, nil,
			"policy key is not satisfied"},
		{"policies that are not there", second,
			map[string]string{"plumb.yaml": "apiVersion: plumb.dev/v1\nkind: Config\npolicies: " +
				"[rules/*.yaml]\n"}, nil, "plumb.yaml: policies: rules/*.yaml matches no file"},
		{"a broken policy", second, map[string]string{"policies/acme.yaml": byRelease(release,
			"  surprise: 1\n")}, nil, "policies/acme.yaml:"},
		{"a broken plumb.yaml", second, map[string]string{"plumb.yaml": "kind: Config\n"}, nil,
			"plumb.yaml:"},
		{"no lock", second, map[string]string{"plumb.lock": ""}, nil, "not found in"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := signedVersion(t, good, test.second)
			for name, text := range test.files {
				v.Files[name] = []byte(text)
				if text == "" {
					delete(v.Files, name)
				}
			}
			s,
				err := admission.Load(t.Context(), v,
				admission.LoadOptions{Roots: []admission.Root{{Path: "."}}, Policies: test.own})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for n := range 2 {
				if d := s.Review(create(pod(t, imageOf(n))), admission.Rules{},
					time.Now()); !d.Allowed || len(d.Warnings) > 0 {
					t.Errorf("image %d: %s %q", n, d.Message, d.Warnings)
				}
			}
			if d := s.Review(create(pod(t, imageOf(2))), admission.Rules{}, time.Now()); d.Allowed {
				t.Error("an image that is not in the lock is allowed")
			}
		})
	}
}
