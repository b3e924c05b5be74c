package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

// celCost bounds what an expression may cost, in CEL's own units: about one for each
// step and each character that is compared.
const celCost = 10_000_000

// compileCEL compiles a policy in CEL: an expression that must be true.
func compileCEL(text string, o Options) (evaluator, error) {
	options := []cel.EnvOption{cel.Variable("input", cel.DynType), ext.Strings()}
	for _, name := range o.Variables {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	compiled, issues := env.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, inCEL(issues)
	}
	if t := compiled.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("the expression is %s, not a boolean", t)
	}
	program, err := env.Program(compiled, cel.CostLimit(celCost), cel.InterruptCheckFrequency(100))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, input []byte) error {
		var value map[string]any
		if err := json.Unmarshal(input, &value); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		given := map[string]any{"input": value}
		for _, name := range o.Variables {
			if v, ok := value[name]; ok {
				given[name] = v
			}
		}
		result, _, err := program.ContextEval(ctx, given)
		if err != nil {
			return err
		}
		switch held, isBool := result.Value().(bool); {
		case !isBool:
			return fmt.Errorf("the expression is %s, not a boolean", result.Type().TypeName())
		case !held:
			return errors.New("the expression is false")
		}
		return nil
	}, nil
}

// inCEL says all that CEL found, on one line.
func inCEL(issues *cel.Issues) error {
	texts := make([]string, 0, len(issues.Errors()))
	for _, e := range issues.Errors() {
		texts = append(texts, fmt.Sprintf("%s (line %d of the policy)", e.Message,
			e.Location.Line()))
	}
	return errors.New(strings.Join(texts, "; "))
}
