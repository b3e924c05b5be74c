package policy

import "strings"

// wants says what an authority wants, in words.
func (a *authority) wants() string {
	if a.static != nil {
		if a.static.fail {
			return "nothing that could be given (static: fail)"
		}
		return "nothing (static: pass)"
	}
	what := "a signature"
	if len(a.attestations) > 0 {
		names := make([]string, len(a.attestations))
		for i, t := range a.attestations {
			names[i] = t.predicateType
		}
		what = "an attestation " + strings.Join(names, " and one ")
	}
	switch {
	case a.key != nil:
		what += " by key " + a.key.Fingerprint()
	case a.keyless != nil:
		names := make([]string, len(a.keyless.identities))
		for i, id := range a.keyless.identities {
			names[i] = id.String()
		}
		what += " by " + strings.Join(names, " or ")
	}
	if a.log != nil {
		what += ", in a log"
	}
	if a.timestamp != nil {
		what += ", with a timestamp"
	}
	if a.format != AnyFormat {
		what += ", in the format " + string(a.format)
	}
	return what
}
