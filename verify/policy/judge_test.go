package policy_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// accepting is a case of one signature that is judged by one authority.
type accepting struct {
	name, authority string
	signing         signaturetest.Signing
	want            string // "" where it is accepted, else part of why not
}

// changed is a signing with changes.
func changed(s signaturetest.Signing, changes ...func(*signaturetest.Signing)) signaturetest.Signing {
	for _, change := range changes {
		change(&s)
	}
	return s
}

func legacy(s *signaturetest.Signing)      { s.Legacy = true }
func logged(s *signaturetest.Signing)      { s.Log = signaturetest.LogV1 }
func unlogged(s *signaturetest.Signing)    { s.Log = signaturetest.NoLog }
func stamped(s *signaturetest.Signing)     { s.Timestamp = true }
func stampedOnly(s *signaturetest.Signing) { s.Log, s.Timestamp = signaturetest.NoLog, true }
func logged2(s *signaturetest.Signing)     { s.Log = signaturetest.LogV2 }
func noSCT(s *signaturetest.Signing)       { s.NoSCT = true }
func attests(s *signaturetest.Signing) {
	s.PredicateType, s.Predicate = scan, json.RawMessage(`{"findings":3}`)
}

// TestAuthorities judges one signature by one authority: each that is accepted has twins
// that are not, and why.
func TestAuthorities(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t)
	otherRoot := other.trustRoot(t, "other")
	for _, tt := range append(keyCases(t, w), identityCases(w, other)...) {
		t.Run(tt.name, func(t *testing.T) {
			set := mustParse(t, cip(tt.authority), w.root, w.trust, otherRoot)
			d := set.Judge(app(t), []signature.Evidence{w.sign(t, tt.signing)})
			wantVerdict(t, d, tt.want)
		})
	}
}

func keyCases(t *testing.T, w *world) []accepting {
	byKey := signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog}
	another := signaturetest.Signing{Key: newKey(t), Log: signaturetest.NoLog}
	keyed := keyOf(t, w.key.Public())
	return []accepting{
		{"key", keyed, byKey, ""},
		{"key, older format", keyed, changed(byKey, legacy), ""},
		{"key, logged besides", keyed, changed(byKey, logged), ""},
		{"other key", keyed, another, "accepted signatures do not match"},
		{"other key, older format", keyed, changed(another, legacy), "invalid signature"},
		{"other digest", keyed, changed(byKey, func(s *signaturetest.Signing) { s.Digest = strings.Replace(digest, "5504", "5505", 1) }), "it is not about"},
		{"other repository", keyed, changed(byKey, func(s *signaturetest.Signing) { s.Legacy = true; s.Reference = "ghcr.io/acme/other" }), "ghcr.io/acme/other"},
		{"identity instead of a key", keyed, signaturetest.Signing{}, "not by a bare key"},
		{"attestation instead of a signature", keyed, changed(byKey, attests), scan},

		{"format bundle", keyed + "\nsignatureFormat: bundle\n", byKey, ""},
		{"format bundle, is older", keyed + "\nsignatureFormat: bundle\n", changed(byKey, legacy), "it is not of the format bundle"},
		{"format legacy", keyed + "\nsignatureFormat: legacy\n", changed(byKey, legacy), ""},
		{"format legacy, is bundle", keyed + "\nsignatureFormat: legacy\n", byKey, "it is not of the format legacy"},

		{"key and log", keyed + "\nctlog: {trustRootRef: acme}\n", changed(byKey, logged), ""},
		{"key and log, not logged", keyed + "\nctlog: {trustRootRef: acme}\n", byKey, "log"},
		{"key and log, older format", keyed + "\nctlog: {trustRootRef: acme}\n", changed(byKey, legacy, logged), ""},
		{"key and log, older format, not logged", keyed + "\nctlog: {trustRootRef: acme}\n", changed(byKey, legacy), "log"},
		{"key and public log", keyed + "\nctlog: {url: https://rekor.sigstore.dev}\n", changed(byKey, logged), ""},
		{"key and public log, not logged", keyed + "\nctlog: {url: https://rekor.sigstore.dev}\n", byKey, "log"},
		{"key and another's log", keyed + "\nctlog: {trustRootRef: other}\n", changed(byKey, logged), "log"},
		{"key and timestamp", keyed + "\nrfc3161timestamp: {trustRootRef: acme}\n", changed(byKey, stampedOnly), ""},
		{"key and timestamp, not stamped", keyed + "\nrfc3161timestamp: {trustRootRef: acme}\n", changed(byKey, logged), "timestamp"},
		{"key and another's timestamp", keyed + "\nrfc3161timestamp: {trustRootRef: other}\n", changed(byKey, stampedOnly), "timestamp"},
		{"key, log and timestamp", keyed + "\nctlog: {trustRootRef: acme}\nrfc3161timestamp: {trustRootRef: acme}\n", changed(byKey, logged, stamped), ""},
		{"key, log and timestamp, no log", keyed + "\nctlog: {trustRootRef: acme}\nrfc3161timestamp: {trustRootRef: acme}\n", changed(byKey, stampedOnly), "log"},
	}
}

