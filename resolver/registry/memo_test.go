package registry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// asker is one of those who ask a memo for the same thing.
type asker struct {
	value int
	err   error
}

// ask starts n askers and returns where they tell what they got.
func ask(ctx context.Context, m *memo[int], n int, work func(context.Context) (int, error)) <-chan asker {
	out := make(chan asker, n)
	for range n {
		go func() {
			value, err := m.get(ctx, "key", nil, work)
			out <- asker{value, err}
		}()
	}
	return out
}

func TestMemoWorksOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		done := 0
		work := func(context.Context) (int, error) {
			time.Sleep(time.Second)
			done++
			return done, nil
		}
		out := ask(t.Context(), &m, 10, work)
		for range 10 {
			if got := <-out; got != (asker{1, nil}) {
				t.Errorf("got %v", got)
			}
		}
		if got := <-ask(t.Context(), &m, 1, work); got != (asker{2, nil}) {
			t.Errorf("who comes later got %v", got)
		}
		if len(m.calls) != 0 {
			t.Errorf("%d outcomes kept", len(m.calls))
		}
	})
}

func TestMemoReuse(t *testing.T) {
	broken := errors.New("broken")
	m := memo[int]{reuse: func(_ int, err error, _ time.Time) bool { return err == nil }}
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
		value, err := m.get(t.Context(), "key", step.stale, work)
		if value != step.value || err != step.err {
			t.Errorf("step %d: %d, %v, want %d, %v", i, value, err, step.value, step.err)
		}
	}
}

// TestMemoGivingUp lets the one that works give up while others wait.
func TestMemoGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int]
		work := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Second):
				return 1, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		impatient, cancel := context.WithCancel(t.Context())
		first := ask(impatient, &m, 1, work)
		synctest.Wait()
		patient := ask(t.Context(), &m, 3, work)
		alsoImpatient := ask(impatient, &m, 3, work)
		synctest.Wait()
		cancel()
		if got := <-first; !errors.Is(got.err, context.Canceled) {
			t.Errorf("who worked and gave up got %v", got)
		}
		for range 3 {
			if got := <-patient; got != (asker{1, nil}) {
				t.Errorf("who waited on got %v", got)
			}
			if got := <-alsoImpatient; !errors.Is(got.err, context.Canceled) {
				t.Errorf("who waited and gave up got %v", got)
			}
		}
	})
}

// TestMemoPanic lets the one that works panic: it must not leave others waiting.
func TestMemoPanic(t *testing.T) {
	m := memo[int]{reuse: func(int, error, time.Time) bool { return true }}
	func() {
		defer func() { recover() }()
		m.get(t.Context(), "key", nil, func(context.Context) (int, error) { panic("oops") })
	}()
	got, err := m.get(t.Context(), "key", nil, func(context.Context) (int, error) { return 1, nil })
	if got != 1 || err != nil {
		t.Errorf("after a panic: %d, %v", got, err)
	}
}
