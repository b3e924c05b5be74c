package once_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumb-dev/plumb/resolver/internal/once"
)

// TestDo has many callers of work that succeeds, and of work that fails.
func TestDo(t *testing.T) {
	broken := errors.New("broken")
	for _, want := range []error{nil, broken} {
		synctest.Test(t, func(t *testing.T) {
			var g once.Group[int]
			n := 0
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					v, err := g.Do(t.Context(), "key", func() (int, error) {
						time.Sleep(time.Second)
						n++
						return n, want
					})
					if v != 1 || err != want {
						t.Errorf("%d, %v, want 1, %v", v, err, want)
					}
				})
			}
			synctest.Wait()
			if _, ok := g.Known("key"); ok {
				t.Error("it is known before it is done")
			}
			wg.Wait()
			if v, ok := g.Known("key"); ok != (want == nil) || ok && v != 1 {
				t.Errorf("known: %d, %v", v, ok)
			}
			if _, ok := g.Known("another"); ok {
				t.Error("another key is known")
			}
		})
	}
}

// TestGiveUp ends the context of the caller that works while another one waits.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g once.Group[int]
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := g.Do(ctx, "key", func() (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}); !errors.Is(err, context.Canceled) {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if v, err := g.Do(t.Context(), "key", func() (int, error) { return 2, nil }); v != 2 || err != nil {
				t.Errorf("the second: %d, %v", v, err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
		if _, err := g.Do(ctx, "key", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
	})
}