func identityCases(w, other *world) []accepting {
	const acme = "trustRootRef: acme"
	var byIdentity signaturetest.Signing
	return []accepting{
		{"identity, public", keyless(), byIdentity, ""},
		{"identity, public, with urls", keyless("url: https://fulcio.sigstore.dev") + "ctlog: {url: https://rekor.sigstore.dev}\n", byIdentity, ""},
		{"identity, public, older format", keyless(), changed(byIdentity, legacy), ""},
		{"identity, public, stamped only", keyless(), changed(byIdentity, stampedOnly), "log"},
		{"identity, root", keyless(acme), byIdentity, ""},
		{"identity, root, stamped only", keyless(acme), changed(byIdentity, stampedOnly), ""},
		{"identity, root, no time", keyless(acme), changed(byIdentity, unlogged), "timestamp"},
		{"identity, root and log", keyless(acme) + "ctlog: {trustRootRef: acme}\n", byIdentity, ""},
		{"identity, root and log, stamped only", keyless(acme) + "ctlog: {trustRootRef: acme}\n", changed(byIdentity, stampedOnly), "log"},
		{"identity, another's root", keyless("trustRootRef: other"), byIdentity, "log"},
		{"identity, another's authority", keyless("trustRootRef: other") + "ctlog: {trustRootRef: acme}\n", byIdentity, "leaf certificate"},
		{"identity, another's log", keyless(acme) + "ctlog: {trustRootRef: other}\n", byIdentity, "log"},
		{"identity, public, Rekor v2", keyless(), changed(byIdentity, logged2, stamped), ""},
		{"identity, public, Rekor v2, no time", keyless(), changed(byIdentity, logged2), "proves when it was signed"},
		{"identity, public log, Rekor v2", keyless("url: https://fulcio.sigstore.dev") + "ctlog: {url: https://rekor.sigstore.dev}\n", changed(byIdentity, logged2, stamped), ""},
		{"identity, public log, Rekor v2, no time", keyless() + "ctlog: {url: https://rekor.sigstore.dev}\n", changed(byIdentity, logged2), "proves when it was signed"},
		{"identity, public log, stamped only", keyless() + "ctlog: {url: https://rekor.sigstore.dev}\n", changed(byIdentity, stampedOnly), "log"},
		{"identity, root and log, Rekor v2", keyless(acme) + "ctlog: {trustRootRef: acme}\n", changed(byIdentity, logged2, stamped), ""},
		{"identity, root and log, Rekor v2, no time", keyless(acme) + "ctlog: {trustRootRef: acme}\n", changed(byIdentity, logged2), "proves when it was signed"},
		{"identity, public, another's Rekor v2", keyless() + "ctlog: {trustRootRef: other}\n", changed(byIdentity, logged2, stamped), "log"},
		{"identity, public, logged and stamped", keyless(), changed(byIdentity, logged, stamped), ""},
		{"identity, Rekor v2, another's timestamp demanded", keyless(acme) + "ctlog: {trustRootRef: acme}\nrfc3161timestamp: {trustRootRef: other}\n", changed(byIdentity, logged2, stamped), "timestamp"},
		{"identity, timestamp", keyless(acme) + "rfc3161timestamp: {trustRootRef: acme}\n", changed(byIdentity, stampedOnly), ""},
		{"identity, timestamp, logged only", keyless(acme) + "rfc3161timestamp: {trustRootRef: acme}\n", byIdentity, "timestamp"},
		{"other subject", keyless(), changed(byIdentity, func(s *signaturetest.Signing) { s.Subject = subject + "2" }), "it is signed by " + subject + "2"},
		{"other issuer", keyless(), changed(byIdentity, func(s *signaturetest.Signing) { s.Issuer = "https://accounts.example" }), "https://accounts.example"},
		{"no SCT", keyless(acme), changed(byIdentity, noSCT), "SCT"},
		{"no SCT, ignored", keyless(acme, "insecureIgnoreSCT: true"), changed(byIdentity, noSCT), ""},
		{"no SCT, not ignored", keyless(acme, "insecureIgnoreSCT: false"), changed(byIdentity, noSCT), "SCT"},
		{"ca-cert", keyless("ca-cert:\n  data: |\n" + indent(4, string(w.AuthorityPEM()))), byIdentity, ""},
		{"ca-cert of another", keyless("ca-cert:\n  data: |\n" + indent(4, string(other.AuthorityPEM()))), byIdentity, "leaf certificate"},
		{"regexp", keylessLike("https://github.com/acme/.*@refs/heads/main"), byIdentity, ""},
		{"regexp of a part", keylessLike("github.com/acme"), byIdentity, "it is signed by"},
		{"regexp of the beginning", keylessLike("https://github.com/acme/app"), byIdentity, "it is signed by"},
		{"regexp with alternatives", keylessLike("x|https://github.com/acme/.*"), byIdentity, ""},
		{"regexp with an alternative for a part", keylessLike("x|https://github.com/acme"), byIdentity, "it is signed by"},
	}
}

