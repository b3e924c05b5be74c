package admission

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/verify"
)

// Decision is the answer to a request. The zero Decision denies.
type Decision struct {
	// Allowed is whether the object may enter.
	Allowed bool
	// Rule is why: a rule of package verify, or one of the reasons below. It is "" for an
	// object without findings.
	Rule string
	// Message says why to people, and how to fix it; "" for an object without findings.
	Message string
	// Warnings are for the sender of the request.
	Warnings []string
	// Annotations are for the audit log.
	Annotations map[string]string
	// Findings are those with the severity error.
	Findings []verify.Finding
}

// The reasons of a Decision besides the rules of package verify.
const (
	// ReasonExempt allows: the namespace is exempt.
	ReasonExempt = "exempt"
	// ReasonExisting allows, by Rules.Existing: the update changes no reference.
	ReasonExisting = "existing"
	// ReasonRemoval allows: the update starts nothing. The object is being deleted, scaled
	// down, suspended or paused, or its metadata alone changes.
	ReasonRemoval = "removal"
	// ReasonBreakGlass allows, by Rules.BreakGlass.
	ReasonBreakGlass = "break-glass"
	// ReasonNoState denies: no lock has been loaded.
	ReasonNoState = "no-state"
	// ReasonNamespace denies: no lock root serves the namespace.
	ReasonNamespace = "namespace"
	// ReasonRequest denies: the request or the object is invalid.
	ReasonRequest = "request"
)

// decide turns findings into a decision, by the mode of the rules.
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

// The limits of an API server for warnings and annotations, and those of messages: an
// object may have 10,000 containers.
const (
	maxShown      = 16
	maxMessage    = 1024 // bytes
	maxWarning    = 256  // bytes
	maxWarnings   = 16   // of 4096 bytes in all
	maxAnnotation = 4096 // bytes; plumb's own limit
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

// denial is the message for an object with findings, and how to fix them.
func (root *servedRoot) denial(q *Request, h header, findings []verify.Finding) string {
	var b strings.Builder
	var object any
	_ = json.Unmarshal(q.Object, &object) // if it fails, containers are not named
	name := q.Name
	if name == "" {
		name = "(unnamed)"
	}
	fmt.Fprintf(&b, "%s %s does not match %s:", h.Kind, name, root.where())
	shown := findings[:min(len(findings), maxShown)]
	for _, f := range shown {
		fmt.Fprintf(&b, "\n  %s%s [%s]", holder(object, f.Field), cut(f.Message, maxMessage),
			f.Rule)
	}
	if more := len(findings) - len(shown); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	fmt.Fprintf(&b, "\nTo fix it, in %s: %s", root.source, remedy(findings))
	return b.String()
}

// where names the lock that the object was compared with.
func (root *servedRoot) where() string {
	if root.commit == "" {
		return root.lockFile()
	}
	return root.lockFile() + " at " + root.commit[:min(len(root.commit), 19)]
}

// remedy says how to fix findings.
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
		case verify.StalePin:
			add("plumb lock, which checks what the tag means, then commit and deploy")
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

// parseHeader reads an object; the header of an invalid one is empty, which allows nothing.
func parseHeader(object []byte) header {
	var h header
	_ = json.Unmarshal(object, &h)
	return h
}
