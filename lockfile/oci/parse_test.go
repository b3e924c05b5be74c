package oci

import (
	"errors"
	"strings"
	"testing"
)

var hex64 = strings.Repeat("0a", 32)

func TestParse(t *testing.T) {
	d := "@sha256:" + hex64
	for _, c := range []struct{ in, want, tracked string }{
		{"nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"docker.io/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"index.docker.io/library/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"nginx:1.27", "docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"},
		{"grafana/grafana:11", "docker.io/grafana/grafana:11", "docker.io/grafana/grafana:11"},
		{"ghcr.io/library/x:1", "ghcr.io/library/x:1", "ghcr.io/library/x:1"},
		{"registry.example.com:5000/a/b:v1", "registry.example.com:5000/a/b:v1", "registry.example.com:5000/a/b:v1"},
		{"[::1]:5000/a:v1", "[::1]:5000/a:v1", "[::1]:5000/a:v1"},
		{"[2001:db8::1]/a", "[2001:db8::1]/a", "[2001:db8::1]/a:latest"},
		{"localhost/x:1", "localhost/x:1", "localhost/x:1"},
		{"localhost:5000/x:1", "localhost:5000/x:1", "localhost:5000/x:1"},
		{"GHCR.IO/acme/app:V1", "ghcr.io/acme/app:V1", "ghcr.io/acme/app:V1"},
		{"FOO/bar", "FOO/bar", "FOO/bar:latest"},
		{"LOCALHOST/bar", "localhost/bar", "localhost/bar:latest"},
		{"nginx" + d, "docker.io/library/nginx" + d, "docker.io/library/nginx" + d},
		{"nginx:1.27" + d, "docker.io/library/nginx:1.27" + d, "docker.io/library/nginx:1.27"},
		{"nginx@sha512:" + hex64 + hex64, "docker.io/library/nginx@sha512:" + hex64 + hex64, "docker.io/library/nginx@sha512:" + hex64 + hex64},
		{"x:" + strings.Repeat("t", 128), "docker.io/library/x:" + strings.Repeat("t", 128), "docker.io/library/x:" + strings.Repeat("t", 128)},
		{"foo__bar/b---z/c.d", "docker.io/foo__bar/b---z/c.d", "docker.io/foo__bar/b---z/c.d:latest"},
	} {
		n, err := Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if n.String() != c.want || n.Tracked() != c.tracked {
			t.Errorf("%s: got %s and %s, want %s and %s", c.in, n, n.Tracked(), c.want, c.tracked)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ in, reason string }{
		{"", "empty"},
		{"nginx 1.27", "white space"},
		{" nginx", "white space"},
		{"docker://nginx:1", `"docker://"`},
		{"ko://github.com/acme/app", `"ko://"`},
		{"ghcr.io/Acme/app:1", "lower case"},
		{"nginx@sha256:abc", "64 hex digits, not 3"},
		{"nginx@sha256:" + strings.ToUpper(hex64), "lower case"},
		{"nginx@md5:" + hex64[:32], `"md5" is not known`},
		{"nginx@" + hex64, "no digest"},
		{hex64, "image id"},
		{"scratch", "empty base"},
		{"docker.io/library/scratch:latest", "empty base"},
		{"gcr.io/domain.com:proj/img", "no colon"},
		{"a//b", "is empty"},
		{"ghcr.io/a/", "is empty"},
		{"foo..bar", "form"},
		{"nginx:", "form"},
		{"x:" + strings.Repeat("t", 129), "128 characters"},
		{"ghcr.io/" + strings.Repeat("a/", 130) + "b:1", "255"},
	} {
		n, err := Parse(c.in)
		var ne *NameError
		if !errors.As(err, &ne) {
			t.Errorf("%s: got %v and %v, want a *NameError", c.in, n, err)
			continue
		}
		if !strings.Contains(ne.Reason, c.reason) || ne.Ref != c.in {
			t.Errorf("%s: got %q, want a reason with %q", c.in, ne.Reason, c.reason)
		}
	}
}

// TestOrdinary checks that the names that matter for speed take the fast way,
// and read the same as on the slow one.
func TestOrdinary(t *testing.T) {
	for _, s := range []string{"nginx", "nginx:1.27", "grafana/grafana:11.0.0", "ghcr.io/acme/app:v1@sha256:" + hex64,
		"registry.example.com/team-1/svc_2/x.y:v1.2.3", "quay.io/a/b", "registry.example.com:5000/a/b:1", "localhost:5000/x:1"} {
		fast, ok := parseOrdinary(s)
		slow, err := parseAny(s)
		if !ok || err != nil || fast != slow {
			t.Errorf("%s: %v (%v) and %v (%v)", s, fast, ok, slow, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"nginx", "a/b:1", "ghcr.io/a/b@sha256:" + hex64, "[::1]:5000/a:v1", "FOO/bar", "localhost/x", "docker.io/nginx",
		"library/nginx", "ghcr.io/a_b/c-d.e:V1@sha256:" + hex64, hex64, "a.b/" + hex64, "a." + hex64[:60] + "/x:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseAny(s)
		if fast, ok := parseOrdinary(s); ok && (err != nil || fast != n) {
			t.Fatalf("%q is %v to one and %v to the other (%v)", s, fast, n, err)
		}
		if err != nil {
			return
		}
		again, err := Parse(n.String())
		if err != nil || again != n {
			t.Errorf("%q is %v, which reads as %v (%v)", s, n, again, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("registry.example.com:5000/acme/app:v1.2.3"); err != nil {
			b.Fatal(err)
		}
	}
}
