package evidence_test

import (
	"bytes"
	"crypto/ecdsa"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

func TestFile(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	path := ".plumb/evidence/sha256-" + strings.Repeat("0a", 32) + ".json"
	if got := evidence.File(digest); got != path {
		t.Errorf("got %s, want %s", got, path)
	}
	if got, ok := evidence.DigestIn(path); !ok || got != digest {
		t.Errorf("%s is that of %q, %t", path, got, ok)
	}
	hex := strings.Repeat("0a", 32)
	for _, other := range []string{
		"", ".plumb/evidence/", ".plumb/evidence/README.md", "x" + path, path + "x", "/" + path, "./" + path,
		".plumb/sha256-" + hex + ".json", ".plumb/evidence/sub/sha256-" + hex + ".json",
		".plumb/evidence/sha512-" + hex + ".json", ".plumb/evidence/sha256-" + hex, ".plumb/evidence/sha256-" + hex + ".yaml",
		".plumb/evidence/sha256-" + hex[2:] + ".json", ".plumb/evidence/sha256-" + strings.ToUpper(hex) + ".json",
		".plumb/evidence/sha256-../" + hex[3:] + ".json", ".plumb/evidence/sha256-" + hex + "\n.json",
	} {
		if _, ok := evidence.DigestIn(other); ok {
			t.Errorf("%q is one", other)
		}
	}
}

func TestDigest(t *testing.T) {
	bundle := signature.Evidence{Bundle: []byte(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`)}
	if got, want := evidence.Digest(bundle), digestOf(bundle.Bundle); got != want {
		t.Errorf("of a bundle: %s, want %s", got, want)
	}
	legacy := signature.Evidence{Legacy: &signature.Legacy{MediaType: signature.MediaTypeSimpleSigning, Payload: []byte("{}"), Signature: "c2ln"}}
	if got, want := evidence.Digest(legacy), digestOf(legacy.Format()); got != want {
		t.Errorf("of the older format: %s, want %s", got, want)
	}
	before := evidence.Digest(legacy)
	legacy.Legacy.Timestamp = "{}"
	if evidence.Digest(legacy) == before {
		t.Error("with a timestamp it has the digest that it had without")
	}
}

// Evidence is accepted in each form that it has, and what differs in one thing is not.
func TestEntryAccepts(t *testing.T) {
	k := must[*ecdsa.PrivateKey](t)(key())
	for _, tt := range []struct {
		name    string
		policy  string
		signing signaturetest.Signing
	}{
		{"key, bundle", byKey, signaturetest.Signing{Key: k, Log: signaturetest.NoLog}},
		{"key, older format", byKey, signaturetest.Signing{Key: k, Log: signaturetest.NoLog, Legacy: true}},
		{"identity, bundle", byIdentity, signaturetest.Signing{}},
		{"identity, older format", byIdentity, signaturetest.Signing{Legacy: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := signed(t, tt.signing)
			line := keyless(evidence.Digest(e))
			if tt.signing.Key != nil {
				line = keyed(t, evidence.Digest(e))
			}
			v := by(t, tt.policy).judge(t, storing(e)).Entry(entry(line))
			if !v.Accepted || said(v) != "" {
				t.Errorf("it is not accepted, or not with everything: %s", said(v))
			}
			if diff := cmp.Diff([]lockfile.Verified{line}, v.Verified); diff != "" {
				t.Errorf("the lock's lines (-want +got):\n%s", diff)
			}
		})
	}
}

// stage is an entry and the files beside it.
type stage struct {
	entry lockfile.Entry
	files folder
	world
}

// swap puts other bytes in place of the evidence, and has the entry name them, as
// anyone can who writes the tree.
func (s *stage) swap(data []byte) {
	digest := digestOf(data)
	s.files = folder{evidence.File(digest): data}
	s.entry.Verified[0].Evidence = digest
}

func TestEntryRejects(t *testing.T) {
	good := signed(t, signaturetest.Signing{})
	named := evidence.Digest(good)
	stranger := must[*signaturetest.Sigstore](t)(another())
	for _, tt := range []struct {
		name   string
		change func(s *stage)
		want   string // of what is said
	}{
		{"altered", func(s *stage) { s.files[evidence.File(named)] = append(bytes.Clone(good.Bundle), '\n') },
			"is altered: it is not what its name says"},
		{"cut short", func(s *stage) { s.files[evidence.File(named)] = good.Bundle[:len(good.Bundle)-1] }, "is altered"},
		{"empty", func(s *stage) { s.files[evidence.File(named)] = nil }, "is altered"},
		{"under another name", func(s *stage) {
			s.entry.Verified[0].Evidence = digestOf([]byte("else"))
			s.files = folder{evidence.File(digestOf([]byte("else"))): good.Bundle}
		}, "is altered"},
		{"missing", func(s *stage) { s.files = folder{} }, evidence.File(named) + " is missing: "},
		{"named by no line", func(s *stage) { s.entry.Verified = nil }, "no signature or attestation was found"},
		{"no evidence", func(s *stage) { s.swap([]byte("{}")) }, "cannot be used: evidence: media type"},
		{"no JSON", func(s *stage) { s.swap([]byte("sha256")) }, "cannot be used: evidence: "},
		{"another schema", func(s *stage) { s.swap([]byte(`{"schema":"plumb.dev/evidence/v2"}`)) }, `schema "plumb.dev/evidence/v2" is not known`},
		{"the older format, written otherwise", func(s *stage) {
			s.swap(append([]byte(" "), signed(t, signaturetest.Signing{Legacy: true}).Format()...))
		}, "not in the form that plumb writes"},
		{"too large", func(s *stage) {
			s.swap(append(bytes.Clone(good.Bundle), bytes.Repeat([]byte(" "), signature.MaxEvidence)...))
		}, "more than the 16777216 that are read"},
		{"of another image", func(s *stage) { s.swap(signed(t, signaturetest.Signing{Digest: digestOf([]byte("else"))}).Format()) },
			"it is not about " + pin},
		{"of another repository", func(s *stage) {
			s.swap(signed(t, signaturetest.Signing{Legacy: true, Repository: "registry.example/team/other"}).Format())
		}, "its docker-reference names registry.example/team/other, not " + repository},
		{"by another instance", func(s *stage) { s.swap(signedBy(t, stranger, signaturetest.Signing{}).Format()) },
			"no log that is trusted has an entry of it"},
		{"by somebody else", func(s *stage) {
			s.swap(signed(t, signaturetest.Signing{Subject: "https://github.com/evil", Issuer: issuer}).Format())
		}, "https://github.com/evil"},
		{"an attestation", func(s *stage) {
			s.swap(signed(t, signaturetest.Signing{PredicateType: "https://example.com/scan/v1"}).Format())
		}, `expected signature of an image, found attestation of type "https://example.com/scan/v1"`},
		{"entry of another image", func(s *stage) { s.entry.Digest = digestOf([]byte("else")) }, "it is not about " + digestOf([]byte("else"))},
		{"entry without a name", func(s *stage) { s.entry.Name = "registry.example/Team" }, "registry.example/Team"},
		{"entry without a digest", func(s *stage) { s.entry.Digest = "" }, "it is not pinned"},
		{"another trust root", func(s *stage) { s.trust = stranger }, "no log that is trusted has an entry of it"},
		{"another policy", func(s *stage) { s.policy = byKey }, "acme: "},
		{"no policy matches", func(s *stage) { s.policy = strings.ReplaceAll(byIdentity, "team/**", "other/**") }, "no policy matches it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &stage{entry(keyless(named)), storing(good), by(t, byIdentity)}
			if v := s.judge(t, s.files).Entry(s.entry); !v.Accepted || said(v) != "" {
				t.Fatalf("what it is changed from is not accepted: %s", said(v))
			}
			tt.change(s)
			v := s.judge(t, s.files).Entry(s.entry)
			if v.Accepted || len(v.Verified) > 0 {
				t.Error("it is accepted")
			}
			if !strings.Contains(said(v), tt.want) {
				t.Errorf("it says %q, want %q in it", said(v), tt.want)
			}
		})
	}
}

// An index's signature counts for what the index lists, if the index is there to show
// it.
func TestEntryOfChild(t *testing.T) {
	list := func(digests ...string) []byte {
		text := `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[`
		for i, d := range digests {
			text += strings.Repeat(",", min(i, 1)) + `{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,"digest":"` + d + `"}`
		}
		return []byte(text + "]}\n")
	}
	other := digestOf([]byte("else"))
	index, without := list(other, pin), list(other)
	sign := func(data []byte) signature.Evidence {
		return signed(t, signaturetest.Signing{Digest: digestOf(data), Legacy: true})
	}
	for _, tt := range []struct {
		name     string
		evidence signature.Evidence
		files    [][]byte
		want     string // of what is said
		accepted bool
	}{
		{"the index is signed, and there", sign(index), [][]byte{index}, "", true},
		{"beside another that does not list it", sign(index), [][]byte{index, without}, "cannot be used", true},
		{"the index is signed, and not there", sign(index), nil, "it is not about " + pin, false},
		{"the index is there, and not signed", sign([]byte("else")), [][]byte{index}, "it is neither about " + pin + " nor about the index", false},
		{"another index is signed, which does not list it", sign(without), [][]byte{without}, "cannot be used", false},
		{"another index is signed, and this one is there", sign(without), [][]byte{index}, "it is neither about " + pin + " nor about the index", false},
		{"what is no index", sign([]byte(pin)), [][]byte{[]byte(pin)}, "cannot be used", false},
		{"an index that is too large", sign(append(bytes.Clone(index), bytes.Repeat([]byte(" "), signature.MaxIndex)...)),
			[][]byte{append(bytes.Clone(index), bytes.Repeat([]byte(" "), signature.MaxIndex)...)}, "cannot be used", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := storing(tt.evidence)
			lines := []lockfile.Verified{keyless(evidence.Digest(tt.evidence))}
			for _, data := range tt.files {
				files[evidence.File(digestOf(data))] = data
				lines = append(lines, keyless(digestOf(data)))
			}
			v := by(t, byIdentity).judge(t, files).Entry(entry(lines...))
			if v.Accepted != tt.accepted || tt.want == "" && said(v) != "" || !strings.Contains(said(v), tt.want) {
				t.Errorf("accepted %t, want %t; it says %q, want %q in it", v.Accepted, tt.accepted, said(v), tt.want)
			}
		})
	}

	// What is remembered is remembered of the index, too.
	e := sign(index)
	r := remembering(t)
	r.files, r.entry = storing(e), entry(keyless(evidence.Digest(e)), keyless(digestOf(index)))
	r.files[evidence.File(digestOf(index))] = index
	r.judge(t)
	if v, hit := r.judge(t); !hit {
		t.Errorf("it is not remembered: %s", said(v))
	}
	delete(r.files, evidence.File(digestOf(index)))
	if v, hit := r.judge(t); hit || v.Accepted {
		t.Error("without the index it is accepted still")
	}
	r.entry.Verified = r.entry.Verified[:1]
	if v, hit := r.judge(t); hit || v.Accepted {
		t.Error("without a line for the index it is accepted still")
	}
}

func TestZeroJudgeDenies(t *testing.T) {
	var zero evidence.Judge
	e := signed(t, signaturetest.Signing{})
	for name, v := range map[string]evidence.Verdict{
		"Entry": zero.Entry(entry(keyless(evidence.Digest(e)))), "JudgeCached": zero.JudgeCached(entry()), "With": zero.With(entry(), nil, []signature.Evidence{e}, nil),
	} {
		if v.Accepted || v.Verdict == policy.Allowed || said(v) == "" {
			t.Errorf("%s accepts", name)
		}
	}
	if v := zero.Entry(entry(keyless(pin))); len(v.Faults) != 1 {
		t.Errorf("it does not say that the evidence is missing: %q", v.Faults)
	}
	if (evidence.Verdict{}).Accepted {
		t.Error("the zero Verdict accepts")
	}
}

func TestUnmatched(t *testing.T) {
	w := by(t, strings.ReplaceAll(byIdentity, "team/**", "other/**"))
	judge := w.judge(t, folder{})
	if judge.Entry(entry()).Accepted {
		t.Error("it is accepted")
	}
	judge.AcceptUnmatched = true
	if v := judge.Entry(entry()); !v.Accepted || v.Verdict != policy.Unmatched {
		t.Errorf("it is not accepted: %s", said(v))
	}
	denied := by(t, byIdentity).judge(t, folder{})
	denied.AcceptUnmatched = true
	if denied.Entry(entry()).Accepted {
		t.Error("what a policy denies is accepted as if none matched")
	}
}

// TestTagOfTheLock: that a lock has a digest under a tag counts for policies of the same tree,
// and is what anyone may have written for those from outside.
func TestTagOfTheLock(t *testing.T) {
	passing := byKey[:strings.Index(byKey, "  authorities:")] + "  authorities: [{static: {action: pass}}]\n"
	for glob, want := range map[string]bool{"registry.example/team/**": true, tracked: false} {
		judge := by(t, strings.ReplaceAll(passing, "registry.example/team/**", glob)).judge(t, folder{})
		if v := judge.Entry(entry()); !v.Accepted {
			t.Errorf("%s, the tree's own: %s", glob, said(v))
		}
		external := *judge
		external.ExternalPolicies = true
		v := external.Entry(entry())
		if v.Accepted != want {
			t.Errorf("%s, from outside: accepted %t, want %t", glob, v.Accepted, want)
		}
		if said := strings.Join(v.Reasons(), "; "); !want && !strings.Contains(said, "matches only the tag") {
			t.Errorf("%s, from outside: %s", glob, said)
		}
	}
}

// The lock's lines are a report. What in them is not proven is said, and where
// policies are external nothing follows from it.
func TestUnproven(t *testing.T) {
	e := signed(t, signaturetest.Signing{})
	named := evidence.Digest(e)
	judge := by(t, byIdentity).judge(t, storing(e))
	for name, change := range map[string]func(*lockfile.Verified){
		"signer":    func(l *lockfile.Verified) { l.Signer = "the president" },
		"policy":    func(l *lockfile.Verified) { l.Policy = "other" },
		"authority": func(l *lockfile.Verified) { l.Authority = "other" },
	} {
		line := keyless(named)
		change(&line)
		v := judge.Entry(entry(line))
		if !v.Accepted || len(v.Unproven) != 1 || len(v.Faults) != 0 {
			t.Errorf("another %s: accepted %t, with %q", name, v.Accepted, said(v))
		}
		external := *judge
		external.ExternalPolicies = true
		if v := external.Entry(entry(line)); !v.Accepted || said(v) != "" {
			t.Errorf("another %s, by external policies: %q", name, said(v))
		}
	}
	both := entry(keyless(named), keyless(digestOf([]byte("gone"))))
	if v := judge.Entry(both); !v.Accepted || len(v.Faults) != 1 || len(v.Unproven) != 1 {
		t.Errorf("with a piece that is missing: accepted %t, with %q", v.Accepted, said(v))
	}
}

// Each file is read once, however many lines name it.
func TestEntryReadsOnce(t *testing.T) {
	e := signed(t, signaturetest.Signing{})
	files, read := storing(e), 0
	judge := by(t, byIdentity).judge(t, files)
	judge.Read = func(path string) ([]byte, error) {
		read++
		return files.read(path)
	}
	second := keyless(evidence.Digest(e))
	second.Policy = "other"
	judge.Entry(entry(keyless(evidence.Digest(e)), second))
	if read != 1 {
		t.Errorf("it was read %d times", read)
	}
}

func TestJudgement(t *testing.T) {
	v := evidence.Verdict{Faults: []string{"a file is missing"}, Unproven: []string{"a line is not proven"}}
	j := v.Judgement()
	if j.Accepted || strings.Join(j.Faults, ", ") != "a file is missing, a line is not proven" {
		t.Errorf("the judgement is %+v", j)
	}
	v = evidence.Verdict{Accepted: true}
	if j := v.Judgement(); !j.Accepted || len(j.Reasons)+len(j.Faults)+len(j.Remarks) > 0 {
		t.Errorf("the judgement of what is accepted is %+v", j)
	}
}
