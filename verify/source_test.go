package verify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/config"
	"github.com/plumb-dev/plumb/verify"
)

const bases = "https://github.com/acme/bases.git"

// gitRepository is a GitRepository of Flux with this ref, and more under spec.
func gitRepository(ref, more string) string {
	text := "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: bases}\n" +
		"spec:\n  interval: 1h\n  url: " + bases + "\n"
	if ref != "" {
		text += "  ref: {" + ref + "}\n"
	}
	if more != "" {
		text += "  " + more + "\n"
	}
	return text
}

// git is a lock's entry for a ref of bases.
func git(ref, commit string) lockfile.Entry {
	return lockfile.Entry{Kind: lockfile.Git, Name: bases, Ref: ref, Commit: commit}
}

// Each source that is accepted stands beside one that is not.
func TestCheckSources(t *testing.T) {
	one, two := strings.Repeat("5b", 20), strings.Repeat("6c", 20)
	self := func(branch string) func(*verify.Input) {
		return func(in *verify.Input) {
			in.Self = []config.Self{{URL: "git@github.com:Acme/bases", Branch: branch}}
		}
	}
	tests := []struct {
		name string
		in   verify.Input
		want []string // severity rule
	}{
		{"a branch, pinned and locked",
			locked(gitRepository("branch: main, commit: "+one, ""), git("refs/heads/main", one)), nil},
		{"a branch without a commit",
			locked(gitRepository("branch: main", ""), git("refs/heads/main", one)),
			[]string{"error unpinned"}},
		{"a branch, not locked", locked(gitRepository("branch: main, commit: "+one, "")),
			[]string{"error unlocked"}},
		{"another commit than the lock's",
			locked(gitRepository("branch: main, commit: "+two, ""), git("refs/heads/main", one)),
			[]string{"error mismatch"}},
		{"another branch than the lock's",
			locked(gitRepository("branch: dev, commit: "+one, ""), git("refs/heads/main", one)),
			[]string{"remark unused", "error unlocked"}},
		{"a short commit",
			locked(gitRepository("branch: main, commit: "+one[:12], ""), git("refs/heads/main", one)),
			[]string{"error unpinned"}},
		{"a commit alone, locked under a branch",
			locked(gitRepository("commit: "+one, ""), git("refs/heads/main", one)), nil},
		{"a commit alone that the lock lacks",
			locked(gitRepository("commit: "+two, ""), git("refs/heads/main", one)),
			[]string{"remark unused", "error unlocked"}},
		{"a tag, pinned",
			locked(gitRepository("tag: v1, commit: "+one, ""), git("refs/tags/v1", one)), nil},
		{"a tag that lock left alone, as its commit is on no branch",
			locked(gitRepository("tag: v1", ""), git("refs/tags/v1", one)),
			[]string{"remark unenforced"}},
		{"a tag that is not locked", locked(gitRepository("tag: v1", "")), []string{"error unpinned"}},
		{"verify.mode Tag",
			locked(gitRepository("tag: v1", "verify: {mode: Tag}"), git("refs/tags/v1", one)),
			[]string{"remark unenforced"}},
		{"verify.mode Tag, not locked", locked(gitRepository("tag: v1", "verify: {mode: Tag}")),
			[]string{"error unlocked"}},
		{"verify.mode TagAndHEAD of a branch",
			locked(gitRepository("branch: main", "verify: {mode: TagAndHEAD}"), git("refs/heads/main", one)),
			[]string{"error unpinned"}},
		{"a range", locked(gitRepository("semver: '>=1', commit: "+one, ""),
			lockfile.Entry{Kind: lockfile.Git, Name: bases, Range: ">=1", Ref: "refs/tags/v1.2", Commit: one}),
			nil},
		{"a range of another text",
			locked(gitRepository("semver: '>=2', commit: "+one, ""),
				lockfile.Entry{Kind: lockfile.Git, Name: bases, Range: ">=1", Ref: "refs/tags/v1.2", Commit: one}),
			[]string{"remark unused", "error unlocked"}},
		{"its own repository", with(locked(gitRepository("branch: main", "")), self("")), nil},
		{"its own repository at a branch that plumb.yaml names",
			with(locked(gitRepository("branch: prod", "")), self("prod")), nil},
		{"its own repository at another branch",
			with(locked(gitRepository("branch: prod", "")), self("")), []string{"error unknown-input"}},
		{"its own repository at a tag",
			with(locked(gitRepository("tag: main", "")), self("")), []string{"error unknown-input"}},
		{"its own repository at a commit",
			with(locked(gitRepository("branch: main, commit: "+one, "")), self("")),
			[]string{"error unknown-input"}},
		{"git is not required", with(locked(gitRepository("branch: main", "")), func(in *verify.Input) {
			in.Require = []string{"image"}
		}), []string{"remark unpinned"}},
		{"an exception", with(locked(gitRepository("branch: main", "")), func(in *verify.Input) {
			in.Exceptions = []verify.Excepted{exception(bases+"@main", false)}
		}), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range verify.Check(tt.in) {
				got = append(got, string(f.Severity)+" "+f.Rule)
				if f.Rule != verify.Unused && (f.Fix == "" || f.Line == 0) {
					t.Errorf("no fix or place: %+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
