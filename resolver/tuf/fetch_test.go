package tuf_test

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/resolver/tuf"
	"github.com/plumb-dev/plumb/resolver/tuf/tuftest"
	"github.com/plumb-dev/plumb/verify/policy"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

var (
	later = time.Now().AddDate(0, 0, 7)
	past  = time.Now().AddDate(0, 0, -1)
)

// world is a repository that is served, with a trusted root.
type world struct {
	*tuftest.Repository
	source tuf.Source
	root   []byte // the target
}

func newWorld(t *testing.T) world {
	t.Helper()
	r, err := tuftest.New()
	check(t, err)
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	w := world{r, tuf.Source{URL: s.URL, Root: r.Root()}, trustedRoot(t)}
	w.publish(t, 1, later)
	return w
}

func trustedRoot(t *testing.T) []byte {
	t.Helper()
	s, err := signaturetest.New()
	check(t, err)
	root, err := s.TrustedRoot()
	check(t, err)
	return root
}

func (w *world) publish(t *testing.T, version int64, expires time.Time) {
	t.Helper()
	check(t, w.Publish(version, expires, map[string][]byte{"trusted_root.json": w.root}))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reading returns what reads the files of a copy.
func reading(files map[string][]byte) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	}
}

func (w *world) fetch(t *testing.T, before map[string][]byte) (map[string][]byte, error) {
	t.Helper()
	return tuf.Fetch(t.Context(), http.DefaultClient, w.source, reading(before))
}

