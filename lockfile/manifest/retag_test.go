package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRetagAnything gives every name of every text that TestRewrite has another
// tag, one name at a time: that name and nothing else is another one afterwards.
func TestRetagAnything(t *testing.T) {
	expand := strings.NewReplacer("§", "@"+digestA, "‡", digestA, "†", strings.TrimPrefix(digestA, "sha256:"))
	tried := 0
	for _, c := range rewriteCases {
		for _, form := range forms {
			file := c.file
			if file == "" {
				file = "manifest.yaml"
			}
			for _, text := range []string{form.apply(c.in), form.apply(expand.Replace(c.want))} {
				for _, tag := range []string{"9.9.9", "2"} {
					tried += retagEach(t, c.name+"/"+form.name, file, text, tag)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d names were given another tag", tried)
	}
}

// retagEach returns how many names of a text it has given another tag.
func retagEach(t *testing.T, what, file, src, tag string) int {
	t.Helper()
	s := NewScanner(Options{})
	found := s.Scan(file, []byte(src)).References
	done := map[string]bool{}
	for _, r := range found {
		if r.Tracked == "" || strings.Contains(r.Tracked, "@") || done[r.Tracked] || !allMayChange(found, r.Tracked) {
			continue
		}
		done[r.Tracked] = true
		var edits []Edit
		for _, o := range found {
			if o.Tracked != r.Tracked {
				continue
			}
			e, err := o.Retag(tag, digestB, TagAndDigest)
			if err != nil {
				t.Fatal(err)
			}
			edits = append(edits, e...)
		}
		out, err := Apply([]byte(src), edits)
		if err != nil {
			t.Errorf("%s: %s: %v", what, r.Tracked, err)
			continue
		}
		checkRetagged(t, what, found, s.Scan(file, out).References, r.Tracked, tag, string(out))
	}
	return len(done)
}

// allMayChange reports whether every reference to a name can take another tag.
func allMayChange(refs []Reference, name string) bool {
	for _, r := range refs {
		if r.Tracked == name && r.TagFixed() != "" {
			return false
		}
	}
	return true
}

func checkRetagged(t *testing.T, what string, before, after []Reference, name, tag, text string) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%s: %s: %d references became %d:\n%s", what, name, len(before), len(after), text)
		return
	}
	repo := name[:strings.LastIndexByte(name, ':')]
	for i, r := range after {
		old := before[i]
		want, digest := old.Tracked, old.Digest
		if old.Tracked == name {
			want, digest = repo+":"+tag, digestB
			if old.site.tag.state == tagReplaced && !strings.Contains(old.Reference[strings.LastIndexByte(old.Reference, '/')+1:], ":") {
				want = name // it has no tag at all
			} else if old.site.tag.state == tagReplaced {
				want = repo + "@" + digestB
			}
		}
		if r.Tracked != want || r.Digest != digest {
			t.Errorf("%s: retagging %s made %s@%s of %s, want %s@%s:\n%s", what, name, r.Tracked, r.Digest, old.Reference, want, digest, text)
		}
	}
}

func TestRetag(t *testing.T) {
	values := func(image string) string {
		return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: acme/web\n" + image
	}
	tests := []struct {
		name, file, tag string
		in, want        string
	}{
		{"one scalar", "a.yaml", "1.28", pod("image: nginx:1.27 # c"), pod("image: nginx:1.28@B # c")},
		{"one pinned scalar", "a.yaml", "1.28", pod(`image: "nginx:1.27@` + digestA + `"`), pod(`image: "nginx:1.28@B"`)},
		{"a number that was bare", "a.yaml", "1.30", values("      tag: 1.27\n      digest: ''\n"), values("      tag: \"1.30\"\n      digest: 'B'\n")},
		{"a string that is bare", "a.yaml", "1.28.0", values("      tag: 1.27.0\n      digest:\n"), values("      tag: 1.28.0\n      digest: B\n")},
		{"a date that was bare", "a.yaml", "2026-01-02", values("      tag: v1\n      digest: ''\n"), values("      tag: \"2026-01-02\"\n      digest: 'B'\n")},
		{"a number that was quoted", "a.yaml", "1.30", values("      tag: '1.27'\n      digest: ''\n"), values("      tag: '1.30'\n      digest: 'B'\n")},
		{"a digest behind the tag", "a.yaml", "1.30", values("      tag: 1.27\n"), values("      tag: 1.30@B\n")},
		{"hex digits alone", "a.yaml", "1.30.1", values("      tag: 1.27.1\n      sha: ''\n"), values("      tag: 1.30.1\n      sha: '" + strings.Repeat("b", 64) + "'\n")},
		{"a number in JSON", "a.json", "1.30", `{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","spec":{"values":{"image":{"repository":"acme/web","tag":1.27,"digest":""}}}}`,
			`{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","spec":{"values":{"image":{"repository":"acme/web","tag":"1.30","digest":"B"}}}}`},
		{"newTag", "kustomization.yaml", "2.0", "images:\n- name: nginx\n  newTag: 1.27.0\n", "images:\n- name: nginx\n  newTag: \"2.0\"\n  digest: B\n"},
		{"newTag with a digest", "kustomization.yaml", "2.0.1", "images:\n- name: nginx\n  digest: " + digestA + "\n  newTag: \"1.27\"\n",
			"images:\n- name: nginx\n  digest: B\n  newTag: \"2.0.1\"\n"},
		{"newTag in braces", "kustomization.yaml", "2.0.1", "images: [{name: nginx, newTag: 1.27.0}]\n", "images: [{name: nginx, newTag: 2.0.1, digest: B}]\n"},
		{"OCIRepository", "a.yaml", "2.0.1", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/acme/web\n  ref:\n    tag: 1.0.0\n",
			"apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/acme/web\n  ref:\n    tag: 2.0.1\n    digest: B\n"},
		{"Argo CD takes a digest in place of the tag", "a.yaml", "2.0.1", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: oci://ghcr.io/acme/web\n    targetRevision: 1.0.0\n",
			"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    repoURL: oci://ghcr.io/acme/web\n    targetRevision: B\n"},
		{"a digest alone gets no tag", "a.yaml", "2.0.1", pod("image: nginx@" + digestA), pod("image: nginx@B")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refs := NewScanner(Options{}).Scan(tt.file, []byte(tt.in)).References
			if len(refs) != 1 {
				t.Fatalf("references %+v", refs)
			}
			edits, err := refs[0].Retag(tt.tag, digestB, TagAndDigest)
			if err != nil {
				t.Fatal(err)
			}
			out, err := Apply([]byte(tt.in), edits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(tt.want, "B", digestB), string(out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetagWritesDigestsOnly(t *testing.T) {
	src := pod("image: nginx:1.27@" + digestA)
	r := NewScanner(Options{}).Scan("a.yaml", []byte(src)).References[0]
	edits, err := r.Retag("1.28", digestB, DigestOnly)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Apply([]byte(src), edits)
	if err != nil || string(out) != pod("image: nginx@"+digestB) {
		t.Errorf("got %s, %v", out, err)
	}
}

// What others read as well keeps its tag; its neighbour that stands alone does not.
func TestRetagRefuses(t *testing.T) {
	release := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n"
	image := func(name, lines string) string {
		return "    " + name + ":\n      image:\n        repository: acme/" + name + "\n        " + strings.ReplaceAll(lines, "\n", "\n        ") + "\n"
	}
	tests := []struct {
		name, src string
		want      []string // what is said of each reference
	}{
		{"a tag of its own", release + image("a", "tag: 1.0.0\ndigest: ''"), []string{""}},
		{"an anchor that serves another image", release + image("a", "tag: &v 1.0.0\ndigest: ''") + image("b", "tag: *v\ndigest: ''"),
			[]string{"its tag has an anchor, which serves other places as well", "its tag has an anchor, which serves other places as well"}},
		{"an anchor that serves a label", release + image("a", "tag: &v 1.0.0\ndigest: ''") + "    version: *v\n",
			[]string{"its tag has an anchor, which serves other places as well"}},
		{"an anchor that serves nothing", release + image("a", "tag: &v 1.0.0\ndigest: ''"), []string{""}},
		{"a merge key", release + "    x: &c {tag: 1.0.0}\n" + image("a", "digest: ''\n<<: *c"),
			[]string{"its tag comes from a merge key, which serves other places as well"}},
		{"what a merge key takes for another image", release + "    a:\n      image: &c\n        repository: acme/a\n        tag: 1.0.0\n        digest: ''\n" +
			"    b:\n      image:\n        <<: *c\n        repository: acme/b\n        digest: ''\n",
			[]string{"its tag also serves another image", "its tag comes from a merge key, which serves other places as well"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range NewScanner(Options{}).Scan("a.yaml", []byte(tt.src)).References {
				why := r.TagFixed()
				got = append(got, why)
				if _, err := r.Retag("2.0.0", digestB, TagAndDigest); (err == nil) != (why == "") {
					t.Errorf("TagFixed says %q, and Retag %v", why, err)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if why := (Reference{Why: "for a reason"}).TagFixed(); why != "for a reason" {
		t.Errorf("what is not editable: %q", why)
	}
}

func TestMarkers(t *testing.T) {
	const mark = `# {"$imagepolicy": "flux-system:web"}`
	tests := []struct {
		name, file, src string
		want            string
	}{
		{"beside an image", "a.yaml", pod("image: nginx:1.27 " + mark), "flux-system:web"},
		{"with words around it", "a.yaml", pod(`image: nginx:1.27 # set by {"$imagepolicy":"apps:web"} of Flux`), "apps:web"},
		{"on another line", "a.yaml", pod("image: nginx:1.27\nname: web " + mark), ""},
		{"that is no comment", "a.yaml", pod(`image: 'nginx:1.27' `), ""},
		{"of other tools", "a.yaml", pod(`image: nginx:1.27 # {"$openapi":"web"}`), ""},
		{"of the tag", "kustomization.yaml", "images:\n- name: nginx\n  newTag: \"1.27\" # {\"$imagepolicy\": \"apps:web:tag\"}\n", "apps:web"},
		{"of the name", "kustomization.yaml", "images:\n- name: nginx # {\"$imagepolicy\": \"apps:web:name\"}\n  newTag: \"1.27\"\n", "apps:web"},
		{"of the digest", "kustomization.yaml", "images:\n- name: nginx\n  newTag: \"1.27\"\n  digest: " + digestA + " # {\"$imagepolicy\": \"apps:web:digest\"}\n", "apps:web"},
		{"of a tag in values", "a.yaml", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: acme/web\n      tag: v1 # {\"$imagepolicy\": \"apps:web:tag\"}\n", "apps:web"},
		{"of an OCIRepository", "a.yaml", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: oci://ghcr.io/acme/web\n  ref:\n    tag: 1.0.0 # {\"$imagepolicy\": \"apps:web:tag\"}\n", "apps:web"},
		{"with Windows's line ends", "a.yaml", strings.ReplaceAll(pod("image: nginx:1.27 "+mark), "\n", "\r\n"), "flux-system:web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := NewScanner(Options{}).Scan(tt.file, []byte(tt.src))
			if len(f.References) != 1 {
				t.Fatalf("references %+v", f.References)
			}
			if got := f.References[0].Policy; got != tt.want {
				t.Errorf("policy %q, want %q", got, tt.want)
			}
			again, _, err := DecodeFile(string(AppendFile(nil, &f)))
			if err != nil || again.References[0].Policy != tt.want {
				t.Errorf("the cache makes %+v of it, %v", again, err)
			}
		})
	}
}

// TestCorpusRetag does to real files what TestRetagAnything does to small ones.
func TestCorpusRetag(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus of real repositories is absent")
	}
	tried := 0
	err := filepath.WalkDir(filepath.Join(corpus, "repos"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !Candidate(d.Name()) {
			return err
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tried += retagEach(t, name, name, string(src), "99.1")
		return nil
	})
	if err != nil || tried == 0 {
		t.Errorf("%d names were given another tag: %v", tried, err)
	}
	t.Logf("%d names", tried)
}
