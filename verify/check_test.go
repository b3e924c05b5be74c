package verify_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
)

// digest is that of some content, told from others by a letter.
func digest(letter string) string { return "sha256:" + strings.Repeat(letter, 64) }

const index = "application/vnd.oci.image.index.v1+json"

// image is a lock's entry for an image with a manifest for each platform.
func image(name, pin string, platforms ...string) lockfile.Entry {
	e := lockfile.Entry{Kind: lockfile.Image, Name: name, Digest: pin, MediaType: index}
	for _, p := range platforms {
		e.Platforms = append(e.Platforms, lockfile.Platform{Platform: p, Manifest: digest("e")})
	}
	return e
}

func artifact(name, pin string) lockfile.Entry {
	return lockfile.Entry{Kind: lockfile.Artifact, Name: name, Digest: pin, MediaType: "application/vnd.oci.image.manifest.v1+json"}
}

// pod is a manifest with a container for each image.
func pod(images ...string) string {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
	for _, i := range images {
		text += "    - image: '" + i + "'\n"
	}
	return text
}

// scan reads a file as the command does.
func scan(name, text string) []manifest.File {
	return []manifest.File{manifest.NewScanner(manifest.Options{}).Scan(name, []byte(text))}
}

// locked is an input with a lock of these entries.
func locked(text string, entries ...lockfile.Entry) verify.Input {
	l := &lockfile.Lock{Entries: entries}
	l.Sort()
	return verify.Input{Files: scan("pod.yaml", text), Lock: l, LockText: l.Format(),
		LockFile: "plumb.lock", ConfigFile: "plumb.yaml"}
}

// with changes an input.
func with(in verify.Input, change func(*verify.Input)) verify.Input {
	change(&in)
	return in
}

const nginx = "docker.io/library/nginx:1.27"

// exception covers everything that is called by a name.
func exception(name string, expired bool) verify.Excepted {
	return verify.Excepted{What: name, Expired: expired, Expires: "2026-01-02", Line: 4, Column: 5,
		Covers: func(_ string, names ...string) bool { return slices.Contains(names, name) }}
}

