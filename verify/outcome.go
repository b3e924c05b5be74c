package verify

// Outcome is what the findings of a run come to, the gravest last.
type Outcome uint8

// The outcomes.
const (
	Passed   Outcome = iota // no finding is an error
	Rejected                // one is
	Invalid                 // the lock cannot be read, so that it says nothing
	Unknown                 // a stream held nothing to verify: what wrote it may have failed
)

// OutcomeOf returns what findings come to; stream says that they are about a stream.
func OutcomeOf(findings []Finding, stream bool) Outcome {
	out := Passed
	for i := range findings {
		switch f := &findings[i]; {
		case f.Severity != Error:
		case f.Rule == Nothing && stream:
			out = max(out, Unknown)
		case f.Rule == LockRule:
			out = max(out, Invalid)
		default:
			out = max(out, Rejected)
		}
	}
	return out
}
