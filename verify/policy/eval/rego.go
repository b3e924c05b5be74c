package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// regoAnswer is the rule that a Rego policy answers with, in the package sigstore.
const regoAnswer = "isCompliant"

// compileRego compiles a policy in Rego (version 0, as policy-controller compiles it): it
// holds where data.sigstore.isCompliant is true, or is a set whose first object
// with a true "result" has no "warning". What reaches out of the evaluation or depends on
// more than the input is not there.
func compileRego(text string, o Options) (evaluator, error) {
	prepared, err := rego.New(
		rego.Query(regoAnswer+" = data.sigstore."+regoAnswer),
		rego.Module("policy", text),
		rego.SetRegoVersion(ast.RegoV0),
		rego.Capabilities(capabilities(o.Now)),
	).PrepareForEval(context.Background())
	if err != nil {
		return nil, inRego(err)
	}
	return func(ctx context.Context, input []byte) error {
		decoder := json.NewDecoder(bytes.NewReader(input))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		options := []rego.EvalOption{rego.EvalInput(value)}
		if !o.Now.IsZero() {
			options = append(options, rego.EvalTime(o.Now))
		}
		results, err := prepared.Eval(ctx, options...)
		if err != nil {
			return inRego(err)
		}
		for _, result := range results {
			switch answer := result.Bindings[regoAnswer].(type) {
			case []any:
				return regoResults(answer)
			case bool:
				if answer {
					return nil
				}
			}
		}
		return errors.New(regoAnswer + " is not true")
	}, nil
}

// regoResults judges a set of objects with "result", "error" and "warning".
func regoResults(answers []any) error {
	var said []string
	for _, answer := range answers {
		object, _ := answer.(map[string]any)
		if held, _ := object["result"].(bool); held {
			if warning, _ := object["warning"].(string); warning != "" {
				return errors.New("warning: " + warning)
			}
			return nil
		}
		if text, _ := object["error"].(string); text != "" {
			said = append(said, text)
		}
	}
	if len(said) == 0 {
		return errors.New(regoAnswer + " holds no result that is true")
	}
	return errors.New(strings.Join(said, "; "))
}

// clocked are built-in functions whose result depends on the time, besides those that
// Rego itself calls not deterministic.
var clocked = []string{"io.jwt.decode_verify", "crypto.x509.parse_and_verify_certificates",
	"crypto.x509.parse_and_verify_certificates_with_options"}

// capabilities are what a policy may call: nothing that reaches the network, the
// environment or chance, and what knows the time only where there is one.
func capabilities(now time.Time) *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.AllowNet = []string{} // nil would allow all
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		if b.Name == "time.now_ns" {
			return now.IsZero()
		}
		return b.IsNondeterministic() || now.IsZero() && slices.Contains(clocked, b.Name)
	})
	return c
}

// inRego says all that Rego found, on one line.
func inRego(err error) error {
	all := []error{err}
	var several rego.Errors
	var compiling ast.Errors
	switch {
	case errors.As(err, &several):
		all = several
	case errors.As(err, &compiling):
		all = nil
		for _, e := range compiling {
			all = append(all, e)
		}
	}
	texts := make([]string, len(all))
	for i, err := range all {
		var e *ast.Error
		switch {
		case !errors.As(err, &e):
			texts[i] = err.Error()
		case e.Location == nil:
			texts[i] = e.Message
		default:
			texts[i] = fmt.Sprintf("%s (line %d of the policy)", e.Message, e.Location.Row)
		}
	}
	return errors.New(strings.Join(texts, "; "))
}
