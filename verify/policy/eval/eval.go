// Package eval evaluates policies that are written in CUE, Rego or CEL on JSON.
//
// CUE: the policy and the input must unify. Rego (version 0): data.sigstore.isCompliant
// must be true, or be a set of objects of which the first with a true result has no
// warning. CEL: the expression must be true.
//
// An evaluation cannot reach the network, files, the environment or chance, and it is
// bounded in time. It knows the time only where Options.Now gives it.
package eval

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// DefaultTimeout bounds the compilation, and each evaluation, of a policy for which
// Options has no Timeout.
const DefaultTimeout = 30 * time.Second

// MaxText is how many bytes a policy may have. Of CUE, half a megabyte of fields in
// fields overflows the stack, from which no program recovers.
const MaxText = 64 << 10

// Language is what a policy is written in.
type Language string

// The languages.
const (
	CUE  Language = "cue"  // the policy and the input must unify
	Rego Language = "rego" // data.sigstore.isCompliant must hold
	CEL  Language = "cel"  // the expression must be true
)

// Options say what a policy may use besides its input.
type Options struct {
	// Variables are the members of the input that a CEL expression can name. It can
	// always name input, which is all of them.
	Variables []string
	// Now is the time that a Rego policy is told. If it is zero, a policy that reads
	// the time does not compile.
	Now time.Time
	// Timeout bounds the compilation and each evaluation; 0 means DefaultTimeout.
	Timeout time.Duration
}

func (o Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

// Program is a compiled policy. The zero Program holds for no input. A Program may be
// used by many goroutines at once.
type Program struct {
	timeout time.Duration
	run     evaluator
}

// evaluator evaluates a policy on an input. It returns nil if the policy holds. It ends
// when ctx does, or does not matter any more then.
type evaluator func(ctx context.Context, input []byte) error

// Compile compiles a policy. The error says on one line what is wrong with the text.
func Compile(language Language, text string, o Options) (*Program, error) {
	compile := map[Language]func(string, Options) (evaluator, error){
		CUE: compileCUE, Rego: compileRego, CEL: compileCEL,
	}[language]
	switch {
	case compile == nil:
		return nil, fmt.Errorf("unknown policy language %q", language)
	case len(text) > MaxText:
		return nil, fmt.Errorf("%d bytes exceed the limit of %d", len(text), MaxText)
	}
	compiled := make(chan evaluator, 1)
	err := bounded(o.timeout(), func(context.Context) error {
		run, err := compile(text, o)
		compiled <- run
		return err
	})
	if err != nil {
		return nil, err
	}
	return &Program{timeout: o.timeout(), run: <-compiled}, nil
}

// Eval evaluates the policy on an input, which is JSON. It returns nil if the policy
// holds, and else why it does not.
func (p *Program) Eval(input []byte) error {
	if p == nil || p.run == nil {
		return errors.New("the policy was not compiled")
	}
	return bounded(p.timeout, func(ctx context.Context) error { return p.run(ctx, input) })
}

// bounded runs work and returns what it returns, or an error once the time is up. Not
// all of the languages can be stopped: work that goes on then is left to itself, and
// its result counts for nothing. A panic is an error.
func bounded(timeout time.Duration, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the evaluation panicked: %v", p)
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
