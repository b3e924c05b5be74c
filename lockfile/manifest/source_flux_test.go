package manifest

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
)

// sourceCase is a text in which one source is found, and what pinning it makes of the text.
type sourceCase struct {
	name, src string
	file      string // "" for "a.yaml"
	tracked   string
	pin       string // that it carries
	form      Form
	holder    Holder
	want      string // the text once it is pinned; "" for none
	why       string // part of why it cannot be edited
}

// examplePin is what the sources of tests are pinned to.
var examplePin = SourcePin{Commit: strings.Repeat("5b", 20), Version: "1.14.4", Tag: "v2.3.0",
	Digest: "sha256:" + strings.Repeat("a", 64)}

// checkSources scans each case's text, checks the one source in it and pins it.
func checkSources(t *testing.T, cases []sourceCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			name := c.file
			if name == "" {
				name = "a.yaml"
			}
			f := NewScanner(Options{}).Scan(name, []byte(c.src))
			r := oneSource(t, &f)
			if r == nil {
				return
			}
			if r.Tracked != c.tracked || r.Source.Pin != c.pin || r.Source.Form != c.form ||
				r.Source.Holder != c.holder {
				t.Errorf("got %q, pin %q, form %d, held by %s", r.Tracked, r.Source.Pin,
					r.Source.Form, r.Source.Holder)
			}
			if r.Editable != (c.want != "") || !strings.Contains(r.Why, c.why) {
				t.Errorf("editable: %v (%s)", r.Editable, r.Why)
			}
			checkPinned(t, name, c, r)
		})
	}
}

// oneSource returns the only source of a file.
func oneSource(t *testing.T, f *File) (source *Reference) {
	t.Helper()
	if f.Unreadable != nil {
		t.Fatal(f.Unreadable.Message)
	}
	for i := range f.References {
		if r := &f.References[i]; r.Source != nil {
			if source != nil {
				t.Fatalf("a second source: %s", r.Tracked)
			}
			source = r
		}
	}
	if source == nil {
		t.Errorf("no source is found; remarks: %v", f.Remarks)
	}
	return source
}

// checkPinned pins r, compares the text, and scans that: it carries the pin, follows what it
// followed, and pinning it again changes nothing.
func checkPinned(t *testing.T, name string, c sourceCase, r *Reference) {
	t.Helper()
	if c.want == "" {
		if edits := r.PinSource(examplePin); len(edits) > 0 {
			t.Errorf("edits of what is not to be edited: %v", edits)
		}
		return
	}
	got, err := Apply([]byte(c.src), r.PinSource(examplePin))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != c.want {
		t.Errorf("got\n%s\nwant\n%s", got, c.want)
	}
	f := NewScanner(Options{}).Scan(name, got)
	again := oneSource(t, &f)
	if again == nil {
		return
	}
	if again.Source.Pin == "" || again.Source.Pin == r.Source.Pin && r.Source.Pin == "" {
		t.Errorf("pinned, it carries %q", again.Source.Pin)
	}
	if edits := again.PinSource(examplePin); len(edits) > 0 {
		t.Errorf("pinning it again changes it: %v", edits)
	}
}

func TestGitRepository(t *testing.T) {
	const (
		head = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: a\nspec:\n" +
			"  url: https://github.com/acme/bases.git # ours\n"
		name = "https://github.com/acme/bases.git"
	)
	commit, old := examplePin.Commit, strings.Repeat("1", 40)
	checkSources(t, []sourceCase{
		{name: "branch", src: head + "  ref:\n    branch: main # prod\n", tracked: name + "@main",
			form: Branch, holder: ByConsumer,
			want: head + "  ref:\n    branch: main # prod\n    commit: " + commit + "\n"},
		{name: "no ref is master", src: head, tracked: name + "@master", form: Branch,
			holder: ByConsumer,
			want:   head + "  ref:\n    branch: master\n    commit: " + commit + "\n"},
		{name: "tag", src: head + "  ref: {tag: v1}\n", tracked: name + "@v1", form: Tag,
			holder: ByConsumer, want: head + "  ref: {tag: v1, commit: " + commit + "}\n"},
		{name: "semver", src: head + "  ref:\n    semver: \">=1\"\n", tracked: name + "@>=1",
			form: TagRange, holder: ByConsumer,
			want: head + "  ref:\n    semver: \">=1\"\n    commit: " + commit + "\n"},
		{name: "pinned", src: head + "  ref:\n    branch: main\n    commit: \"" + old + "\"\n",
			tracked: name + "@main", pin: old, form: Branch, holder: ByConsumer,
			want: head + "  ref:\n    branch: main\n    commit: \"" + commit + "\"\n"},
		{name: "a commit alone", src: head + "  ref:\n    commit: " + commit + "\n",
			tracked: name + "@" + commit, pin: commit, form: Commit, holder: ByConsumer,
			want: head + "  ref:\n    commit: " + commit + "\n"},
		{name: "verify.mode Tag", src: head + "  ref:\n    tag: v1\n  verify:\n    mode: Tag\n",
			tracked: name + "@v1", form: Tag, holder: ByPlumbAlone, why: "verify.mode Tag"},
	})
}

func TestGitRepositoryOfAnotherGroup(t *testing.T) {
	src := "apiVersion: acme.io/v1\nkind: GitRepository\nspec:\n  url: https://github.com/a/b\n"
	f := NewScanner(Options{}).Scan("a.yaml", []byte(src))
	for _, r := range f.References {
		if r.Input == lockfile.Git {
			t.Errorf("%s is a source", r.Reference)
		}
	}
}
