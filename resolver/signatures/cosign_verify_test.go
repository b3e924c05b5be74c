package signatures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// judgement is evidence beside an image, and what is demanded of it.
type judgement struct {
	name     string
	signing  signaturetest.Signing
	stranger bool   // signed with an instance that is not trusted
	about    string // digest that is signed, if not the image's
	// What is demanded besides the tests' identity.
	subject, subjectRegExp, issuer string
	predicateType                  string
	stamped, noLog, noSCT          bool

	accepted bool
	// stricter says why plumb refuses what the clients accept, "" if they do not.
	stricter string
	bundle   bool // there is no such thing in the older format
	legacy   bool // nor in a bundle
}

var judgements = []judgement{
	{name: "signed", accepted: true},
	{name: "signed and stamped", signing: signaturetest.Signing{Timestamp: true}, stamped: true, accepted: true},
	{name: "Rekor v2", signing: signaturetest.Signing{Log: signaturetest.LogV2, Timestamp: true}, stamped: true, accepted: true, bundle: true},
	{name: "stamped alone", signing: unlogged, stamped: true, noLog: true, accepted: true},
	{name: "no log entry", signing: unlogged, stamped: true},
	{name: "no timestamp where one is demanded", stamped: true, bundle: true},
	{name: "no timestamp where one is demanded, in the older format", stamped: true, legacy: true,
		stricter: "the client takes a timestamp then, and asks for none"},
	{name: "no time", signing: signaturetest.Signing{Log: signaturetest.NoLog}, noLog: true},
	{name: "certificate without SCT", signing: signaturetest.Signing{NoSCT: true}},
	{name: "certificate without SCT where none is demanded", signing: signaturetest.Signing{NoSCT: true}, noSCT: true, accepted: true},
	{name: "certificate that had ended", signing: signaturetest.Signing{Issued: signaturetest.Epoch.Add(-time.Hour)}},
	{name: "other instance", stranger: true},
	{name: "other subject", subject: subject + "0"},
	{name: "other issuer", issuer: issuer + "/"},
	{name: "subject regexp", subjectRegExp: `^https://github\.com/acme/.*$`, accepted: true},
	{name: "subject regexp that matches a part", subjectRegExp: `https://github\.com/acme`,
		stricter: "a regexp must match the whole subject, whether it has anchors or not"},
	{name: "other image", about: digestOf("another image")},
	{name: "attestation", signing: signaturetest.Signing{PredicateType: provenance}, predicateType: provenance, accepted: true},
	{name: "attestation as Rekor's type intoto", signing: signaturetest.Signing{PredicateType: provenance, InToto: true},
		predicateType: provenance, accepted: true},
	{name: "attestation of another type", signing: signaturetest.Signing{PredicateType: provenance}, predicateType: "https://example.com/v1"},
	{name: "attestation of another image", signing: signaturetest.Signing{PredicateType: provenance}, about: digestOf("another image"),
		predicateType: provenance},
	{name: "other repository in docker-reference", signing: signaturetest.Signing{Reference: "registry.example/other"}, legacy: true,
		stricter: "a signature for one repository is none for another"},
}

// TestCosignVerifies has the real clients verify what the tests sign. What they
// accept plumb accepts and what they refuse plumb refuses, but where it is said
// otherwise.
func TestCosignVerifies(t *testing.T) {
	for version, formats := range cosignFormats {
		for _, legacy := range formats {
			for _, j := range judgements {
				if legacy && j.bundle || !legacy && j.legacy {
					continue
				}
				t.Run(fmt.Sprintf("%s/legacy=%t/%s", version, legacy, j.name), func(t *testing.T) {
					c := newClient(t, version)
					t.Parallel()
					image, e := j.store(t, legacy)
					_, err := signature.Verify(signature.Subject{Repository: image.repository(), Digest: image.digest}, e, j.requirement(t))
					if got := err == nil; got != j.accepted {
						t.Errorf("plumb accepts: %t: %v", got, err)
					}
					accepts, output := c.run(t, append(j.flags(t, c, legacy), image.name())...)
					if want := j.accepted || j.stricter != ""; accepts != want {
						t.Errorf("cosign accepts: %t; plumb: %v; cosign:\n%s", accepts, err, output)
					}
				})
			}
		}
	}
}

