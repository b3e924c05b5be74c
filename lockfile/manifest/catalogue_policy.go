package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// policyPlaces are the fields by which policies, which are left alone otherwise, bring
// images into the cluster.
func policyPlaces() []rule {
	return []rule{
		// kyverno: rules that mutate and generate (api/kyverno/v1, Mutation, Generation).
		{group: "kyverno.io", path: "spec.rules[].mutate", means: mutation},
		{group: "kyverno.io", path: "spec.rules[].generate.data", means: kyvernoGenerates},
		{group: "kyverno.io", path: "spec.rules[].generate.foreach[].data", means: kyvernoGenerates},
		// kyverno, the newer kinds: CEL.
		{group: "policies.kyverno.io", path: "spec.mutations[].*.expression", means: celObject},
		{group: "policies.kyverno.io", path: "spec.generate[].expression", means: celObject},
		{group: "policies.kyverno.io", kinds: mutatingKinds, path: "spec.variables[].expression",
			means: celVariable},
		// Kubernetes: MutatingAdmissionPolicy.
		{group: "admissionregistration.k8s.io", path: "spec.mutations[].*.expression",
			means: celObject},
		{group: "admissionregistration.k8s.io", kinds: "MutatingAdmissionPolicy",
			path: "spec.variables[].expression", means: celVariable},
		// gatekeeper: mutators.
		{group: "mutations.gatekeeper.sh", kinds: "Assign", path: "spec.parameters.assign",
			means: gatekeeperAssign},
		{group: "mutations.gatekeeper.sh", kinds: "ModifySet", path: "spec.parameters.values.fromList",
			means: gatekeeperSet},
		{group: "mutations.gatekeeper.sh", kinds: "AssignImage", path: "spec.parameters.assignTag",
			means: gatekeeperTag},
		{group: "mutations.gatekeeper.sh", kinds: "AssignMetadata",
			path: "spec.parameters.assign.value", means: gatekeeperMetadata},
		// kubewarden: the servers that run policies, and the modules that are policies.
		{group: "policies.kubewarden.io", kinds: "PolicyServer", path: "spec.image", means: verbatim},
		{group: "policies.kubewarden.io", path: "spec.module", means: module},
		{group: "policies.kubewarden.io", path: "spec.policies.*.module", means: module},
		{group: "kubewarden.io", path: "spec.module", means: module},
	}
}

const mutatingKinds = "MutatingPolicy NamespacedMutatingPolicy GeneratingPolicy " +
	"NamespacedGeneratingPolicy"

// overlay searches v as fields that a policy puts into objects. key is the one of the
// object that v is put at.
func (f *finder) overlay(v *yaml.Node, key string) {
	known, policy := f.known, f.policy
	f.known, f.policy = true, true
	switch t := target(v); {
	case t.Kind == yaml.Scalar && key == "image":
		f.containerImage(v)
	case t.Kind == yaml.Scalar:
		f.suspect(v)
	default:
		f.valueOf(v, key)
	}
	f.known, f.policy = known, policy
}

// mutation is what a rule of Kyverno changes in objects.
func mutation(f *finder, s spot) bool {
	m := target(s.v)
	if m.Kind != yaml.Mapping {
		return false
	}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		f.inField(k.Value, func() {
			switch k.Value {
			case "patchStrategicMerge":
				f.overlay(k.Next, "")
			case "patchesJson6902":
				f.policyPatches(k.Next)
			case "foreach":
				items(k.Next, func(i int, item *yaml.Node) {
					f.inIndex(i, func() { mutation(f, spot{v: item}) })
				})
			case "targets":
			default:
				f.suspects(k.Next)
			}
		})
	}
	return true
}

// policyPatches searches the JSON patch that a text holds.
func (f *finder) policyPatches(n *yaml.Node) {
	if !f.parsesText(n) {
		f.suspect(n)
		f.textLines(n)
		return
	}
	f.embed(n, func(f *finder, root *yaml.Node) {
		known, policy := f.known, f.policy
		f.known, f.policy = true, true
		f.patchDocument(root, patchTarget{})
		f.known, f.policy = known, policy
	})
}

// kyvernoGenerates is the content of an object that a rule of Kyverno makes. Its kind stands
// beside it.
func kyvernoGenerates(f *finder, s spot) bool {
	group, kind := groupOfObject(s.m), field(s.m, "kind")
	if foreignGroups.has(group) {
		f.suspects(target(s.v)) // another policy
		return true
	}
	outer := f.scope
	f.kind, f.root, f.base, f.places = kind, target(s.v), len(f.steps), placesOf(group, kind)
	f.overlay(s.v, "")
	f.scope = outer
	return true
}

