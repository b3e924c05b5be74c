package policy

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

const digest = "sha256:5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350"

// globs are the cases that policy-controller documents for its globs, and those
// that a pinned image adds.
var globs = []struct {
	image, glob string
	want        bool
}{
	// An official image of Docker Hub.
	{"foo", "index.docker.io/library/foo:latest", true},
	{"foo", "index.docker.io/library/foo:*", true},
	{"foo", "index.docker.io/library/*", true},
	{"foo", "index.docker.io/library/*:latest", true},
	{"foo", "index.docker.io/library/*:other", false},
	{"foo", "index.docker.io/*/*", true},
	{"foo", "index.docker.io/*", false},
	{"foo", "index.docker.io/**", true},
	{"foo", "index.docker.**", true},
	{"foo", "inde**", true},
	{"foo", "**", true},
	{"foo", "foo", true},
	{"foo", "foo*", true},
	{"foo", "foo**", true},
	{"foo", "fo", false},
	{"foo", "*", true},
	{"foo", "*/*", true},

	// A user's image of Docker Hub.
	{"myuser/myapp", "index.docker.io/myuser/myapp:latest", true},
	{"myuser/myapp", "index.docker.io/myuser/myapp:*", true},
	{"myuser/myapp", "index.docker.io/myuser/*", true},
	{"myuser/myapp", "index.docker.io/myuser/*:latest", true},
	{"myuser/myapp", "index.docker.io/*/*", true},
	{"myuser/myapp", "index.docker.io/**", true},
	{"myuser/myapp", "index.docker.**", true},
	{"myuser/myapp", "inde**", true},
	{"myuser/myapp", "**", true},
	{"myuser/myapp", "myuser/myapp", true},
	{"myuser/myapp", "myuser/myapp*", true},
	{"myuser/myapp", "myuser/myapp**", true},
	{"myuser/myapp", "*/*", true},
	{"myuser/myapp", "*", false},
	{"myuser/myapp", "index.docker.io/library/*", false},

	// Whole names.
	{"ghcr.io/foo/bar", "ghcr.io/*/*", true},
	{"ghcr.io/foo/bar", "ghcr.io/**", true},
	{"ghcr.io/foo/bar", "ghcr.io/*", false},
	{"ghcr.io/foo", "ghcr.io/*/*", false},
	{"ghcr.io/foo", "ghcr.io/**", true},
	{"ghcr.io/foo", "ghc**", true},
	{"ghcr.io/foo", "**", true},
	{"ghcr.io/foo", "*/**", true},
	{"ghcr.io/foo", "*/*", false}, // which means Docker Hub
	{"ghcr.io/foo", "ghcr.io/foo*", true},
	{"ghcr.io/foo", "ghcr.io/foo**", true},
	{"prefix-ghcr.io/foo", "ghcr.io/foo", false},
	{"ghcr.io/foo-suffix", "ghcr.io/foo", false},
	{"ghcrxio/foo", "ghcr.io/**", false},
	{"localhost:5000/foo", "localhost:5000/*", true},

	// By digest, which is how a cluster's admission sees what is pinned.
	{"ghcr.io/foo@" + digest, "ghcr.io/foo@" + digest, true},
	{"ghcr.io/foo@" + digest, "ghcr.io/foo@" + strings.Replace(digest, "5504", "5505", 1), false},
	{"ghcr.io/foo@" + digest, "ghcr.io/foo*", true},
	{"ghcr.io/foo@" + digest, "ghcr.io/foo@*", true},
	{"ghcr.io/foo@" + digest, "ghcr.io/foo", false},
	{"ghcr.io/foo@" + digest, "ghcr.io/foo:latest", false},

	// By tag and digest: either may be meant.
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo@" + digest, true},
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo:v1", true},
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo:v*", true},
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo:v1@" + digest, true},
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo:v2*", false},
	{"ghcr.io/foo:v1@" + digest, "ghcr.io/foo", false},

	// However an image of Docker Hub is written, it is the same image.
	{"docker.io/library/nginx:1.27@" + digest, "nginx:*", true},
	{"nginx:1.27@" + digest, "docker.io/library/nginx*", true},
	{"index.docker.io/library/nginx:1.27@" + digest, "library/nginx*", true},
	{"docker.io/nginx:1.27@" + digest, "index.docker.io/library/nginx@*", true},
	{"ghcr.io/library/nginx:1.27@" + digest, "nginx*", false},
	{"ghcr.io/library/nginx:1.27@" + digest, "library/nginx*", false},
	{"acme/nginx:1.27@" + digest, "nginx*", false},
}

func TestGlob(t *testing.T) {
	for _, tt := range globs {
		t.Run(tt.image+"|"+tt.glob, func(t *testing.T) {
			name, err := oci.Parse(tt.image)
			if err != nil {
				t.Fatal(err)
			}
			g, err := compileGlob(tt.glob)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, _, got := matching([]glob{g}, spellings(name)); got != tt.want {
				t.Errorf("matches: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestGlobRefuses(t *testing.T) {
	for _, text := range []string{".+", "[a-z]*", "", "ghcr.io/foo ", "ghcr.io/{a,b}", "gh#cr.io/a", "ä", "a\nb"} {
		if _, err := compileGlob(text); err == nil {
			t.Errorf("%q was taken as a glob", text)
		}
	}
}
