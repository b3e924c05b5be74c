package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/resolver"
	"github.com/plumb-dev/plumb/resolver/registry"
)

// spreadOut writes one name into so many places, a hundred to a file.
func (w *world) spreadOut(name string, places int) {
	clear(w.texts)
	images := make([]string, 100)
	for i := range images {
		images[i] = name
	}
	for i := range places / len(images) {
		w.pod(fmt.Sprintf("%04d.yaml", i), images...)
	}
}

// perPlace bounds what a plan takes for each place, in bytes: an edit, a place of
// a report, and room for lists to grow. The scanned files are not counted.
const perPlace = 2048

// One name costs the same requests in however many places it stands, and memory
// that grows with these and nothing else.
func TestMakeOfOneNameInManyPlaces(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.server.PushIndex("acme/web", "1.1.0", 2)
	requests := map[int]int{}
	for _, places := range []int{100, 50_000} {
		w.spreadOut(w.name("acme/web:1.0.0"), places)
		files := w.files()
		w.server.Reset()
		p, taken := measured(t, func() *resolver.Plan {
			p, err := resolver.Make(t.Context(), files, nil, w.client, resolver.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return p
		})
		requests[places] = w.server.Count("")
		if got := edited(p); got != places || w.server.Count("/manifests/1.0.0") != 1 {
			t.Errorf("%d places: %d edits, requests %v", places, got, w.server.Requests())
		}
		if places > 1000 && taken > uint64(places)*perPlace {
			t.Errorf("%d places: %d bytes, more than %d each", places, taken, perPlace)
		}

		// The same of a tag that moves.
		w.carryOut(p)
		files = w.files()
		w.server.Reset()
		o := resolver.Options{Update: all, Images: []resolver.Image{w.follow("acme/web", "^1")}}
		p, taken = measured(t, func() *resolver.Plan {
			p, err := resolver.Make(t.Context(), files, w.lock, w.client, o)
			if err != nil {
				t.Fatal(err)
			}
			return p
		})
		if got := edited(p); got != places || w.server.Count("/tags/list") != 1 || w.server.Count("/manifests/1.") != 1 {
			t.Errorf("%d places: %d edits, requests %v", places, got, w.server.Requests())
		}
		if places > 1000 && taken > uint64(places)*perPlace {
			t.Errorf("%d places that get another tag: %d bytes, more than %d each", places, taken, perPlace)
		}
		w.lock = nil
	}
	if requests[50_000] > requests[100] {
		t.Errorf("requests by places: %v", requests)
	}
}

func edited(p *resolver.Plan) int {
	n := 0
	for _, edits := range p.Edits {
		n += len(edits)
	}
	return n
}

// measured returns what do returns, and how many bytes it has allocated.
func measured(t *testing.T, do func() *resolver.Plan) (*resolver.Plan, uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := do()
	runtime.ReadMemStats(&after)
	return p, after.TotalAlloc - before.TotalAlloc
}

// No goroutine outlives what it was started for, whether it was answered,
// refused or cut off.
func TestNothingKeepsRunning(t *testing.T) {
	w := newWorld(t)
	for i := range 50 {
		w.server.PushIndex(fmt.Sprintf("acme/app-%d", i), "1.0.0", i)
		w.pod(fmt.Sprintf("%d.yaml", i), w.name(fmt.Sprintf("acme/app-%d:1.0.0", i)), w.name("acme/gone:1"))
	}
	before := runtime.NumGoroutine()
	for _, limit := range []time.Duration{time.Minute, 20 * time.Millisecond, 0} {
		client, err := registry.New(registry.Options{Keychain: noKeys{}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), limit)
		p, err := resolver.Make(ctx, w.files(), nil, client, resolver.Options{Images: []resolver.Image{w.follow("acme/app-1", "^1")}, Update: all})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = resolver.FindOutdated(ctx, p.Lock, client, resolver.OutdatedOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err = resolver.CheckPins(ctx, p.Lock.Entries, client, nil); err != nil {
			t.Fatal(err)
		}
		stop()
		client.Close()
	}
	// A connection's own goroutines end soon after it is closed.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// deadline is a context whose deadline comes when end is called.
type deadline struct {
	context.Context
	over chan struct{}
	once sync.Once
}

func newDeadline(ctx context.Context) *deadline {
	return &deadline{Context: ctx, over: make(chan struct{})}
}

func (d *deadline) end()                  { d.once.Do(func() { close(d.over) }) }
func (d *deadline) Done() <-chan struct{} { return d.over }

func (d *deadline) Err() error {
	select {
	case <-d.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// At the deadline there is a plan of what is known, and the rest are failures
// with the context's cause.
func TestMakePlansWhatIsKnownAtTheDeadline(t *testing.T) {
	w := newWorld(t)
	web := w.server.PushIndex("acme/web", "v1", 1)
	w.server.PushIndex("acme/slow", "v1", 2)
	w.pod("a.yaml", w.name("acme/web:v1"), w.name("acme/slow:v1"))
	hang := func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "acme/slow") {
			return false
		}
		<-r.Context().Done()
		return true
	}
	w.server.Fail(hang)
	ctx := newDeadline(t.Context())
	firstDone := func(s resolver.Step) {
		if s.Done && ctx.Err() == nil {
			ctx.end()
		}
	}
	p, err := resolver.Make(ctx, w.files(), nil, w.client, resolver.Options{Progress: firstDone})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Failures) != 1 || p.Queried != 2 || len(p.Edits["a.yaml"]) != 1 ||
		len(p.Lock.Entries) != 1 || p.Lock.Entries[0].Digest != web {
		t.Errorf("queried %d, failures %v, lock %v, edits %v", p.Queried, p.Failures, p.Lock.Entries, p.Edits)
	}
	if f := p.Failures[0]; f.Name != w.name("acme/slow:v1") || !errors.Is(f.Err, context.DeadlineExceeded) {
		t.Errorf("%s: %v", f.Name, f.Err)
	}

	ctx = newDeadline(t.Context())
	lock := &lockfile.Lock{Entries: append(p.Lock.Entries, entry(w.name("acme/slow:v1")))}
	pins, err := resolver.CheckPins(ctx, lock.Entries, w.client, firstDone)
	if err != nil || len(pins.Gone)+len(pins.Wrong) != 0 || len(pins.Failures) != 1 || !errors.Is(pins.Failures[0].Err, context.DeadlineExceeded) {
		t.Errorf("%+v, %v", pins, err)
	}
	ctx = newDeadline(t.Context())
	lock.Sort()
	out, err := resolver.FindOutdated(ctx, lock, w.client, resolver.OutdatedOptions{Progress: firstDone})
	if err != nil || len(out.Outdated) != 0 || len(out.Failures) != 1 || !errors.Is(out.Failures[0].Err, context.DeadlineExceeded) {
		t.Errorf("outdated %v, %v", out, err)
	}
}

// The same while tags are listed.
func TestMakeKeepsTheDeadlineOfTags(t *testing.T) {
	w := newWorld(t)
	w.server.PushIndex("acme/web", "1.0.0", 1)
	w.pod("a.yaml", w.name("acme/web:1.0.0"))
	w.locked()
	ctx := newDeadline(t.Context())
	w.server.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/tags/list") {
			return false
		}
		ctx.end()
		<-r.Context().Done()
		return true
	})
	o := resolver.Options{Update: all, Images: []resolver.Image{w.follow("acme/web", "^1")}}
	p, err := resolver.Make(ctx, w.files(), w.lock, w.client, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Failures) != 1 || !errors.Is(p.Failures[0].Err, context.DeadlineExceeded) || !p.Empty(w.lock.Format()) {
		t.Errorf("failures %v, changes %v", p.Failures, p.Changes)
	}
}
