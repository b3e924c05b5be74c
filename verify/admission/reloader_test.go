package admission_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// scripted is a source that yields what it is told to.
type scripted struct {
	version source.Version
	err     error
}

func (s *scripted) Fetch(_ context.Context, served source.Version) (source.Version, error) {
	if s.err == nil && served.Commit == s.version.Commit {
		return source.Version{}, source.ErrUnchanged
	}
	return s.version, s.err
}

// TestReloaderKeepsTheLastGood goes through a life of a source.
func TestReloaderKeepsTheLastGood(t *testing.T) {
	first, second := versionOf(2, nil), versionOf(3, nil)
	second.Commit = strings.Repeat("d", 40)
	broken := versionOf(2, map[string]string{"plumb.lock": "no lock"})
	broken.Commit = strings.Repeat("b", 40)
	src := &scripted{err: errors.New("the server is away")}
	var saved []string
	k := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}},
		Save: func(v source.Version) error { saved = append(saved, v.Commit); return nil }}
	if k.State() != nil {
		t.Fatal("a state before there is one")
	}
	for _, step := range []struct {
		name    string
		version source.Version
		err     error
		served  string // commit, "" for none
		want    string // in the error, "" for none
	}{
		{"away at first", source.Version{}, errors.New("the server is away"), "", "away"},
		{"the first", first, nil, first.Commit, ""},
		{"unchanged", first, nil, first.Commit, "nothing has changed"},
		{"broken", broken, nil, first.Commit, "is refused: plumb.lock:1:"},
		{"broken still", broken, nil, first.Commit, "is refused: plumb.lock:1:"},
		{"away", source.Version{}, errors.New("the server is away"), first.Commit, "away"},
		{"refused", source.Version{}, &source.RefusedError{Commit: "x", Reason: "it is not signed"},
			first.Commit, "not signed"},
		{"the second", second, nil, second.Commit, ""},
	} {
		src.version, src.err = step.version, step.err
		err := k.Refresh(t.Context())
		if step.want == "" && err != nil || step.want != "" &&
			(err == nil || !strings.Contains(err.Error(), step.want)) {
			t.Errorf("%s: error %v, want %q", step.name, err, step.want)
		}
		served := ""
		if s := k.State(); s != nil {
			served = s.Commit
		}
		if served != step.served {
			t.Errorf("%s: serves %q, want %q", step.name, served, step.served)
		}
		if status := k.Status(); (status.Err != nil) != (step.want != "" &&
			step.name != "unchanged") {
			t.Errorf("%s: status %v", step.name, status.Err)
		}
	}
	if got := strings.Join(saved, " "); got != first.Commit+" "+second.Commit {
		t.Errorf("kept %s", got)
	}
}

// TestReloaderKeepsLater: what cannot be written at first is written with a later attempt.
func TestReloaderKeepsLater(t *testing.T) {
	full, saved := true, 0
	k := &admission.Reloader{Source: &scripted{version: versionOf(2, nil)},
		Roots: []admission.Root{{Path: "."}}, Save: func(source.Version) error {
			if full {
				return errors.New("the disk is full")
			}
			saved++
			return nil
		}}
	for range 2 {
		if err := k.Refresh(t.Context()); err == nil ||
			!strings.Contains(err.Error(), "is served, but cannot be saved: the disk is full") ||
			k.State() == nil {
			t.Errorf("with a full disk: %v", err)
		}
	}
	full = false
	if err := k.Refresh(t.Context()); err != nil || saved != 1 {
		t.Errorf("%v, saved %d times", err, saved)
	}
	if err := k.Refresh(t.Context()); !errors.Is(err, source.ErrUnchanged) || saved != 1 {
		t.Errorf("again: %v, saved %d times", err, saved)
	}
}

// TestReloaderAsksAgain: a source that does not answer is asked again soon, one whose
// version is refused is not.
func TestReloaderAsksAgain(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		again bool
	}{
		"away":    {errors.New("the server is away"), true},
		"refused": {&source.RefusedError{Commit: "x", Reason: "it is not signed"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				k := &admission.Reloader{Source: &scripted{err: test.err},
					Roots: []admission.Root{{Path: "."}}, Interval: time.Hour,
					Observe: func(error) { attempts++ }}
				ctx, stop := context.WithTimeout(t.Context(), 59*time.Minute)
				defer stop()
				k.Run(ctx)
				// 1, 2, 4, 8, 16 and 32 seconds, and then a minute each.
				if again := attempts == 1+6+57; again != test.again || !again && attempts != 1 {
					t.Errorf("%d attempts", attempts)
				}
			})
		})
	}
}

// TestReloaderMaxAge: a lock that is no longer confirmed is served for MaxAge only.
func TestReloaderMaxAge(t *testing.T) {
	v := versionOf(1, nil)
	src := &scripted{version: v}
	k := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}}, MaxAge: time.Hour}
	if err := k.Start(t.Context(), v, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if k.State() != nil {
		t.Error("a state of two hours ago is served")
	}
	if err := k.Refresh(t.Context()); !errors.Is(err, source.ErrUnchanged) || k.State() == nil {
		t.Errorf("a state that is confirmed is not served: %v", err)
	}
	if err := k.Start(t.Context(), versionOf(1, map[string]string{"plumb.lock": ""}),
		time.Now()); err == nil {
		t.Error("a kept version that does not verify was started with")
	}
}

// TestReloaderSignal: a new commit is served at once, without the interval's end.
func TestReloaderSignal(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	src := make(sourceOf, 1)
	src <- versionOf(1, nil)
	loaded := make(chan error, 4)
	k := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}},
		Observe: func(err error) { loaded <- err }}
	ended := make(chan struct{})
	go func() { k.Run(ctx); close(ended) }()
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	next := versionOf(2, nil)
	next.Commit = "next"
	src <- next
	k.Signal()
	if err := <-loaded; err != nil || k.State().Commit != "next" {
		t.Errorf("after a signal: %v", err)
	}
	stop()
	<-ended
}

// sourceOf yields what is sent to it.
type sourceOf chan source.Version

func (s sourceOf) Fetch(ctx context.Context, _ source.Version) (source.Version, error) {
	select {
	case v := <-s:
		return v, nil
	case <-ctx.Done():
		return source.Version{}, ctx.Err()
	}
}

// TestReloaderKeepsWhatIsNeeded: of a repository with many files, those are kept that
// make the state again.
func TestReloaderKeepsWhatIsNeeded(t *testing.T) {
	const anyone = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: " +
		"{name: all}\n" +
		"spec:\n  images: [{glob: \"**\"}]\n  authorities: [{name: anyone, static: {action: " +
		"pass}}]\n"
	src := &scripted{version: versionOf(2, map[string]string{"plumb.yaml": "apiVersion: " +
		"plumb.dev/v1\nkind: Config\n", "apps/web.yaml": "a: b",
		"policies/all.yaml": anyone, "policies/other.yaml": "a: b"})}
	var saved source.Version
	k := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}},
		Save: func(v source.Version) error { saved = v; return nil }}
	if err := k.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(slices.Sorted(maps.Keys(saved.Files)),
		" "); got != "plumb.lock plumb.yaml policies/all.yaml" {
		t.Errorf("kept %s", got)
	}
	again := &admission.Reloader{Source: src, Roots: []admission.Root{{Path: "."}}}
	if err := again.Start(t.Context(), saved, time.Now()); err != nil ||
		again.State().Images() != 2 {
		t.Errorf("what was kept does not make the state again: %v", err)
	}
}
