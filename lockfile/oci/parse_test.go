package oci

import (
	"errors"
	"strings"
	"testing"
)

var (
	hex64 = strings.Repeat("0a", 32)
	d256  = "@sha256:" + hex64
	d512  = "@sha512:" + hex64 + hex64
	tag   = strings.Repeat("t", maxTag)
	// long is a repository of as many characters as one can have.
	long = strings.Repeat("a/", 127) + "b"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want, tracked string }{
		{"nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"docker.io/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"index.docker.io/library/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"DOCKER.IO/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"Index.Docker.io/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"library/nginx", "docker.io/library/nginx", "docker.io/library/nginx:latest"},
		{"nginx:1.27", "docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"},
		{"nginx:latest", "docker.io/library/nginx:latest", "docker.io/library/nginx:latest"},
		{"grafana/grafana:11", "docker.io/grafana/grafana:11", "docker.io/grafana/grafana:11"},
		{"ghcr.io/library/x:1", "ghcr.io/library/x:1", "ghcr.io/library/x:1"},
		{"ghcr.io/x:1", "ghcr.io/x:1", "ghcr.io/x:1"},
		{"registry.example.com:5000/a/b:v1", "registry.example.com:5000/a/b:v1", "registry.example.com:5000/a/b:v1"},
		{"127.0.0.1:5000/a", "127.0.0.1:5000/a", "127.0.0.1:5000/a:latest"},
		{"[::1]:5000/x", "[::1]:5000/x", "[::1]:5000/x:latest"},
		{"[2001:DB8::1]/a", "[2001:db8::1]/a", "[2001:db8::1]/a:latest"},
		{"localhost/x", "localhost/x", "localhost/x:latest"},
		{"localhost:5000/x:1", "localhost:5000/x:1", "localhost:5000/x:1"},
		{"localhost:5000", "docker.io/library/localhost:5000", "docker.io/library/localhost:5000"},
		{"GHCR.IO/acme/app:V1", "ghcr.io/acme/app:V1", "ghcr.io/acme/app:V1"},
		{"Registry:5000/app", "registry:5000/app", "registry:5000/app:latest"},
		{"LOCALHOST/bar", "localhost/bar", "localhost/bar:latest"},
		{"FOO/bar", "FOO/bar", "FOO/bar:latest"},
		{"foo/bar", "docker.io/foo/bar", "docker.io/foo/bar:latest"},
		{"nginx" + d256, "docker.io/library/nginx" + d256, "docker.io/library/nginx" + d256},
		{"nginx:1.27" + d256, "docker.io/library/nginx:1.27" + d256, "docker.io/library/nginx:1.27"},
		{"nginx" + d512, "docker.io/library/nginx" + d512, "docker.io/library/nginx" + d512},
		{"x:" + tag, "docker.io/library/x:" + tag, "docker.io/library/x:" + tag},
		{"ghcr.io/" + long, "ghcr.io/" + long, "ghcr.io/" + long + ":latest"},
		{"ghcr.io/" + hex64, "ghcr.io/" + hex64, "ghcr.io/" + hex64 + ":latest"},
		{"foo__bar/b---z/c.d_e", "docker.io/foo__bar/b---z/c.d_e", "docker.io/foo__bar/b---z/c.d_e:latest"},
		{"ghcr.io/acme/scratch:1", "ghcr.io/acme/scratch:1", "ghcr.io/acme/scratch:1"},
		{"gcr.io/domain.com/proj/img", "gcr.io/domain.com/proj/img", "gcr.io/domain.com/proj/img:latest"},
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
		{"nginx\n", "white space"},
		{"nginx\u00a0", "white space"},
		{"docker://nginx:1", `a scheme, "docker://"`},
		{"https://ghcr.io/acme/app", `a scheme, "https://"`},
		{"ko://github.com/acme/app", `a scheme, "ko://"`},
		{"ghcr.io/Acme/app:1", "a repository is lower case"},
		{"Nginx", "a repository is lower case"},
		{"nginx@sha256:abc", "64 hex digits, not 3"},
		{"nginx@sha256:" + hex64 + "0", "64 hex digits, not 65"},
		{"nginx@sha512:" + hex64, "128 hex digits, not 64"},
		{"nginx@sha256:" + strings.ToUpper(hex64), "lower case"},
		{"nginx@sha256:" + strings.Repeat("g", 64), "something else than hex digits"},
		{"nginx@md5:" + hex64[:32], `unknown digest algorithm "md5"`},
		{"nginx@SHA256:" + hex64, `unknown digest algorithm "SHA256"`},
		{"nginx@" + hex64, "not a digest"},
		{"nginx@", "not a digest"},
		{"nginx" + d256 + d256, "hex digits, not"},
		{hex64, "image id"},
		{"scratch", "empty base"},
		{"docker.io/library/scratch:latest", "empty base"},
		{"gcr.io/domain.com:proj/img", "cannot hold a colon"},
		{"a//b", "is empty"},
		{"/a", "is empty"},
		{"ghcr.io/a/", "is empty"},
		{"ghcr.io/", "is empty"},
		{"foo..bar", `in "foo..bar", one dot`},
		{"foo___bar", `in "foo___bar"`},
		{"a/-b", `in "-b"`},
		{"a/b.", `in "b."`},
		{"nginx:", "no tag follows"},
		{"nginx:-1", `start with "-"`},
		{"nginx:1+2", `a tag cannot hold "+"`},
		{"x:" + tag + "t", "128 characters"},
		{"ghcr.io/" + long + "b", "255"},
		{"ghcr.io/" + strings.Repeat("b", 1017), "it has 1025 bytes"},
		{"nginx:${TAG}", `a tag cannot hold "$"`},
		{"${REPO}/nginx", `cannot hold "$"`},
		{"{{ .image }}", "white space"},
		{"nginx\x00", `cannot hold "\x00"`},
		{"größe", `cannot hold "ö"`},
		{"a\xffb", `cannot hold "\xff"`},
		{"ghcr..io/a", "its host is none"},
		{"[::1/a", "its host is none"},
		{"host:port/a", "its host is none"},
	} {
		n, err := Parse(c.in)
		var ne *NameError
		if !errors.As(err, &ne) {
			t.Errorf("%s: got %v and %v, want a *NameError", c.in, n, err)
			continue
		}
		if !strings.Contains(ne.Reason, c.reason) || ne.Ref != c.in || n != (Name{}) {
			t.Errorf("%s: got %v and %q, want a reason with %q", c.in, n, ne.Reason, c.reason)
		}
	}
}

