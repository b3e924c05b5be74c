package policy

import (
	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy/eval"
)

// rule is a policy in CUE, Rego or CEL on what was verified.
type rule struct {
	program *eval.Program

	// What the input holds besides, for a rule on the whole.
	config, spec, objectMeta, typeMeta bool
}

// rule reads a policy on an attestation, or on the whole.
func (s *parser) rule(r *reader, n *yaml.Node, path string, whole bool) *rule {
	var out rule
	var language, text string
	var at *yaml.Node
	fields := []field{
		{"type", r.oneOf(&language, string(eval.CUE), string(eval.Rego), string(eval.CEL))},
		{"data", func(n *yaml.Node, path string) { text, _ = r.text(n, path); at = target(n) }},
		{"configMapRef", func(n *yaml.Node, path string) {
			r.errorf(n, "%s: a cluster's ConfigMap cannot be read offline; write its text as data: plumb policy import does it", path)
		}},
		{"remote", func(n *yaml.Node, path string) {
			r.errorf(n, "%s: nothing is fetched while judging; write the policy's text as data", path)
		}},
	}
	includes := map[string]*bool{"fetchConfigFile": &out.config, "includeSpec": &out.spec,
		"includeObjectMeta": &out.objectMeta, "includeTypeMeta": &out.typeMeta}
	for _, name := range []string{"fetchConfigFile", "includeSpec", "includeObjectMeta", "includeTypeMeta"} {
		read := r.flag(includes[name])
		if !whole {
			read = func(n *yaml.Node, path string) {
				r.errorf(n, "%s is for spec.policy only, not for an attestation's", path)
			}
		}
		fields = append(fields, field{name, read})
	}
	has := r.mapping(n, path, fields...)
	if has == nil {
		return nil
	}
	if has["type"] == nil {
		r.errorf(n, "%s has no type: write cue, rego or cel", path)
	}
	switch {
	case has["data"] == nil && has["configMapRef"] == nil && has["remote"] == nil:
		r.errorf(n, "%s has no data: write the policy's text there", path)
	case text != "" && language != "":
		s.compile(r, &out, language, at, path, text, whole)
	}
	return &out
}

// compile compiles the rule's text.
func (s *parser) compile(r *reader, out *rule, language string, at *yaml.Node, path, text string, whole bool) {
	o := eval.Options{Variables: statementMembers, Now: s.options.Now, Timeout: s.options.Timeout}
	if whole {
		o.Variables = wholeMembers
	}
	program, err := eval.Compile(eval.Language(language), text, o)
	if err != nil {
		r.errorf(at, "%s.data: %s", path, oneLine(err.Error()))
		return
	}
	out.program = program
}
