package resolver

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSpread(t *testing.T) {
	host := func(s string) string { return s[:1] }
	got := spread([]string{"a1", "a2", "a3", "b1", "c1", "c2"}, host)
	if diff := cmp.Diff([]string{"a1", "b1", "c1", "a2", "c2", "a3"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := spread(nil, host); len(got) != 0 {
		t.Errorf("got %v of nothing", got)
	}
}

func TestQueryAll(t *testing.T) {
	var sum atomic.Int64
	items := make([]int, 1000)
	for i := range items {
		items[i] = i
	}
	host := func(i int) string { return string(rune('a' + i%7)) }
	queryAll(items, host, nil, func(i int) { sum.Add(int64(i)) })
	if got := sum.Load(); got != 999*1000/2 {
		t.Errorf("the items add up to %d", got)
	}

	var mu sync.Mutex
	waiting, done := map[string]int{}, 0
	queryAll(items, host, func(s Step) {
		mu.Lock()
		defer mu.Unlock()
		if s.Total != len(items) {
			t.Errorf("%d in all", s.Total)
		}
		if waiting[s.Host]++; s.Done {
			waiting[s.Host] -= 2
			done++
		}
	}, func(int) {})
	for h, n := range waiting {
		if n != 0 {
			t.Errorf("%s waits for %d", h, n)
		}
	}
	if len(waiting) != 7 || done != len(items) {
		t.Errorf("%d done of %d hosts", done, len(waiting))
	}
	Progress(nil).uncounted() // is nil
}