func keylessLike(expression string) string {
	return strings.Replace(keyless(), "subject: "+subject, "subjectRegExp: '"+expression+"'", 1)
}

// wantVerdict fails unless d allows where want is "", and else denies for want.
func wantVerdict(t *testing.T, d policy.Decision, want string) {
	t.Helper()
	explained := strings.Join(d.Lines(), "\n")
	switch faults := strings.Join(d.Faults(), "\n"); {
	case want == "" && (d.Verdict != policy.Allowed || faults != ""):
		t.Errorf("not allowed:\n%s\n%s", explained, faults)
	case want != "" && d.Verdict != policy.Denied:
		t.Errorf("%s, should be denied for %q:\n%s", d.Verdict, want, explained)
	case want != "" && !strings.Contains(faults, want):
		t.Errorf("denied for\n%s\nwant %q", faults, want)
	}
}

func TestStatic(t *testing.T) {
	for text, want := range map[string]string{
		"static: {action: pass}":                    "",
		"static: {action: fail}":                    "the policy forbids the image",
		"static: {action: fail, message: use ours}": "the policy forbids the image: use ours",
	} {
		wantVerdict(t, mustParse(t, cip(text)).Judge(app(t), nil), want)
	}
}

// TestPolicies judges by several policies and authorities.
func TestPolicies(t *testing.T) {
	w := newWorld(t)
	const pass, fail = "static: {action: pass}", "static: {action: fail, message: never}"
	two := func(a, b string) string { return cip(a) + "  -\n" + indent(4, b) }
	signed := w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog})
	elsewhere := strings.NewReplacer(repository, "ghcr.io/other/app")
	tests := []struct {
		name     string
		texts    []string
		evidence []signature.Evidence
		verdict  policy.Verdict
		remarks  int
	}{
		{"no policy", nil, nil, policy.Unmatched, 0},
		{"one for another image", []string{elsewhere.Replace(cip(pass))}, nil, policy.Unmatched, 0},
		{"one that forbids another image", []string{elsewhere.Replace(cip(fail))}, nil, policy.Unmatched, 0},
		{"one of two authorities", []string{two(fail, pass)}, nil, policy.Allowed, 0},
		{"neither of two authorities", []string{two(fail, fail)}, nil, policy.Denied, 0},
		{"both of two policies", []string{named("a", pass), named("b", pass)}, nil, policy.Allowed, 0},
		{"one of two policies", []string{named("a", pass), named("b", fail)}, nil, policy.Denied, 0},
		{"one of two that match", []string{named("a", pass), elsewhere.Replace(named("b", fail))}, nil, policy.Allowed, 0},
		{"one that warns", []string{cip(fail, "mode: warn")}, nil, policy.Allowed, 1},
		{"one that would warn", []string{cip(pass, "mode: warn")}, nil, policy.Allowed, 0},
		{"one that warns, one that denies", []string{named("a", fail, "mode: warn"), named("b", fail)}, nil, policy.Denied, 1},
		{"one that warns, one that passes", []string{named("a", fail, "mode: warn"), named("b", pass, "mode: enforce")}, nil, policy.Allowed, 1},
		{"nothing signed", []string{cip(keyOf(t, w.key.Public()))}, nil, policy.Denied, 0},
		{"the second is signed", []string{cip(keyOf(t, w.key.Public()))}, []signature.Evidence{
			w.sign(t, signaturetest.Signing{Key: newKey(t)}), signed}, policy.Allowed, 0},
		{"nothing in the evidence", []string{cip(keyOf(t, w.key.Public()))}, []signature.Evidence{{}, {Bundle: []byte("{")}}, policy.Denied, 0},
		{"too much evidence", []string{cip(keyOf(t, w.key.Public()))}, repeat(signed, policy.MaxEvidence+1), policy.Denied, 0},
		{"as much as can be", []string{cip(pass)}, repeat(signed, policy.MaxEvidence), policy.Allowed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustParse(t, tt.texts...).Judge(app(t), tt.evidence)
			if d.Verdict != tt.verdict {
				t.Errorf("%s, want %s:\n%s", d.Verdict, tt.verdict, strings.Join(d.Lines(), "\n"))
			}
			if remarks := d.Remarks(); len(remarks) != tt.remarks {
				t.Errorf("remarks: %q, want %d", remarks, tt.remarks)
			}
			if faults := d.Faults(); (len(faults) > 0) != (tt.verdict == policy.Denied) {
				t.Errorf("%s, with the faults %q", d.Verdict, faults)
			}
		})
	}
}

