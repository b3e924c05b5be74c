package evidence_test

import (
	"bytes"
	"crypto/ecdsa"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// form is one of those that evidence has, with the members of its JSON of which
// each byte matters.
type form struct {
	name    string
	policy  string
	signing func(*ecdsa.PrivateKey) signaturetest.Signing
	weighty []string
}

var forms = []form{
	{"key, bundle", byKey, func(k *ecdsa.PrivateKey) signaturetest.Signing {
		return signaturetest.Signing{Key: k, Log: signaturetest.NoLog}
	}, []string{"payload", "payloadType", "sig"}},
	{"key, older format", byKey, func(k *ecdsa.PrivateKey) signaturetest.Signing {
		return signaturetest.Signing{Key: k, Log: signaturetest.NoLog, Legacy: true}
	}, []string{"schema", "mediaType", "payload", "signature"}},
	{"identity, bundle", byIdentity, func(*ecdsa.PrivateKey) signaturetest.Signing {
		return signaturetest.Signing{}
	}, []string{"payload", "payloadType", "sig", "rawBytes", "signedEntryTimestamp", "canonicalizedBody", "integratedTime", "rootHash"}},
	{"identity, older format", byIdentity, func(*ecdsa.PrivateKey) signaturetest.Signing {
		return signaturetest.Signing{Legacy: true}
	}, []string{"schema", "mediaType", "payload", "signature", "certificate"}},
}

// TestOneByte changes each byte of each form of evidence. Under its old name, what is
// changed is never accepted. Under a new one, for whoever writes the tree can name
// files and write the lock's lines, it is not accepted either, unless the byte tells
// nothing of who signed what and when: what is proven then is just what was
// proven before. Such bytes are
//
//   - a key's hint, a bundle's version among those that are read, an entry's kind as
//     the bundle repeats it, the name before a checkpoint's signature, timestamps that
//     nobody asked for: what the policy knows by itself, or does not use;
//   - the older format's chain, where the trust root has those certificates;
//   - the case of letters in names of members and in hex digits;
//   - bits of base64 that are beyond the last byte.
func TestOneByte(t *testing.T) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			e := signed(t, f.signing(must[*ecdsa.PrivateKey](t)(key())))
			raw, judge := e.Format(), by(t, f.policy).judge(t, nil)
			before := judge.With(entry(), nil, []signature.Evidence{e}, nil)
			if !before.Accepted {
				t.Fatalf("it is not accepted: %s", said(before))
			}
			matters := f.bytes(t, raw)
			accepted := 0
			for i := 0; i < len(raw); i += stride() {
				changed := bytes.Clone(raw)
				changed[i] ^= 1
				if v := judgeBytes(judge, before.Verified[0], changed, evidence.Digest(e)); v.Accepted {
					t.Errorf("byte %d: accepted under the name that it had", i)
				}
				v := judgeBytes(judge, before.Verified[0], changed, digestOf(changed))
				if !v.Accepted {
					continue
				}
				accepted++
				if matters[i] {
					t.Errorf("byte %d, in %q: accepted", i, raw[max(0, i-20):i+1])
				}
				if diff := cmp.Diff(before.Policies, v.Policies, cmpopts.IgnoreFields(policy.Proof{}, "Evidence")); diff != "" {
					t.Errorf("byte %d: something else is proven (-before +now):\n%s", i, diff)
				}
			}
			if accepted > len(raw)/4 {
				t.Errorf("%d of %d bytes tell nothing", accepted, len(raw))
			}
		})
	}
}

// TestOneByteOfTheRejected changes each byte of evidence that proves nothing. It
// goes on proving nothing.
func TestOneByteOfTheRejected(t *testing.T) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			what := f.signing(must[*ecdsa.PrivateKey](t)(otherKey()))
			// Somebody else's, which nearly fits: of this image, in this repository.
			if what.Key == nil {
				what.Subject, what.Issuer = strings.Replace(subject, "acme", "acmf", 1), issuer
			}
			raw, judge := signed(t, what).Format(), by(t, f.policy).judge(t, nil)
			line := keyed(t, "")
			for i := 0; i < len(raw); i += 3 * stride() {
				changed := bytes.Clone(raw)
				changed[i] ^= 1
				if v := judgeBytes(judge, line, changed, digestOf(changed)); v.Accepted {
					t.Errorf("byte %d, in %q: accepted", i, raw[max(0, i-20):i+1])
				}
			}
		})
	}
}

// stride is how far apart the bytes are that are changed.
func stride() int {
	if testing.Short() {
		return 7
	}
	return 1
}

// judgeBytes judges the image by a file with these bytes under this name.
func judgeBytes(j *evidence.Judge, line lockfile.Verified, data []byte, name string) evidence.Verdict {
	at := *j
	at.Read = folder{evidence.File(name): data}.read
	line.Evidence = name
	return at.Entry(entry(line))
}

// bytes are the places of the bytes of raw that matter: those of the weighty members'
// values, but for digits of base64 before its padding, some of whose bits stand for
// nothing.
func (f form) bytes(t *testing.T, raw []byte) map[int]bool {
	t.Helper()
	out := map[int]bool{}
	for _, name := range f.weighty {
		_, rest, ok := bytes.Cut(raw, []byte(`"`+name+`":"`))
		if !ok {
			t.Fatalf("it has no member %s", name)
		}
		start := len(raw) - len(rest)
		for i := range bytes.IndexByte(rest, '"') {
			out[start+i] = rest[i] == '=' || rest[i+1] != '='
		}
	}
	return out
}