// store puts the evidence beside a new image.
func (j judgement) store(t *testing.T, legacy bool) (signedImage, signature.Evidence) {
	t.Helper()
	image := newImage(t)
	what := j.signing
	what.Legacy, what.Repository, what.Digest = legacy, image.repository(), image.digest
	if j.about != "" {
		what.Digest = j.about
	}
	by := sigstore(t)
	if j.stranger {
		by = stranger(t)
	}
	e := signBy(t, by, what)
	const mediaType = "application/vnd.oci.image.manifest.v1+json"
	stored, err := signaturetest.Store(e, signaturetest.Image{MediaType: mediaType, Digest: image.digest,
		Size: image.size(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, blob := range stored.Blobs {
		image.server.PushBlob("team/app", blob)
	}
	image.server.PushManifest("team/app", stored.Tag, stored.MediaType, stored.Manifest)
	return image, e
}

// demanded fills in the tests' identity.
func (j judgement) demanded() judgement {
	if j.subject == "" && j.subjectRegExp == "" {
		j.subject = subject
	}
	if j.issuer == "" {
		j.issuer = issuer
	}
	return j
}

// requirement is what is demanded of plumb.
func (j judgement) requirement(t *testing.T) signature.Requirement {
	t.Helper()
	j = j.demanded()
	r := byIdentity(t)
	r.Identities = []signature.Identity{identity(t, j.issuer, j.subject, j.subjectRegExp)}
	r.Timestamp, r.NoLogUnsafe, r.NoSCTUnsafe = j.stamped, j.noLog, j.noSCT
	if j.predicateType != "" {
		r.Kind, r.PredicateType = signature.Attestation, j.predicateType
	}
	return r
}

// flags are the same for a client.
func (j judgement) flags(t *testing.T, c *client, legacy bool) []string {
	t.Helper()
	j = j.demanded()
	out := []string{"verify"}
	if j.predicateType != "" {
		out = []string{"verify-attestation", "--type", j.predicateType}
	}
	if legacy && j.predicateType != "" { // which takes no trusted root
		out = append(out, c.trustParts(t)...)
	} else {
		trusted, err := sigstore(t).TrustedRoot()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, "--trusted-root", c.file(t, "trusted_root.json", trusted))
	}
	out = append(out, "--certificate-oidc-issuer", j.issuer,
		fmt.Sprintf("--use-signed-timestamps=%t", j.stamped), fmt.Sprintf("--insecure-ignore-tlog=%t", j.noLog),
		fmt.Sprintf("--insecure-ignore-sct=%t", j.noSCT))
	if j.subject != "" {
		out = append(out, "--certificate-identity", j.subject)
	} else {
		out = append(out, "--certificate-identity-regexp", j.subjectRegExp)
	}
	if !c.bundles() {
		out = append(out, "--offline", fmt.Sprintf("--new-bundle-format=%t", !legacy))
	}
	return out
}

// trustParts has the client trust the instance part by part.
func (c *client) trustParts(t *testing.T) []string {
	t.Helper()
	s := sigstore(t)
	log, err := s.LogPEM()
	if err != nil {
		t.Fatal(err)
	}
	ctLog, err := s.CTLogPEM()
	if err != nil {
		t.Fatal(err)
	}
	c.env = []string{"SIGSTORE_REKOR_PUBLIC_KEY=" + c.file(t, "rekor.pub", log),
		"SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=" + c.file(t, "ctlog.pub", ctLog)}
	chain := s.AuthorityPEM()
	root := rootOnly(chain)
	return []string{"--ca-roots", c.file(t, "root.pem", root), "--ca-intermediates", c.file(t, "issuer.pem", chain[:len(chain)-len(root)])}
}