func repeat(e signature.Evidence, n int) []signature.Evidence {
	all := make([]signature.Evidence, n)
	for i := range all {
		all[i] = e
	}
	return all
}

func TestZeroDecisionDenies(t *testing.T) {
	var d policy.Decision
	if d.Verdict != policy.Denied || len(d.Faults()) == 0 {
		t.Errorf("the zero Decision is %s with the faults %q", d.Verdict, d.Faults())
	}
	var set policy.Set
	if d := set.Judge(app(t), nil); d.Verdict != policy.Unmatched {
		t.Errorf("the zero Set's decision is %s", d.Verdict)
	}
	if d := set.Judge(policy.Image{}, nil); d.Verdict != policy.Denied {
		t.Errorf("an image without a digest is %s", d.Verdict)
	}
}

func TestUnpinned(t *testing.T) {
	name, err := oci.Parse(repository + ":v1")
	if err != nil {
		t.Fatal(err)
	}
	d := mustParse(t, cip("static: {action: pass}")).Judge(policy.Image{Name: name}, nil)
	wantVerdict(t, d, "it is not pinned")
}

// TestAnyRepository has a policy accept the signature of an image that was copied.
func TestAnyRepository(t *testing.T) {
	w := newWorld(t)
	for _, legacy := range []bool{true, false} {
		e := w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog, Legacy: legacy, Repository: "ghcr.io/upstream/app"})
		plain := cip(keyOf(t, w.key.Public()))
		for annotation, want := range map[string]string{`"true"`: "", `"false"`: "ghcr.io/upstream/app", "": "ghcr.io/upstream/app"} {
			text := plain
			if annotation != "" {
				text = strings.Replace(text, "  name: p\n", "  name: p\n  annotations: {a: b, plumb.dev/any-repository: "+annotation+"}\n", 1)
			}
			if !legacy {
				want = "" // a bundle names no repository
			}
			wantVerdict(t, mustParse(t, text).Judge(app(t), []signature.Evidence{e}), want)
		}
	}
}

// TestIndex has the signature of an index count for an image that it lists.
func TestIndex(t *testing.T) {
	w := newWorld(t)
	index := []byte(`{"schemaVersion":2,"manifests":[{"digest":"` + digest + `"}]}`)
	others := []byte(strings.Replace(string(index), "5504", "5505", 1))
	set := mustParse(t, cip(keyOf(t, w.key.Public())))
	for _, tt := range []struct {
		name          string
		signed, given []byte
		want          string
	}{
		{"lists it", index, index, ""},
		{"is not given", index, nil, "it is not about"},
		{"does not list it", others, others, "it does not list the image"},
		{"is another", others, index, "nor about the index"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog, Digest: sum(tt.signed)})
			image := app(t)
			image.Index = tt.given
			wantVerdict(t, set.Judge(image, []signature.Evidence{e}), tt.want)
		})
	}
}

// TestObjectNotKnown has policies for certain objects judge an image of which no object is known.
func TestObjectNotKnown(t *testing.T) {
	w := newWorld(t)
	signed := []signature.Evidence{w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog})}
	pods := []string{"match:", `- {group: "", version: v1, resource: pods}`}
	tests := []struct {
		name     string
		texts    []string
		evidence []signature.Evidence
		want     policy.Verdict
	}{
		{"passes without a signature", []string{cip("static: {action: pass}", pods...)}, nil, policy.Unmatched},
		{"passes by a signature", []string{cip(keyOf(t, w.key.Public()), pods...)}, signed, policy.Allowed},
		{"does not pass", []string{cip(keyOf(t, w.key.Public()), pods...)}, nil, policy.Denied},
		{"passes, as does one for all", []string{named("a", "static: {action: pass}", pods...), named("b", "static: {action: pass}")}, nil, policy.Allowed},
		{"does not pass, one for all does", []string{named("a", "static: {action: fail}", pods...), named("b", "static: {action: pass}")}, nil, policy.Denied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := mustParse(t, tt.texts...).Judge(app(t), tt.evidence); d.Verdict != tt.want {
				t.Errorf("%s, want %s:\n%s", d.Verdict, tt.want, strings.Join(d.Lines(), "\n"))
			}
		})
	}
}

