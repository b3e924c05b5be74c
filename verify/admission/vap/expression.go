package vap

import (
	"fmt"
	"strconv"
	"strings"
)

// variable is a variable of a ValidatingAdmissionPolicy, which is evaluated at most once for
// an object, and only if it is needed.
type variable struct{ Name, Expression string }

// pinned matches an image that is pinned to a digest as a lock holds it.
const pinned = `^[^@]+@sha256:[0-9a-f]{64}$`

// podSpec is the Pod's specification in an object of any kind; hence dyn.
func podSpec(object string) string {
	return strings.ReplaceAll(`dyn(object).?spec.?jobTemplate.?spec.?template.?spec
  .or(dyn(object).?spec.?template.?spec)
  .or(dyn(object).?template.?spec)
  .or(dyn(object).?spec)
  .orValue({})`, "object", object)
}

// images lists the images of a Pod's specification, each with a name for people. string,
// since the values of a map must have one type, and that of a field is unknown.
func images(spec string) string {
	const container = `%s.?%s.orValue([]).map(c, ` +
		`{'what': '%s "' + c.?name.orValue('') + '"', 'image': string(c.?image.orValue(''))})`
	const volume = `%s.?volumes.orValue([]).filter(v, has(v.image)).map(v, ` +
		`{'what': 'volume "' + v.?name.orValue('') + '"', ` +
		`'image': string(v.image.?reference.orValue(''))})`
	return strings.Join([]string{
		fmt.Sprintf(container, spec, "initContainers", "init container"),
		fmt.Sprintf(container, spec, "containers", "container"),
		fmt.Sprintf(container, spec, "ephemeralContainers", "ephemeral container"),
		fmt.Sprintf(volume, spec),
	}, " +\n")
}

// variables are those of both forms. lookup is the list in which the digest of i.image is
// looked for.
//
// An update that adds no image is allowed if it cannot start a Pod, and always with existing:
// see idle.
func variables(lookup string, existing bool) []variable {
	out := []variable{
		{"pod", podSpec("object")},
		{"images", images("variables.pod")},
		{"old", podSpec("oldObject")},
		{"before", "(" + images("variables.old") + ").map(i, i.image)"},
	}
	starts := ""
	if !existing {
		out = append(out, variable{"idle", idle()})
		starts = "(has(dyn(object).metadata.deletionTimestamp) || variables.idle) && "
	}
	return append(out,
		variable{"unchanged", "request.operation == 'UPDATE' && " + starts +
			"variables.images.all(i, i.image in variables.before)"},
		variable{"unpinned", "variables.images.filter(i, !i.image.matches('" + pinned + "'))"},
		variable{"unlocked", "variables.images.filter(i, i.image.matches('" + pinned + "') &&\n" +
			"  !(i.image.substring(size(i.image) - 64) in " + lookup + "))"},
	)
}

// idle is whether an update changes nothing that can start a Pod: what the Pods are and which
// are there already, how many, and when. Package admission has the same rules for what the
// webhook reviews.
func idle() string {
	const template = `dyn(object).?spec.?jobTemplate.or(dyn(object).?spec.?template)
  .or(dyn(object).?template).or(dyn(object).?spec)`
	same := []string{fmt.Sprintf("%s\n  == %s", template,
		strings.ReplaceAll(template, "object", "oldObject"))}
	for _, field := range []string{"selector", "updateStrategy", "ordinals", "schedule",
		"timeZone", "concurrencyPolicy", "startingDeadlineSeconds"} {
		same = append(same, fmt.Sprintf("dyn(object).?spec.?%s == dyn(oldObject).?spec.?%[1]s",
			field))
	}
	for _, field := range []string{"replicas", "parallelism", "completions", "backoffLimit"} {
		same = append(same, fmt.Sprintf("(dyn(object).?spec.?%s == dyn(oldObject).?spec.?%[1]s ||\n"+
			"  has(dyn(object).spec.%[1]s) && has(dyn(oldObject).spec.%[1]s) &&\n"+
			"  dyn(object).spec.%[1]s < dyn(oldObject).spec.%[1]s)", field))
	}
	for _, field := range []string{"suspend", "paused"} {
		same = append(same, fmt.Sprintf("(dyn(object).?spec.?%s.orValue(false) ||\n"+
			"  !dyn(oldObject).?spec.?%[1]s.orValue(false))", field))
	}
	return strings.Join(same, " &&\n")
}

// leading is the text of the first digits of the digest of i.image, which is pinned.
func leading(digits int) string {
	return fmt.Sprintf("i.image.substring(size(i.image) - 64, size(i.image) - %d)", 64-digits)
}

// validation is one rule of the policy.
type validation struct {
	Expression, Message, MessageExpression string
}

// validations are the rules unpinned and unlocked. repository is where to fix what they deny.
func validations(repository string) []validation {
	rule := func(name, says, fix string) validation {
		finding := says + " [" + name + "]"
		return validation{
			Expression: "size(variables." + name + ") == 0 || variables.unchanged",
			Message:    "an image " + finding + "; " + fix,
			MessageExpression: "variables." + name +
				`.map(i, i.what + ': image "' + i.image + '" ' + ` +
				celString(finding) + ").join('; ')\n  + " + celString("; "+fix),
		}
	}
	return []validation{
		rule("unpinned", "is not pinned to a sha256 digest",
			"to pin it, in "+repository+": plumb lock, then commit and deploy"),
		rule("unlocked", "is not in plumb.lock",
			"to lock it, in "+repository+": plumb lock, then commit, "+
				"update the policy (plumb admission policy) and deploy"),
	}
}

// celString is a text as a literal of CEL, which takes Go's escapes.
func celString(text string) string { return strconv.QuoteToASCII(text) }
