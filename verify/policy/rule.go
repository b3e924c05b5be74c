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
func (s *parser) rule(v yaml.Value, whole bool) *rule {
	var out rule
	var language, text string
	var data yaml.Value
	fields := []yaml.Field{
		{Name: "type", Read: yaml.OneOf(&language, string(eval.CUE), string(eval.Rego),
			string(eval.CEL))},
		{Name: "data", Read: func(v yaml.Value) { text, _ = v.Text(); data = v }},
		{Name: "configMapRef", Read: func(v yaml.Value) {
			v.Errorf("%s: a cluster's ConfigMap cannot be read offline; write its text as data: "+
				"plumb policy import does it", v)
		}},
		{Name: "remote", Read: func(v yaml.Value) {
			v.Errorf("%s: nothing is fetched while judging; write the policy's text as data", v)
		}},
	}
	includes := map[string]*bool{"fetchConfigFile": &out.config, "includeSpec": &out.spec,
		"includeObjectMeta": &out.objectMeta, "includeTypeMeta": &out.typeMeta}
	for _, name := range []string{"fetchConfigFile", "includeSpec", "includeObjectMeta",
		"includeTypeMeta"} {
		read := yaml.Flag(includes[name])
		if !whole {
			read = func(v yaml.Value) {
				v.Errorf("%s is for spec.policy only, not for an attestation's", v)
			}
		}
		fields = append(fields, yaml.Field{Name: name, Read: read})
	}
	has := v.Mapping(fields...)
	if !has.Valid() {
		return nil
	}
	if !has.Has("type") {
		v.Errorf("%s has no type: write cue, rego or cel", v)
	}
	switch {
	case !has.Has("data") && !has.Has("configMapRef") && !has.Has("remote"):
		v.Errorf("%s has no data: write the policy's text there", v)
	case text != "" && language != "":
		s.compile(&out, language, data, text, whole)
	}
	return &out
}

// compile compiles the rule's text.
func (s *parser) compile(out *rule, language string, data yaml.Value, text string, whole bool) {
	o := eval.Options{Variables: statementMembers, Now: s.options.Now, Timeout: s.options.Timeout}
	if whole {
		o.Variables = wholeMembers
	}
	program, err := eval.Compile(eval.Language(language), text, o)
	if err != nil {
		data.Errorf("%s: %s", data, oneLine(err.Error()))
		return
	}
	out.program = program
}
