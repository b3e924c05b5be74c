package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseReadsImages(t *testing.T) {
	const text = head + `images:
  - nginx:1
  - 'redis:7'
  - name: nginx
    track: "~1.27"
  - {track: ">=2 <4", name: ghcr.io/acme/web:v2.0.1}
  - name: "plain"
`
	c, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Image{
		{Name: "nginx:1", Line: 4, Column: 5},
		{Name: "redis:7", Line: 5, Column: 5},
		{Name: "nginx", Track: "~1.27", Line: 6, Column: 11},
		{Name: "ghcr.io/acme/web:v2.0.1", Track: ">=2 <4", Line: 8, Column: 29},
		{Name: "plain", Line: 9, Column: 11},
	}
	if diff := cmp.Diff(want, c.Images); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var locked []bool
	tags := []string{}
	for _, i := range c.Images {
		locked = append(locked, i.Locked())
		if start, end, ok := i.TagSpan([]byte(text)); ok {
			tags = append(tags, text[start:end])
		}
	}
	if diff := cmp.Diff([]bool{true, true, false, true, true}, locked); diff != "" {
		t.Errorf("locked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "7", "v2.0.1"}, tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestTagSpanRefuses(t *testing.T) {
	const text = "a\n\"nginx\\x3a1\"\nnginx:1@sha256:x\n"
	for _, i := range []Image{
		{Name: "nginx:1", Line: 2, Column: 1}, // written with an escape
		{Name: "nginx:1", Line: 9, Column: 1},
		{Name: "nginx:1", Line: 1, Column: 90},
		{Name: "nginx:1"},
		{Name: "nginx", Line: 3, Column: 1},
		{Name: "nginx:1@sha256:" + strings.Repeat("a", 64), Line: 3, Column: 1},
	} {
		if start, end, ok := i.TagSpan([]byte(text)); ok {
			t.Errorf("%+v: found %d to %d", i, start, end)
		}
	}
}

func TestParseReadsMirrors(t *testing.T) {
	c, err := Parse("f", []byte(head+"registries: {docker.io: {mirrors: [Mirror.example:5000, cache.example/hub/x, docker.io/proxied]}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"mirror.example:5000", "cache.example/hub/x", "docker.io/proxied"}
	if diff := cmp.Diff(want, c.Registries["docker.io"].Mirrors); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseRefusesImagesAndMirrors(t *testing.T) {
	mirrors := func(list string) string { return head + "registries: {docker.io: {mirrors: [" + list + "]}}\n" }
	images := func(list string) string { return head + "images: [" + list + "]\n" }
	pinned := "nginx@sha256:" + strings.Repeat("a", 64)
	tests := []struct{ name, text, want string }{
		{"a number for an image", images("1"), "f:3:10: images[0] must be a string, not a number (quote it)"},
		{"an image by two names", images("nginx:1, docker.io/nginx:1"),
			`f:3:19: images[1]: duplicate "docker.io/nginx:1", it is docker.io/library/nginx:1`},
		{"a tracked repository twice", images("{name: nginx, track: ~1}, {name: nginx, track: ~2}"),
			`f:3:36: images[1]: duplicate "nginx", it is docker.io/library/nginx`},
		{"no name", images("{track: ~1}"), "f:3:10: images[0] has no name"},
		{"an unknown field of an image", images("{name: a, trakc: ~1}"),
			`f:3:20: unknown field "trakc" in images[0]: did you mean "track"?`},
		{"a bad range", images("{name: nginx, track: newest}"),
			`f:3:31: images[0].track: invalid range "newest": write one as in ~1.27 or >=2.1 <4`},
		{"an empty range", images(`{name: nginx, track: ""}`), "f:3:31: images[0].track is empty"},
		{"a number for a range", images("{name: nginx, track: 1}"), "f:3:31: images[0].track must be a string, not a number (quote it)"},
		{"a range for latest", images("{name: 'nginx:latest', track: ~1}"),
			`f:3:40: images[0].track: the tag of "nginx:latest" is not a version that can move in a range`},
		{"a range for a digest", images("{name: '" + pinned + "', track: ~1}"),
			`f:3:105: images[0].track: "` + pinned + `" is pinned, and moves in no range`},

		{"a URL for a mirror", mirrors("'https://a.example'"),
			`f:3:36: registries[docker.io].mirrors[0]: "https://a.example" is not a valid mirror: write host[:port][/prefix], as in mirror.example.com/hub`},
		{"a word for a mirror", mirrors("hub"),
			`f:3:36: registries[docker.io].mirrors[0]: "hub" is not a valid mirror: write host[:port][/prefix], as in mirror.example.com/hub`},
		{"a mirror with a slash at its end", mirrors("a.example/"),
			`f:3:36: registries[docker.io].mirrors[0]: "a.example/" is not a valid mirror: write host[:port][/prefix], as in mirror.example.com/hub`},
		{"a mirror with a bad prefix", mirrors("a.example/Hub"),
			`f:3:36: registries[docker.io].mirrors[0]: "a.example/Hub" is not a valid mirror: write host[:port][/prefix], as in mirror.example.com/hub`},
		{"a mirror with a tag", mirrors("'a.example/hub:1'"),
			`f:3:36: registries[docker.io].mirrors[0]: "a.example/hub:1" is not a valid mirror: write host[:port][/prefix], as in mirror.example.com/hub`},
		{"the registry for its own mirror", mirrors("index.docker.io"), `f:3:36: registries[docker.io].mirrors[0]: "index.docker.io" is the registry itself`},
		{"a mirror twice", mirrors("a.example, A.example"), `f:3:47: registries[docker.io].mirrors[1]: duplicate "A.example", it is a.example`},
		{"a list for a mirror", mirrors("[]"), "f:3:36: registries[docker.io].mirrors[0] must be a string, not a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse("f", []byte(tt.text))
			if err == nil {
				t.Fatalf("Parse took it as %+v", c)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("Parse's error (-want +got):\n%s", diff)
			}
		})
	}
	c, err := Parse("f", []byte(images("nginx:1, 'ng inx'")))
	if err == nil || !strings.HasPrefix(err.Error(), `f:3:19: images[1]: invalid image name "ng inx": `) {
		t.Errorf("Parse's error is %v, of %+v", err, c)
	}
}
