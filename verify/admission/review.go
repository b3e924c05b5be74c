package admission

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/policy"
)

// Review decides on a request, at the time now. It is pure: the same arguments give the same
// Decision.
func (s *State) Review(q *Request, r Rules, now time.Time) Decision {
	switch {
	case q.Operation == "DELETE" || q.Operation == "CONNECT":
		return Decision{Allowed: true} // no object enters
	case q.Operation != "CREATE" && q.Operation != "UPDATE":
		return r.refuse(ReasonRequest, fmt.Sprintf("unknown operation %q", q.Operation))
	case q.Namespace != "" && slices.Contains(r.Exempt, q.Namespace):
		return Decision{Allowed: true, Rule: ReasonExempt,
			Annotations: map[string]string{"exempt": "namespace " + q.Namespace}}
	case s == nil && q.isRemoval(scanPlain):
		return removal()
	case s == nil:
		return r.refuse(ReasonNoState, "no lock has been loaded: everything is denied without one")
	}
	root := s.root(q.Namespace)
	switch {
	case root == nil && q.isRemoval(scanPlain):
		return removal()
	case root == nil:
		return r.refuse(ReasonNamespace, fmt.Sprintf("no lock root of %s serves namespace %q",
			s.Source, q.Namespace))
	}
	found := root.scan(q.Object)
	switch {
	case found.Unreadable != nil && q.isRemoval(root.scan):
		return removal()
	case found.Unreadable != nil:
		return r.refuse(ReasonRequest, "cannot read the object: "+found.Unreadable.Message)
	case !found.HasObjects():
		return r.refuse(ReasonRequest, "the request has no object with an apiVersion and a kind")
	}
	findings := root.findings(q, found, now)
	warnings := root.remarks(findings)
	findings = slices.DeleteFunc(findings, func(f verify.Finding) bool {
		return f.Severity != verify.Error
	})
	if len(findings) == 0 {
		return Decision{Allowed: true, Warnings: warnings}
	}
	d := root.denied(q, r, findings, found)
	d.Warnings = append(d.Warnings, warnings...)
	return d
}

// scanPlain finds the references of an object where no lock root says what else to look at.
func scanPlain(object []byte) manifest.File {
	return manifest.NewScanner(manifest.Options{}).Scan(objectName, object)
}

// removal decides on an update that starts nothing where there is no lock to compare with.
func removal() Decision {
	return Decision{Allowed: true, Rule: ReasonRemoval,
		Annotations: map[string]string{"decision": ReasonRemoval}}
}

// refuse decides on a request without an object to review.
func (r Rules) refuse(reason, message string) Decision {
	return r.decide([]verify.Finding{{Rule: reason, Severity: verify.Error, Message: message}},
		message)
}

// findings checks an object by the rules of package verify.
func (root *servedRoot) findings(q *Request, found manifest.File, now time.Time) []verify.Finding {
	judge := func(e lockfile.Entry, _ *manifest.Reference) verify.Judgement {
		return root.judgements[e.Name]
	}
	if root.byObject {
		object, _ := policy.NewObject(q.Object) // nil is one that is not known
		in := []*policy.Object{object}
		judge = func(e lockfile.Entry, _ *manifest.Reference) verify.Judgement {
			j := root.judge.EntryIn(e, in).Judgement()
			j.Faults = root.judgements[e.Name].Faults
			return j
		}
	}
	return verify.Check(verify.Input{
		Files:     []manifest.File{found},
		Lock:      root.lock,
		Index:     root.index,
		LockFile:  root.lockFile(),
		Platforms: root.platforms, Judge: judge, Exceptions: root.excepted(now), Partial: true,
	})
}

// remarks are the warnings for findings of policies in the mode warn.
func (root *servedRoot) remarks(findings []verify.Finding) []string {
	var out []string
	for _, f := range findings {
		if f.Severity == verify.Remark && f.Rule == verify.Unsigned && len(out) < maxWarnings {
			out = append(out, cut("plumb: "+f.Message, maxWarning))
		}
	}
	return out
}

// denied decides on an object that the lock does not allow. The cluster's rules may allow
// it nevertheless.
func (root *servedRoot) denied(q *Request, r Rules, findings []verify.Finding,
	found manifest.File) Decision {
	h := parseHeader(q.Object)
	message := root.denial(q, h, findings)
	d := Decision{Allowed: true, Message: message, Findings: findings,
		Annotations: map[string]string{"rule": findings[0].Rule,
			"message": cut(message, maxAnnotation)}}
	if q.isRemoval(root.scan) {
		d.Rule, d.Annotations["decision"] = ReasonRemoval, ReasonRemoval
		return d
	}
	if q.Operation == "UPDATE" && !changed(root.scan(q.OldObject), found) && !addsBreakGlass(q) {
		if r.Existing {
			d.Rule, d.Annotations["decision"] = ReasonExisting, ReasonExisting
			d.Warnings = []string{cut("plumb: allowed because no image changes: "+
				findings[0].Message, maxWarning)}
			return d
		}
		message += "\nNo image changes: --existing warn allows such updates"
	}
	if why := h.labels()[BreakGlassLabel]; why != "" {
		if r.mayBreakGlass(q.UserInfo) {
			d.Rule, d.Annotations["decision"] = ReasonBreakGlass, ReasonBreakGlass
			d.Annotations["break-glass"] = why
			d.Warnings = []string{cut("plumb: allowed by "+BreakGlassLabel+": "+why, maxWarning)}
			return d
		}
		message += fmt.Sprintf("\nThe label %s has no effect: user %s is not in --break-glass",
			BreakGlassLabel, q.UserInfo.Username)
	}
	return r.decide(findings, message)
}

// addsBreakGlass reports whether an update adds BreakGlassLabel somewhere to the object, to
// a pod template for instance: a user in Rules.BreakGlass may then create objects from it.
func addsBreakGlass(q *Request) bool {
	return bytes.Contains(q.Object, []byte(BreakGlassLabel)) &&
		!bytes.Contains(q.OldObject, []byte(BreakGlassLabel))
}

// changed reports whether an update adds a reference to an object, or a remark that the
// rules report as an error.
func changed(before, after manifest.File) bool {
	if before.Unreadable != nil {
		return true
	}
	had := map[place]int{}
	for p := range places(before) {
		had[p]++
	}
	for p := range places(after) {
		if had[p]--; had[p] < 0 {
			return true
		}
	}
	return false
}

// place is a reference or a remark, wherever it is in its object.
type place struct{ what, text string }

// places yields the references and severe remarks of an object.
func places(f manifest.File) iter.Seq[place] {
	return func(yield func(place) bool) {
		for _, r := range f.References {
			if !yield(place{string(r.Input), r.Reference}) {
				return
			}
		}
		for _, m := range f.Remarks {
			if m.Severe && !yield(place{m.Rule, m.Reference}) {
				return
			}
		}
	}
}
