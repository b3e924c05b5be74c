package signature_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// TestRequirement has a requirement that demands nothing accept nothing.
func TestRequirement(t *testing.T) {
	p256 := signer(t, "P-256")
	runTwins(t, []twin{
		{"zero", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.requirement = signature.Requirement{} }, "what kind of evidence"},
		{"zero but for what weakens it", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
			a.requirement = signature.Requirement{NoLogUnsafe: true, NoSCTUnsafe: true, AnyRepositoryUnsafe: true}
		}, "what kind of evidence"},
		{"no kind", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.requirement.Kind = 0 }, "what kind of evidence"},
		{"kind that is none", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.requirement.Kind = 17 }, "what kind of evidence"},
		{"no identity", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.requirement.Identities = nil }, "neither a key nor an identity"},
		{"empty identity", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
			a.requirement.Identities = make([]signature.Identity, 1)
		}, "empty identity"},
		{"no key", signaturetest.Signing{Key: p256}, nil, func(_ testing.TB, a *attempt) { a.requirement.Keys = nil }, "neither a key nor an identity"},
		{"empty key", signaturetest.Signing{Key: p256}, nil, func(_ testing.TB, a *attempt) { a.requirement.Keys = make([]signature.Key, 1) }, "empty key"},
		{"keys and identities", signaturetest.Signing{Key: p256}, nil, func(t testing.TB, a *attempt) {
			a.requirement.Identities = byIdentity(t).Identities
		}, "both keys and identities"},
		{"attestation without a predicate type", signaturetest.Signing{PredicateType: provenance}, nil, func(_ testing.TB, a *attempt) {
			a.requirement.PredicateType = ""
		}, "names no predicate type"},
		{"signature with a predicate type", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) {
			a.requirement.PredicateType = signature.SignPredicate
		}, "names a predicate type"},
		{"no evidence", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.evidence = signature.Evidence{} }, "neither a bundle nor"},
		{"evidence in both formats", signaturetest.Signing{}, nil, func(t testing.TB, a *attempt) {
			a.evidence.Legacy = sign(t, signaturetest.Signing{Legacy: true}).Legacy
		}, "neither a bundle nor"},
		{"no subject", signaturetest.Signing{}, nil, func(_ testing.TB, a *attempt) { a.subject = signature.Subject{} }, "subject: "},
		{"content that is not the subject's", signaturetest.Signing{}, func(_ testing.TB, a *attempt) {
			a.subject.Content = []byte("the image")
		}, func(_ testing.TB, a *attempt) { a.subject.Content = []byte("another image") }, "the content is not that of"},
	})
}

func TestIdentity(t *testing.T) {
	tests := []struct {
		name                                         string
		issuer, issuerRegExp, subject, subjectRegExp string
		matches, refuses                             [][2]string // subject, issuer
	}{
		{"exact", "i", "", "s", "", [][2]string{{"s", "i"}}, [][2]string{{"s", "j"}, {"t", "i"}, {"ss", "i"}, {"", ""}, {"s", ""}}},
		{"regexps", "", "i+", "", "s[0-9]", [][2]string{{"s1", "iii"}}, [][2]string{{"s1", "iij"}, {"s12", "i"}, {"xs1", "i"}, {"s1\n", "i"}}},
		{"alternatives", "i", "", "", "a|b", [][2]string{{"a", "i"}, {"b", "i"}}, [][2]string{{"ab", "i"}, {"xb", "i"}, {"ax", "i"}}},
		{"anchors of its own", "i", "", "", "^a$", [][2]string{{"a", "i"}}, [][2]string{{"a\n", "i"}}},
		{"lines", "i", "", "", "(?m)^a$", [][2]string{{"a", "i"}}, [][2]string{{"b\na", "i"}, {"a\nb", "i"}}},
		{"quoted without end", "i", "", "", `\Qa.b`, [][2]string{{"a.b", "i"}}, [][2]string{{"a.bc", "i"}, {"acb", "i"}}},
		{"both", "i", "i.*", "s", "s.*", [][2]string{{"s", "i"}}, [][2]string{{"ss", "i"}, {"s", "ii"}}},
		{"empty match", "i", "", "", "a*", [][2]string{{"", "i"}, {"aa", "i"}}, [][2]string{{"ab", "i"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := identity(t, tt.issuer, tt.issuerRegExp, tt.subject, tt.subjectRegExp)
			for _, m := range tt.matches {
				if !id.Match(m[0], m[1]) {
					t.Errorf("%s does not match subject %q of issuer %q", id, m[0], m[1])
				}
			}
			for _, m := range tt.refuses {
				if id.Match(m[0], m[1]) {
					t.Errorf("%s matches subject %q of issuer %q", id, m[0], m[1])
				}
			}
		})
	}
	if (signature.Identity{}).Match("", "") {
		t.Error("the zero identity matches")
	}
}

func TestIdentityRefused(t *testing.T) {
	tests := []struct {
		issuer, issuerRegExp, subject, subjectRegExp, want string
	}{
		{"", "", "s", "", "neither an issuer"},
		{"i", "", "", "", "neither a subject"},
		{"", "", "", "", "neither an issuer"},
		{"i", "", "", "(", "subject regexp: "},
		{"", "a)|(b", "s", "", "issuer regexp: "},
		{"i", "", "", `(?=a)`, "subject regexp: "},
	}
	for _, tt := range tests {
		_, err := signature.NewIdentity(tt.issuer, tt.issuerRegExp, tt.subject, tt.subjectRegExp)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("NewIdentity(%q, %q, %q, %q): %v, want %s", tt.issuer, tt.issuerRegExp, tt.subject, tt.subjectRegExp, err, tt.want)
		}
	}
}