func TestNameError(t *testing.T) {
	_, err := Parse("a//b")
	if want := `invalid image name "a//b": a part of the repository between slashes is empty`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestOrdinary checks that the names that matter for speed take the fast way,
// and that the others do not.
func TestOrdinary(t *testing.T) {
	for s, want := range map[string]bool{
		"nginx": true, "nginx:1.27": true, "grafana/grafana:11.0.0": true, "localhost:5000/x:1": true,
		"ghcr.io/acme/app:v1" + d256: true, "registry.example.com:5000/team-1/svc_2/x.y:v1.2.3": true,
		"docker.io/nginx": true, "GHCR.IO/a": false, "[::1]/a": false, "FOO/a": false, "a" + d512: false, hex64: false,
	} {
		if _, ok := ordinary(s); ok != want {
			t.Errorf("%s: ordinary is %v, want %v", s, ok, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"nginx", "a/b:1", "ghcr.io/a/b" + d256, "[::1]:5000/a:v1", "FOO/bar", "localhost/x", "docker.io/nginx",
		"DOCKER.IO/nginx", "library/nginx", "ghcr.io/a_b/c--d.e__f:V1" + d256, "a" + d512, hex64, "a.b/" + hex64, hex64 + ":1", "host:80/x", long} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		slow, reason := parse(s)
		if fast, ok := ordinary(s); ok && fast != slow {
			t.Fatalf("%q is %v to one and %v to the other (%s)", s, fast, slow, reason)
		}
		n, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(n.String()); err != nil || again != n {
			t.Errorf("%q is %v, which reads as %v (%v)", s, n, again, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"ordinary", "registry.example.com:5000/acme/app:v1.2.3" + d256},
		{"general", "Registry.example.com:5000/acme/app:v1.2.3" + d256},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(c.in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