// Each rule is held against what it rejects and, next to it, against the nearest
// thing that it accepts.
func TestCheck(t *testing.T) {
	a, b := digest("a"), digest("b")
	entry := image(nginx, a, "linux/amd64")
	pinned := pod("nginx:1.27@" + a)
	tests := []struct {
		name string
		in   verify.Input
		want []string // file:line:column rule
	}{
		{"unpinned", locked(pod("nginx:1.27"), entry), []string{"pod.yaml:6:14 unpinned"}},
		{"pinned", locked(pinned, entry), nil},
		{"pinned under another spelling", locked(pod("index.docker.io/library/nginx:1.27@"+a), entry), nil},

		{"unlocked", locked(pinned), []string{"pod.yaml:6:14 unlocked"}},
		{"unlocked without a lock", with(locked(pinned), func(in *verify.Input) { in.Lock = nil }), []string{"pod.yaml:6:14 unlocked"}},
		{"a bare digest of a locked repository", locked(pod("nginx@"+a), entry), nil},
		{"a bare digest of another repository", locked(pod("redis@"+a), entry),
			[]string{"plumb.lock:4:5 unused", "pod.yaml:6:14 unlocked"}},
		{"a bare digest that is not locked", locked(pod("nginx@"+b), entry),
			[]string{"plumb.lock:4:5 unused", "pod.yaml:6:14 unlocked"}},

		{"mismatch", locked(pod("nginx:1.27@"+b), entry), []string{"pod.yaml:6:14 mismatch"}},
		{"locked as another kind", locked(pinned, artifact(nginx, a)),
			[]string{"plumb.lock:4:5 unused", "pod.yaml:6:14 mismatch"}},

		{"unused", locked(pod(), entry), []string{"plumb.lock:4:5 unused"}},
		{"unused, of a part of the tree", with(locked(pod(), entry), func(in *verify.Input) { in.Partial = true }), nil},
		{"named by plumb.yaml", with(locked(pod(), entry), func(in *verify.Input) {
			in.Images = []verify.Named{{Tracked: nginx, Written: "nginx:1.27", Line: 3, Column: 10}}
		}), nil},
		{"named by plumb.yaml and not locked", with(locked(pod()), func(in *verify.Input) {
			in.Images = []verify.Named{{Tracked: nginx, Written: "nginx:1.27", Line: 3, Column: 10}}
		}), []string{"plumb.yaml:3:10 unlocked"}},

		{"platform", with(locked(pinned, entry), func(in *verify.Input) { in.Platforms = []string{"linux/arm64"} }),
			[]string{"pod.yaml:6:14 platform"}},
		{"platform that is there", with(locked(pinned, entry), func(in *verify.Input) { in.Platforms = []string{"linux/amd64"} }), nil},
		{"platform of an image that plumb.yaml names", with(locked(pod(), entry), func(in *verify.Input) {
			in.Platforms = []string{"linux/arm64"}
			in.Images = []verify.Named{{Tracked: nginx, Written: "nginx:1.27", Line: 3, Column: 10}}
		}), []string{"plumb.yaml:3:10 platform"}},

		{"uneditable variable", locked(pod("nginx:${TAG}")), []string{"pod.yaml:6:14 uneditable"}},
		{"uneditable name", locked(pod("Nginx:1.27")), []string{"pod.yaml:6:14 uneditable"}},
		{"uneditable digest", locked(pod("nginx@sha512:" + strings.Repeat("a", 128))), []string{"pod.yaml:6:14 uneditable"}},

		{"suspect", locked("apiVersion: a.example/v1\nkind: W\nspec: {engine: 'ghcr.io/acme/web:v1'}\n"), []string{"pod.yaml:3:16 suspect"}},
		{"no suspect", locked("apiVersion: a.example/v1\nkind: W\nspec: {engine: 'v8'}\n"), nil},

		{"unreadable", locked("apiVersion: v1\nkind: Pod\nspec: \"\n"), []string{"pod.yaml:3:1 unreadable"}},
		{"unreadable, whatever it is", locked("name: build\nsteps: [}\n"), []string{"pod.yaml:2:1 unreadable"}},
		{"no manifest", locked("name: build\nsteps: []\n"), nil},
		{"no manifest, in a folder that no consumer reads", with(locked(""), func(in *verify.Input) {
			in.Files = scan(".github/workflows/build.yaml", "name: build\nsteps: [}\n")
		}), nil},
		{"no manifest, but a template", locked("name: {{ build }}\nsteps: [}\n"), nil},

		{"nothing", with(locked(""), func(in *verify.Input) { in.Empty = []string{"docs"} }),
			[]string{"docs:1:1 nothing"}},
		{"nothing in a stream", with(locked(""), func(in *verify.Input) {
			in.Partial, in.Empty = true, []string{"pod.yaml"}
		}), []string{"pod.yaml:1:1 nothing"}},
		{"nothing that can be parsed in a stream", with(locked("foo: [\n"), func(in *verify.Input) {
			in.Partial, in.Empty = true, []string{"pod.yaml"}
		}), []string{"pod.yaml:1:1 nothing"}},

		{"lock", with(locked(pinned), func(in *verify.Input) { in.LockError = errors.New("permission denied") }),
			[]string{"plumb.lock:1:1 lock"}},
		{"lock with a line", with(locked(pinned), func(in *verify.Input) {
			in.Lock, in.LockError = lockfile.Parse("plumb.lock", []byte("# no lock\n"))
		}), []string{"plumb.lock:1:1 lock"}},

		{"exception", with(locked(pod("nginx:1.27")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(nginx, false)}
		}), nil},
		{"exception by the name as written", with(locked(pod("nginx:${TAG}")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception("nginx:${TAG}", false)}
		}), nil},
		{"exception that has expired", with(locked(pod("nginx:1.27")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(nginx, true)}
		}), []string{"plumb.yaml:4:5 exception", "pod.yaml:6:14 unpinned"}},
		{"expired beside a live one", with(locked(pod("nginx:1.27")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(nginx, true), exception(nginx, false)}
		}), []string{"plumb.yaml:4:5 exception"}},
		{"exception that matches nothing", with(locked(pinned, entry), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception("gone", false)}
		}), []string{"plumb.yaml:4:5 exception"}},
		{"exception that matches nothing of a part", with(locked(pinned, entry), func(in *verify.Input) {
			in.Exceptions, in.Partial = []verify.Excepted{exception("gone", false)}, true
		}), nil},
		{"what is excepted is used", with(locked(pinned, entry), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(nginx, false)}
		}), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := verify.Check(tt.in)
			if diff := cmp.Diff(tt.want, places(found)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, f := range found {
				checkFinding(t, f)
			}
		})
	}
}

// checkFinding holds a finding against what its rule promises.
func checkFinding(t *testing.T, f verify.Finding) {
	t.Helper()
	i := slices.IndexFunc(verify.Rules(), func(r verify.Rule) bool { return r.Name == f.Rule })
	if i < 0 {
		t.Fatalf("there is no rule %q", f.Rule)
	}
	if want := verify.Rules()[i].Severity; f.Severity != want {
		t.Errorf("a finding of %s has the severity %s, want %s", f.Rule, f.Severity, want)
	}
	if f.Message == "" || f.Fix == "" && f.Rule != verify.LockRule {
		t.Errorf("the finding says too little: %+v", f)
	}
}

func TestCheckRemarksOnTemplates(t *testing.T) {
	found := verify.Check(locked(pod("{{ .Values.image }}")))
	if diff := cmp.Diff([]string{"pod.yaml:6:14 uneditable"}, places(found)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if verify.Failed(found) {
		t.Error("a template, which is judged once it is rendered, fails the tree")
	}
}

func TestCheckSortsFindings(t *testing.T) {
	in := locked(pod("redis:7", "nginx:1.27"))
	in.Files = append(scan("z.yaml", pod("nginx:1.27")), in.Files...)
	want := []string{"pod.yaml:6:14 unpinned", "pod.yaml:7:14 unpinned", "z.yaml:6:14 unpinned"}
	if diff := cmp.Diff(want, places(verify.Check(in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What was rendered has no file that a command could be given.
func TestCheckMendsRenderedAtItsSource(t *testing.T) {
	in := locked(pod("nginx:1.27"))
	if got, want := verify.Check(in)[0].Fix, "to pin it: plumb lock pod.yaml"; got != want {
		t.Errorf("of a file: %q, want %q", got, want)
	}
	in.Partial = true
	if got, want := verify.Check(in)[0].Fix, "to pin it: plumb lock, then render again"; got != want {
		t.Errorf("of what was rendered: %q, want %q", got, want)
	}
}