// anchorOf takes the anchor of Kyverno from a key: "+(image)" adds image where there is
// none, and the others are conditions, so that a scalar behind them is no image.
func anchorOf(key string) (name string, condition bool) {
	open := strings.IndexByte(key, '(')
	if open < 0 || !strings.HasSuffix(key, ")") {
		return key, false
	}
	switch key[:open] {
	case "+":
		return key[open+1 : len(key)-1], false
	case "", "<", "X", "^", "=":
		return key[open+1 : len(key)-1], true
	}
	return key, false
}

// kyvernoMirrors reports whether a template of Kyverno gives the object's own image another
// registry: the tag or digest stays what it was.
func kyvernoMirrors(written string) bool {
	if !strings.Contains(written, "element.image") && !strings.Contains(written, "images.") &&
		!strings.Contains(written, "request.object.") {
		return false
	}
	bare := strings.NewReplacer("{{", "", "}}", "").Replace(written)
	for _, l := range literals(bare) {
		if value := l.text(bare); tagged(value) && medium(value) {
			return false
		}
	}
	outside := written
	for {
		open := strings.Index(outside, "{{")
		if open < 0 {
			break
		}
		end := closing(outside[open:])
		outside = outside[:open] + outside[open+end:]
	}
	last := outside[strings.LastIndexByte(outside, '/')+1:]
	return strings.Trim(last, ":@") == ""
}

// closing is where the template that s starts with ends; templates may stand in others.
func closing(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "{{":
			depth++
			i++
		case "}}":
			if depth--; depth == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(s)
}

// lastField is the field at the end of a location of Gatekeeper,
// "spec.containers[name:*].image".
func lastField(location string) string {
	if i := strings.LastIndexByte(location, '['); i >= 0 && strings.HasSuffix(location, "]") {
		location = location[:i]
	}
	return strings.Trim(location[strings.LastIndexByte(location, '.')+1:], `"`)
}

// gatekeeperAssign is the value that Assign puts at spec.location.
func gatekeeperAssign(f *finder, s spot) bool {
	key := lastField(field(f.root, "spec", "location"))
	if v := get(s.v, "value"); v != nil {
		f.inField("value", func() { f.overlay(v, key) })
		return true
	}
	if external := get(s.v, "externalData"); external != nil && key == "image" {
		f.remark(external, "uneditable", field(external, "provider"),
			"is the provider that images of Pods come from, and what it tells is not in the tree",
			true)
	}
	return true
}

// gatekeeperSet is the list that ModifySet merges into spec.location.
func gatekeeperSet(f *finder, s spot) bool {
	f.overlay(s.v, lastField(field(f.root, "spec", "location")))
	return true
}

// gatekeeperTag is the tag or digest that AssignImage gives the images that it matches.
func gatekeeperTag(f *finder, s spot) bool {
	if _, text := str(s.v); text != "" && !strings.HasPrefix(text, "@sha256:") {
		f.remark(s.v, "uneditable", text,
			"takes the place of the digests of images; write @sha256:… instead", true)
	}
	return true
}

// gatekeeperMetadata is the value of an annotation or label that AssignMetadata sets.
func gatekeeperMetadata(f *finder, s spot) bool {
	location := field(f.root, "spec", "location")
	_, quoted, ok := strings.Cut(location, `"`)
	if key := strings.TrimSuffix(quoted, `"`); ok && strings.Contains(location, "annotations") {
		f.annotation(s.m, key, s.v)
	}
	return true
}

// module is the program of a policy of Kubewarden: in a registry, or at a URL, which
// cannot be pinned (policy-fetcher, supported schemes).
func module(f *finder, s spot) bool {
	t, text := str(s.v)
	if t == nil || t.Kind != yaml.Scalar || text == "" || f.claimed[s.v] {
		return false
	}
	name := strings.TrimPrefix(text, "registry://")
	if strings.Contains(name, "://") && templateIn(text) == "" {
		f.claim(s.v)
		f.remark(s.v, "uneditable", text,
			"is a program at a URL, and cannot be pinned there; write registry://", true)
		return true
	}
	f.named(s.v, len(text)-len(name), len(text), nameUse{input: lockfile.Artifact})
	return true
}
