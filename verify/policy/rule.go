package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

const (
	defaultTimeout = 30 * time.Second

	// maxRule is how many bytes a policy's text may have. Of CUE, half a megabyte of fields in
	// fields overflows the stack, from which no program recovers.
	maxRule = 64 << 10
)

// rule is a policy in CUE, Rego or CEL on what was verified.
type rule struct {
	language string
	eval     evaluator

	// What the input holds besides, for a rule on the whole.
	config, spec, objectMeta, typeMeta bool
}

// evaluator evaluates one rule on one input, which is JSON. It returns nil if the rule
// holds. It ends when ctx does, or does not matter any more then.
type evaluator func(ctx context.Context, input []byte) error

// languages are the languages that rules are written in. A function compiles a text, and
// knows whether the time may be asked for.
var languages = map[string]func(text string, whole bool, now time.Time) (evaluator, error){
	"cue":  compileCUE,
	"rego": compileRego,
	"cel":  compileCEL,
}

// rule reads a policy on an attestation, or on the whole.
func (s *parser) rule(r *reader, n *yaml.Node, path string, whole bool) *rule {
	var out rule
	var text string
	var at *yaml.Node
	fields := []field{
		{"type", r.oneOf(&out.language, "cue", "rego", "cel")},
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
	case at != nil && len(text) > maxRule:
		r.errorf(at, "%s.data: %d bytes, more than the %d that are read", path, len(text), maxRule)
	case text != "" && out.language != "":
		s.compile(r, &out, at, path, text, whole)
	}
	return &out
}

// compile makes the rule's evaluator.
func (s *parser) compile(r *reader, out *rule, at *yaml.Node, path, text string, whole bool) {
	language, now := languages[out.language], s.options.Now
	var eval evaluator
	err := bounded(s.timeout(), func(context.Context) (err error) {
		eval, err = language(text, whole, now)
		return err
	})
	if err != nil {
		r.errorf(at, "%s.data: %s", path, oneLine(err.Error()))
		return // and leave eval to what may still be writing it
	}
	out.eval = eval
}

func (s *parser) timeout() time.Duration {
	if s.options.Timeout > 0 {
		return s.options.Timeout
	}
	return defaultTimeout
}

// holds reports by nil that the rule holds on input.
func (r *rule) holds(timeout time.Duration, input []byte) error {
	if r.eval == nil {
		return errors.New("the policy was not compiled") // no Set has such a rule
	}
	return bounded(timeout, func(ctx context.Context) error { return r.eval(ctx, input) })
}

// bounded runs work and returns what it returns, or an error once the time is up. Not
// all of the languages can be stopped: work that goes on then is left to
// itself, and its result counts for nothing. A panic is an error.
func bounded(timeout time.Duration, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("evaluating it broke off: %v", p)
			}
		}()
		done <- work(ctx)
	}()
	select {
	case err := <-done:
		if ctx.Err() == nil || err == nil {
			return err
		}
	case <-ctx.Done():
	}
	return fmt.Errorf("it took longer than %s", timeout)
}
