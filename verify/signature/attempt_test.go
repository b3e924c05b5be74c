package signature_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// attempt is one call of Verify.
type attempt struct {
	subject     signature.Subject
	evidence    signature.Evidence
	requirement signature.Requirement
}

// twin is a check: an attempt that is accepted, and what makes it one that must be
// refused.
type twin struct {
	name    string
	signing signaturetest.Signing
	// prepare makes the attempt the one that is accepted; nil for the usual one: by
	// identity, or by the signing's key.
	prepare func(testing.TB, *attempt)
	spoil   func(testing.TB, *attempt)
	want    string // in the error
}

// both gives a check in each of the two formats.
func both(tt twin) []twin {
	legacy := tt
	tt.name, legacy.name = tt.name+"/bundle", tt.name+"/older format"
	legacy.signing.Legacy = true
	return []twin{tt, legacy}
}

func runTwins(t *testing.T, tests []twin) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := attempt{subject: app(), evidence: sign(t, tt.signing)}
			if tt.signing.Key != nil {
				a.requirement = byKey(t, tt.signing.Key.Public())
			} else {
				a.requirement = byIdentity(t)
			}
			if tt.signing.PredicateType != "" {
				a.requirement.Kind, a.requirement.PredicateType = signature.Attestation, tt.signing.PredicateType
			}
			if tt.prepare != nil {
				tt.prepare(t, &a)
			}
			if _, err := signature.Verify(a.subject, a.evidence, a.requirement); err != nil {
				t.Fatalf("must be accepted: %v", err)
			}
			tt.spoil(t, &a)
			v, err := signature.Verify(a.subject, a.evidence, a.requirement)
			if err == nil {
				t.Fatalf("accepted, as signed by %s", v.Signer)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("refused for another reason: %v\nwant: %s", err, tt.want)
			}
		})
	}
}

// edit changes a member of a bundle: path is names and indexes with dots between.
func (a *attempt) edit(t testing.TB, path string, change func(any) any) {
	t.Helper()
	a.evidence.Bundle = editJSON(t, a.evidence.Bundle, path, change)
}

// set sets a member of a bundle.
func (a *attempt) set(t testing.TB, path string, value any) {
	t.Helper()
	a.edit(t, path, func(any) any { return value })
}

func editJSON(t testing.TB, data []byte, path string, change func(any) any) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	document = editValue(t, document, strings.Split(path, "."), change)
	out, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func editValue(t testing.TB, value any, path []string, change func(any) any) any {
	t.Helper()
	if len(path) == 0 {
		return change(value)
	}
	switch v := value.(type) {
	case map[string]any:
		v[path[0]] = editValue(t, v[path[0]], path[1:], change)
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(v) {
			t.Fatalf("no element %q of %d", path[0], len(v))
		}
		v[i] = editValue(t, v[i], path[1:], change)
	default:
		t.Fatalf("nothing has a member %q", path[0])
	}
	return value
}

// member returns a member of a bundle.
func member(t testing.TB, e signature.Evidence, path string) (found any) {
	t.Helper()
	editJSON(t, e.Bundle, path, func(v any) any {
		found = v
		return v
	})
	if found == nil {
		t.Fatalf("no %s", path)
	}
	return found
}

// again replaces the evidence by that of another signing.
func again(what signaturetest.Signing) func(testing.TB, *attempt) {
	return func(t testing.TB, a *attempt) {
		t.Helper()
		a.evidence = sign(t, what)
	}
}