// TestFetch copies a repository that moves on, and reads each copy offline.
func TestFetch(t *testing.T) {
	w := newWorld(t)
	remote := policy.Remote{Root: w.source.Root, Targets: "targets"}
	var before map[string][]byte
	for i, tt := range []struct {
		name   string
		change func()
		want   []string // its files
		differ bool
	}{
		{"the first", func() {}, []string{"snapshot.json", "targets.json", "targets/trusted_root.json", "timestamp.json"}, true},
		{"nothing new", func() {}, []string{"snapshot.json", "targets.json", "targets/trusted_root.json", "timestamp.json"}, false},
		{"new dates", func() { w.publish(t, 2, later) }, []string{"snapshot.json", "targets.json", "targets/trusted_root.json", "timestamp.json"}, false},
		{"new keys", func() {
			check(t, w.Rotate(later))
			check(t, w.Rotate(later))
			w.publish(t, 3, later)
		}, []string{"2.root.json", "3.root.json", "snapshot.json", "targets.json", "targets/trusted_root.json", "timestamp.json"}, true},
		{"another target", func() {
			w.root = trustedRoot(t)
			w.publish(t, 4, later)
		}, []string{"2.root.json", "3.root.json", "snapshot.json", "targets.json", "targets/trusted_root.json", "timestamp.json"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.change()
			got, err := w.fetch(t, before)
			check(t, err)
			if diff := cmp.Diff(tt.want, slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if !bytes.Equal(got["targets/trusted_root.json"], w.root) {
				t.Error("the target is another")
			}
			differ, err := tuf.Differs(got, reading(before))
			check(t, err)
			if differ != tt.differ {
				t.Errorf("differs %t, want %t", differ, tt.differ)
			}
			m, err := remote.Trusted(reading(got))
			check(t, err)
			if parts := policy.Parts(m); len(parts) != 4 || !strings.HasPrefix(parts[0], "certificate authority ") {
				t.Errorf("step %d: it trusts %q", i, parts)
			}
			before = got
		})
	}
}

// TestFetchParts copies a repository of old, whose targets say what each of them is for.
func TestFetchParts(t *testing.T) {
	s, err := signaturetest.New()
	check(t, err)
	logKey, err := s.LogPEM()
	check(t, err)
	ctKey, err := s.CTLogPEM()
	check(t, err)
	w := newWorld(t)
	w.Usage = map[string]string{"fulcio.pem": "Fulcio", "rekor.pub": "Rekor", "ctfe.pub": "CTFE"}
	targets := map[string][]byte{"fulcio.pem": s.AuthorityPEM(), "rekor.pub": logKey, "ctfe.pub": ctKey, "notes": []byte("x")}
	check(t, w.Publish(2, later, targets))
	got, err := w.fetch(t, nil)
	check(t, err)
	want := []string{"snapshot.json", "targets.json", "targets/ctfe.pub", "targets/fulcio.pem", "targets/rekor.pub", "timestamp.json"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	m, err := policy.Remote{Root: w.source.Root, Targets: "targets"}.Trusted(reading(got))
	check(t, err)
	if parts := policy.Parts(m); len(parts) != 3 {
		t.Errorf("it trusts %q", parts)
	}
	w.Usage["../x"] = "TSA"
	check(t, w.Publish(3, later, map[string][]byte{"../x": []byte("x")}))
	if _, err := w.fetch(t, nil); err == nil || !strings.Contains(err.Error(), `invalid target name "../x"`) {
		t.Errorf("error is %v", err)
	}
}

// TestFetchRejects has what no copy is made of: each is the accepted copy but for one
// thing.
func TestFetchRejects(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, w *world, before map[string][]byte)
		want   string
	}{
		{"another root", func(t *testing.T, w *world, _ map[string][]byte) { w.source.Root = newWorld(t).source.Root }, "timestamp.json"},
		{"no root", func(_ *testing.T, w *world, _ map[string][]byte) { w.source.Root = []byte("{}") }, "trusted root.json"},
		{"expired", func(t *testing.T, w *world, _ map[string][]byte) { w.publish(t, 3, past) }, "expired"},
		{"a root that has expired", func(t *testing.T, w *world, _ map[string][]byte) {
			check(t, w.Rotate(past))
			w.publish(t, 3, later)
		}, "root.json is expired"},
		{"gone back", func(t *testing.T, w *world, _ map[string][]byte) { w.publish(t, 1, later) }, "version 1 must be >= 2"},
		{"a root by itself", func(t *testing.T, w *world, _ map[string][]byte) {
			other := newWorld(t)
			check(t, other.Rotate(later))
			w.Change("2.root.json", func([]byte) []byte { return file(t, &other, "2.root.json") })
		}, "root"},
		{"an altered target", func(_ *testing.T, w *world, _ map[string][]byte) {
			for _, name := range w.Names("targets/") {
				w.Change(name, func(data []byte) []byte { return bytes.ToUpper(data) })
			}
		}, "target trusted_root.json"},
		{"an altered timestamp", func(_ *testing.T, w *world, _ map[string][]byte) {
			w.Change("timestamp.json", func(data []byte) []byte {
				return bytes.Replace(data, []byte(`"version":2`), []byte(`"version":9`), -1)
			})
		}, "timestamp"},
		{"an endless file", func(_ *testing.T, w *world, _ map[string][]byte) {
			w.Change("timestamp.json", func([]byte) []byte { return make([]byte, 1<<20) })
		}, "longer than the limit of 16384 bytes"},
		{"a copy of another repository", func(t *testing.T, _ *world, before map[string][]byte) {
			other := newWorld(t)
			files, err := other.fetch(t, nil)
			check(t, err)
			maps.Copy(before, files)
		}, "existing copy (remove it if it is of another repository): timestamp.json"},
		{"a copy with another root", func(_ *testing.T, _ *world, before map[string][]byte) { before["2.root.json"] = []byte("{}") },
			"existing copy (remove it if it is of another repository): 2.root.json"},
		{"connection refused", func(_ *testing.T, w *world, _ map[string][]byte) { w.source.URL = "http://127.0.0.1:1" }, "connection refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(t, 2, later)
			before, err := w.fetch(t, nil)
			check(t, err)
			if _, err := w.fetch(t, before); err != nil {
				t.Fatalf("unchanged: %v", err)
			}
			tt.change(t, &w, before)
			files, err := w.fetch(t, before)
			if err == nil || files != nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "copying "+w.source.URL+": ") {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// file is what a repository serves.
func file(t *testing.T, w *world, name string) (data []byte) {
	t.Helper()
	w.Change(name, func(d []byte) []byte { data = d; return d })
	return data
}

func TestFetchEnds(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tuf.Fetch(ctx, http.DefaultClient, w.source, reading(nil)); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error is %v", err)
	}
}

// TestPublic has the root that the program was built with, which must be one.
func TestPublic(t *testing.T) {
	s := tuf.Public()
	r, err := tuftest.New()
	check(t, err)
	server := httptest.NewServer(r)
	defer server.Close()
	s.URL = server.URL
	_, err = tuf.Fetch(t.Context(), http.DefaultClient, s, reading(nil))
	if err == nil || strings.Contains(err.Error(), "trusted root.json") {
		t.Errorf("error is %v", err)
	}
}
