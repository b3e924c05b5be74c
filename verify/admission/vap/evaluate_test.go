package vap

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"go.yaml.in/yaml/v3"
)

// evaluator evaluates what Policy has written the way an API server does: with the
// libraries that it has since Kubernetes 1.30, each variable of the type of its
// expression, known to those behind it only, evaluated once and only if it is asked
// for, and each expression within its limit of cost.
type evaluator struct {
	variables   []compiled
	validations []rule
	params      any
	cost        uint64 // of the last review, in all
	worst       uint64 // of its dearest expression
}

// compiled is an expression with the name of the variable that it is.
type compiled struct {
	name    string
	program cel.Program
}

type rule struct {
	expression, message compiled
	otherwise           string
}

// policySpec is what is read of a ValidatingAdmissionPolicy.
type policySpec struct {
	Variables   []struct{ Name, Expression string }
	Validations []struct {
		Expression, Message string
		MessageExpression   string `yaml:"messageExpression"`
	}
}

// documents parses what Policy has written.
func documents(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, doc := range strings.Split(string(text), "---\n")[1:] {
		var v map[string]any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func newEvaluator(t *testing.T, o Options) *evaluator {
	t.Helper()
	text, err := Policy(o)
	if err != nil {
		t.Fatal(err)
	}
	e := &evaluator{}
	for _, doc := range documents(t, text) {
		switch doc["kind"] {
		case "DigestList":
			e.params = doc
		case "ValidatingAdmissionPolicy":
			var spec policySpec
			if raw, err := yaml.Marshal(doc["spec"]); err != nil {
				t.Fatal(err)
			} else if err := yaml.Unmarshal(raw, &spec); err != nil {
				t.Fatal(err)
			}
			e.compile(t, spec)
		}
	}
	return e
}

// variableName stands in for the fields of the object that an API server makes of the
// variables.
var variableName = regexp.MustCompile(`\bvariables\.(\w+)`)

func (e *evaluator) compile(t *testing.T, spec policySpec) {
	t.Helper()
	env, err := cel.NewEnv(
		cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(),
		ext.Strings(ext.StringsVersion(2)), ext.Sets(),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateHomogeneousAggregateLiterals()),
		cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType),
		cel.Variable("params", cel.DynType),
		cel.Variable("request", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	one := func(name, expression string) (compiled, *cel.Type) {
		ast, issues := env.Compile(variableName.ReplaceAllString(expression, "variables_$1"))
		if err := issues.Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
			cel.CostLimit(maxCost),
			cel.CostTrackerOptions(cost.TrackerPresenceTestHasCost(false)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return compiled{"variables_" + name, program}, ast.OutputType()
	}
	for _, v := range spec.Variables {
		c, kind := one(v.Name, v.Expression)
		e.variables = append(e.variables, c)
		if env, err = env.Extend(cel.Variable(c.name, kind)); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range spec.Validations {
		expression, kind := one(fmt.Sprint("validation ", i), v.Expression)
		message, text := one(fmt.Sprint("message ", i), v.MessageExpression)
		if kind != cel.BoolType || text != cel.StringType {
			t.Fatalf("validation %d is %v, and its message %v", i, kind, text)
		}
		e.validations = append(e.validations, rule{expression, message, v.Message})
	}
}

// eval evaluates one expression.
func (e *evaluator) eval(c compiled, given map[string]any) (ref.Val, error) {
	value, details, err := c.program.Eval(given)
	if cost := details.ActualCost(); cost != nil {
		e.cost += *cost
		e.worst = max(e.worst, *cost)
	}
	return value, err
}

// review returns the messages of the rules that an object breaks. An evaluation that
// fails is an error, with which an API server denies.
func (e *evaluator) review(operation string, object, old any) ([]string, error) {
	e.cost, e.worst = 0, 0
	given := map[string]any{"object": object, "oldObject": old, "params": e.params,
		"request": map[string]any{"operation": operation}}
	known := map[string]ref.Val{}
	for _, v := range e.variables {
		given[v.name] = func() ref.Val {
			if _, ok := known[v.name]; !ok {
				value, err := e.eval(v, given)
				if err != nil {
					value = types.WrapErr(fmt.Errorf("%s: %w", v.name, err))
				}
				known[v.name] = value
			}
			return known[v.name]
		}
	}
	var out []string
	for _, v := range e.validations {
		value, err := e.eval(v.expression, given)
		if err != nil {
			return nil, err
		}
		if value == types.True {
			continue
		}
		message, err := e.eval(v.message, given)
		if err != nil {
			return nil, err
		}
		text := string(message.(types.String))
		if text == "" || len(text) > 5<<10 || strings.Contains(text, "\n") {
			text = v.otherwise // as an API server does
		}
		out = append(out, text)
	}
	return out, nil
}
