package memo

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// outcome is what a caller of Do got.
type outcome struct {
	value int
	err   error
}

// doAll starts n callers and returns where their outcomes arrive.
func doAll(ctx context.Context, g *Group[int], n int, work func(context.Context) (int, error)) <-chan outcome {
	out := make(chan outcome, n)
	for range n {
		go func() {
			value, err := g.Do(ctx, "key", nil, work)
			out <- outcome{value, err}
		}()
	}
	return out
}

func TestDoWorksOnceForAllThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		done := 0
		work := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			done++
			return done, nil
		}
		out := doAll(t.Context(), &g, 10, work)
		for range 10 {
			if got := <-out; got != (outcome{1, nil}) {
				t.Errorf("got %v", got)
			}
		}
		if got := <-doAll(t.Context(), &g, 1, work); got != (outcome{2, nil}) {
			t.Errorf("a later caller got %v", got)
		}
		if len(g.calls.byKey) != 0 {
			t.Errorf("%d outcomes kept", len(g.calls.byKey))
		}
	})
}

func TestReuse(t *testing.T) {
	broken := errors.New("broken")
	g := Group[int]{Reuse: func(_ int, err error, _ time.Time) bool { return err == nil }}
	n := 0
	work := func(context.Context) (int, error) {
		n++
		if n == 1 {
			return 0, broken
		}
		return n, nil
	}
	steps := []struct {
		stale func(int) bool
		value int
		err   error
	}{
		{nil, 0, broken},
		{nil, 2, nil}, // errors are not reused
		{nil, 2, nil},
		{func(v int) bool { return v == 2 }, 3, nil},
		{func(v int) bool { return v == 2 }, 3, nil},
	}
	for i, step := range steps {
		value, err := g.Do(t.Context(), "key", step.stale, work)
		if value != step.value || err != step.err {
			t.Errorf("step %d: %d, %v, want %d, %v", i, value, err, step.value, step.err)
		}
	}
}

// TestWorkerGivesUp cancels the caller that works while others wait.
func TestWorkerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		work := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Second):
				return 1, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		canceled, cancel := context.WithCancel(t.Context())
		worker := doAll(canceled, &g, 1, work)
		synctest.Wait()
		waiting := doAll(t.Context(), &g, 3, work)
		waitingCanceled := doAll(canceled, &g, 3, work)
		synctest.Wait()
		cancel()
		if got := <-worker; !errors.Is(got.err, context.Canceled) {
			t.Errorf("the worker got %v", got)
		}
		for range 3 {
			if got := <-waiting; got != (outcome{1, nil}) {
				t.Errorf("a waiting caller got %v", got)
			}
			if got := <-waitingCanceled; !errors.Is(got.err, context.Canceled) {
				t.Errorf("a canceled caller got %v", got)
			}
		}
	})
}

// TestWorkerPanics checks that no other caller is left waiting.
func TestWorkerPanics(t *testing.T) {
	g := Group[int]{Reuse: func(int, error, time.Time) bool { return true }}
	func() {
		defer func() { recover() }()
		g.Do(t.Context(), "key", nil, func(context.Context) (int, error) { panic("oops") })
	}()
	got, err := g.Do(t.Context(), "key", nil, func(context.Context) (int, error) { return 1, nil })
	if got != 1 || err != nil {
		t.Errorf("after a panic: %d, %v", got, err)
	}
}
