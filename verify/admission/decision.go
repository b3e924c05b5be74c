package admission

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/verify"
)

// Decision is what becomes of a request. The zero Decision denies.
type Decision struct {
	Allowed bool
	// Rule says why, in a word: a rule of package verify, or one of the reasons
	// below. It is "" where all is well.
	Rule string
	// Message says it to people, with what mends it, where the object was not as
	// it has to be.
	Message     string
	Warnings    []string          // for who sent the request
	Annotations map[string]string // for the audit log
	Findings    []verify.Finding  // the errors
}

// The reasons of a Decision that are no rule of package verify.
const (
	ReasonExempt     = "exempt"      // its namespace is exempt
	ReasonExisting   = "existing"    // no reference of it changed
	ReasonRemoval    = "removal"     // the update only removes: the object is being deleted or scaled down
	ReasonBreakGlass = "break-glass" // somebody who may has let it in
	ReasonNoState    = "no-state"    // there is no lock to judge by
	ReasonNamespace  = "namespace"   // no lock root governs its namespace
	ReasonRequest    = "request"     // it cannot be read
)

// decide makes findings a decision in the mode that the rules have.
func (r Rules) decide(findings []verify.Finding, message string) Decision {
	d := Decision{Rule: findings[0].Rule, Message: message, Findings: findings,
		Annotations: map[string]string{"rule": findings[0].Rule, "mode": r.Mode.String()}}
	if r.Mode != Warn && r.Mode != Audit {
		d.Annotations["decision"] = "denied"
		return d
	}
	d.Allowed = true
	d.Annotations["decision"] = "would-deny"
	d.Annotations["message"] = cut(message, maxAnnotation)
	if r.Mode == Warn {
		for line := range strings.SplitSeq(message, "\n") {
			d.Warnings = append(d.Warnings, cut("plumb: "+strings.TrimSpace(line), maxWarning))
		}
		d.Warnings = d.Warnings[:min(len(d.Warnings), maxWarnings)]
	}
	return d
}

// What an API server takes of warnings and annotations, and what people read of a
// message: an object may have 10,000 containers.
const (
	maxShown      = 16
	maxMessage    = 1024 // bytes
	maxWarning    = 256  // bytes; it cuts longer ones off
	maxWarnings   = 16   // 4096 bytes in all
	maxAnnotation = 4096 // bytes, of our own choice
)

// cut shortens text to at most n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	const more = "…"
	n -= len(more)
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + more
}

// denial says to people what is wrong with an object, and what mends it.
func (root *servedRoot) denial(q *Request, h header, findings []verify.Finding) string {
	var b strings.Builder
	var object any
	_ = json.Unmarshal(q.Object, &object) // without it containers go without names
	name := q.Name
	if name == "" {
		name = "(unnamed)"
	}
	fmt.Fprintf(&b, "%s %s does not match %s:", h.Kind, name, root.where())
	shown := findings[:min(len(findings), maxShown)]
	for _, f := range shown {
		fmt.Fprintf(&b, "\n  %s%s [%s]", holder(object, f.Field), cut(f.Message, maxMessage), f.Rule)
	}
	if more := len(findings) - len(shown); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	fmt.Fprintf(&b, "\nTo fix it, in %s: %s", root.source, remedy(findings))
	return b.String()
}

// where is the lock that the object was held against.
func (root *servedRoot) where() string {
	if root.commit == "" {
		return root.lockFile()
	}
	return root.lockFile() + " at " + root.commit[:min(len(root.commit), 19)]
}

// remedy is the command that mends what is found.
func remedy(findings []verify.Finding) string {
	var commands []string
	seen := map[string]bool{}
	add := func(c string) {
		if !seen[c] {
			seen[c] = true
			commands = append(commands, c)
		}
	}
	for _, f := range findings {
		switch f.Rule {
		case verify.Unpinned, verify.Unlocked, verify.Mismatch:
			add("plumb lock, then commit and deploy")
		case verify.Unsigned, verify.Evidence:
			add("plumb policy check shows what is missing, plumb lock fetches new signatures")
		default:
			if f.Fix != "" {
				add(f.Fix)
			}
		}
	}
	return strings.Join(commands, "; ")
}

func parseHeader(object []byte) header {
	var h header
	_ = json.Unmarshal(object, &h) // what cannot be read is empty, and lets nothing in
	return h
}