func TestReasonsAreOneLine(t *testing.T) {
	text := strings.Repeat("very ", 1000)
	d := mustParse(t, cip("static: {action: fail, message: \"a\\n  b \\u001b[31mred\\t"+text+"\"}")).Judge(app(t), nil)
	for _, line := range append(d.Lines(), d.Faults()...) {
		if strings.ContainsAny(line, "\n\t\x1b") || len(line) > 2500 {
			t.Errorf("line %q", line)
		}
	}
	wantVerdict(t, d, "the policy forbids the image: a b [31mred very")
}

func TestMatchResource(t *testing.T) {
	set := mustParse(t, cip("static: {action: fail, message: never}", "match:", "- {group: apps, version: v1, resource: deployments}"))
	for _, tt := range []struct {
		name   string
		object *policy.Object
		want   policy.Verdict
	}{
		{"it", &policy.Object{APIVersion: "apps/v1", Kind: "Deployment"}, policy.Denied},
		{"another", &policy.Object{APIVersion: "apps/v1", Kind: "StatefulSet"}, policy.Unmatched},
		{"not known", nil, policy.Denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			image := app(t)
			image.Object = tt.object
			if d := set.Judge(image, nil); d.Verdict != tt.want {
				t.Errorf("%s, want %s", d.Verdict, tt.want)
			}
			if got := len(set.Matches(image)) > 0; got != (tt.want != policy.Unmatched) {
				t.Errorf("Matches: %v", got)
			}
		})
	}
}

func TestSources(t *testing.T) {
	text := cip("static: {action: pass}") + "  - key: &k {data: " + quote(key) + "}\n    source: [{oci: registry.example/sigs, tagPrefix: rel}]\n" +
		"  - key: *k\n    signatureFormat: bundle\n  - key: *k\n    signatureFormat: bundle\n" +
		"  - key: *k\n    signatureFormat: bundle\n    attestations: [{name: scan, predicateType: custom}]\n"
	sources, configs := mustParse(t, text).Sources(app(t))
	want := []policy.Source{{Repository: "registry.example/sigs", TagPrefix: "rel"}, {Format: policy.Bundle}, {Format: policy.Bundle, Attestations: true}}
	if diff := cmp.Diff(want, sources); diff != "" || configs {
		t.Errorf("configs %v, sources (-want +got):\n%s", configs, diff)
	}
	withConfig := cip("static: {action: pass}", "policy: {type: cel, data: 'true', fetchConfigFile: true}")
	if sources, configs := mustParse(t, withConfig).Sources(app(t)); len(sources) != 0 || !configs {
		t.Errorf("sources %v, configs %v, want none and true", sources, configs)
	}
	if sources, _ := mustParse(t, strings.ReplaceAll(text, repository, "ghcr.io/other")).Sources(app(t)); len(sources) != 0 {
		t.Errorf("sources of a policy that does not match: %v", sources)
	}
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }

// TestJudgeAtOnce judges with one set from many goroutines; the race detector looks on.
func TestJudgeAtOnce(t *testing.T) {
	w := newWorld(t)
	evidence := []signature.Evidence{w.sign(t, signaturetest.Signing{Key: w.key, Log: signaturetest.NoLog, PredicateType: scan, Predicate: json.RawMessage(`{"findings":3}`)})}
	attested := func(name, language, text string) string {
		return named(name, keyOf(t, w.key.Public())+"attestations:\n- name: scanned\n  predicateType: "+scan+
			"\n  policy:\n    type: "+language+"\n    data: |\n"+indent(6, text))
	}
	set := mustParse(t, attested("a", "cue", "predicate: findings: <5"), attested("b", "rego", "package sigstore\nisCompliant { input.predicate.findings < 5 }"),
		attested("c", "cel", "predicate.findings < 5"))
	image := app(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if d := set.Judge(image, evidence); d.Verdict != policy.Allowed {
					t.Errorf("%s", strings.Join(d.Lines(), "\n"))
				}
			}
		})
	}
	all.Wait()
}
