package eval

import (
	"context"
	stderrors "errors"
	"fmt"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/encoding/json"
)

// maxCUE is how many bytes an input for CUE may have, which takes about seventy times
// their memory for a moment.
const maxCUE = 8 << 20

// compileCUE compiles a policy in CUE: it holds where the text and the input unify. CUE's
// own packages can be imported and no others; nothing is loaded from disk.
func compileCUE(text string, _ Options) (evaluator, error) {
	if err := cuecontext.New().CompileString(text, cue.Filename("policy")).Err(); err != nil {
		return nil, inCUE(err)
	}
	return func(_ context.Context, input []byte) error {
		if len(input) > maxCUE {
			return fmt.Errorf("the input has %d bytes, more than the %d that CUE is given",
				len(input), maxCUE)
		}
		// A context keeps what was compiled in it, and so serves one evaluation.
		c := cuecontext.New()
		expr, err := json.Extract("input", input)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		data := c.BuildExpr(expr)
		if err := data.Err(); err != nil {
			return inCUE(err)
		}
		// Final adds to what policy-controller asks for only that fields with "!" are there.
		if err := c.CompileString(text, cue.Filename("policy")).Unify(data).Validate(
			cue.Final()); err != nil {
			return inCUE(err)
		}
		return nil
	}, nil
}

// inCUE says all that CUE found, on one line.
func inCUE(err error) error {
	text := ""
	for i, e := range errors.Errors(err) {
		if i > 0 {
			text += "; "
		}
		text += e.Error()
		if at := e.Position(); at.IsValid() && at.Filename() == "policy" {
			text += fmt.Sprintf(" (line %d of the policy)", at.Line())
		}
	}
	return stderrors.New(text)
}
