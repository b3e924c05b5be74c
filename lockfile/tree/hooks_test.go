//go:build unix

package tree

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindHooks(t *testing.T) {
	for _, test := range []struct {
		name, hooksPath string // what core.hooksPath is; "" for not set
		want            string // relative to the top
		inTree, outside bool
	}{
		{"git's own", "", ".git/hooks", false, false},
		{"in the tree", ".husky", ".husky", true, false},
		{"deep in the tree", ".husky/_", ".husky/_", true, false},
		{"the top", ".", ".", true, false},
		{"in the repository", ".git/other", ".git/other", false, false},
		{"up and out", "../shared", "../shared", false, true},
		{"an absolute path elsewhere", "/nowhere/hooks", "/nowhere/hooks", false, true},
		{"no folder at all", os.DevNull, os.DevNull, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRepo(t)
			r.write("deep/down/x", "")
			if test.hooksPath != "" {
				r.git("config", "core.hooksPath", test.hooksPath)
			}
			want := test.want
			if !filepath.IsAbs(want) {
				want = r.path(want)
			}
			for _, dir := range []string{r.dir, r.path("deep/down")} {
				h, err := FindHooks(context.Background(), dir)
				if err != nil {
					t.Fatal(err)
				}
				if h.Dir != want || h.Top != r.dir || h.InTree != test.inTree || h.Outside != test.outside || h.Foreign {
					t.Errorf("FindHooks(%s) = %+v; want %s, in tree %v, outside %v", dir, h, want, test.inTree, test.outside)
				}
				if named := strings.Contains(h.Setting, test.hooksPath+" (file:"); named != (test.hooksPath != "") {
					t.Errorf("FindHooks(%s): the setting is %q", dir, h.Setting)
				}
			}
		})
	}
}

func TestFindHooksInOtherRepositories(t *testing.T) {
	r := newDir(t)
	main := r.path("it's \"main\" $x")
	r.git("init", "-q", main)
	in := repo{t, main}
	in.git("commit", "-q", "--allow-empty", "-m", "1")
	in.git("worktree", "add", "-q", r.path("linked"))
	r.git("init", "-q", "--separate-git-dir", r.path("apart.git"), r.path("apart"))
	in.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", main, "module")
	for dir, want := range map[string]string{
		main:                          filepath.Join(main, ".git/hooks"),
		r.path("linked"):              filepath.Join(main, ".git/hooks"),
		r.path("apart"):               r.path("apart.git/hooks"),
		filepath.Join(main, "module"): filepath.Join(main, ".git/modules/module/hooks"),
	} {
		h, err := FindHooks(context.Background(), dir)
		if err != nil || h.Dir != want || h.InTree || h.Foreign {
			t.Errorf("FindHooks(%s) = %+v, %v; want %s, in the repository", dir, h, err, want)
		}
	}

	// In a linked work tree git tells hooks where their repository is.
	t.Chdir(r.path("linked"))
	t.Setenv("GIT_DIR", filepath.Join(main, ".git/worktrees/linked"))
	h, err := FindHooks(context.Background(), r.path("linked"))
	if err != nil || h.Dir != filepath.Join(main, ".git/hooks") || h.Top != r.path("linked") {
		t.Errorf("FindHooks in a hook = %+v, %v", h, err)
	}
}

func TestFindHooksThroughASymlink(t *testing.T) {
	r := newRepo(t)
	elsewhere := newDir(t)
	r.remove(".git/hooks")
	r.symlink(elsewhere.dir, ".git/hooks")
	h, err := FindHooks(context.Background(), r.dir)
	if err != nil || !h.Foreign || h.Dir != r.path(".git/hooks") {
		t.Errorf("FindHooks = %+v, %v; want a foreign folder", h, err)
	}
	r.remove(".git/hooks")
	r.write("tools/hooks/x", "")
	r.symlink("../tools/hooks", ".git/hooks")
	h, err = FindHooks(context.Background(), r.dir)
	if err != nil || h.Foreign || !h.InTree {
		t.Errorf("FindHooks = %+v, %v; want a folder in the tree", h, err)
	}
}

// TestFindHooksOfOthers has folders that the repository's own configuration does
// not name, or names by a symlink that leads out of it.
func TestFindHooksOfOthers(t *testing.T) {
	r := newRepo(t)
	elsewhere := newDir(t)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
	t.Setenv("GIT_CONFIG_VALUE_0", elsewhere.dir)
	h, err := FindHooks(context.Background(), r.dir)
	if err != nil || !h.Foreign || h.Outside {
		t.Errorf("FindHooks = %+v, %v; want a foreign folder", h, err)
	}
	r.symlink(elsewhere.dir, "hooks")
	r.git("config", "core.hooksPath", "hooks")
	t.Setenv("GIT_CONFIG_COUNT", "0")
	h, err = FindHooks(context.Background(), r.dir)
	if err != nil || !h.Foreign || h.Outside {
		t.Errorf("FindHooks = %+v, %v; want a foreign folder", h, err)
	}
}

func TestFindHooksRefuses(t *testing.T) {
	r := newDir(t)
	r.git("init", "-q", "--bare", "bare")
	r.write("plain/x", "")
	for _, dir := range []string{"bare", "plain"} {
		if h, err := FindHooks(context.Background(), r.path(dir)); !errors.Is(err, ErrNoWorkTree) {
			t.Errorf("FindHooks(%s) = %+v, %v; want ErrNoWorkTree", dir, h, err)
		}
	}
	empty := newRepo(t)
	empty.git("config", "core.hooksPath", "")
	if h, err := FindHooks(context.Background(), empty.dir); !errors.Is(err, ErrNoHooks) {
		t.Errorf("FindHooks = %+v, %v; want ErrNoHooks", h, err)
	}
	broken := newRepo(t)
	broken.write(".git/config", "[core\n")
	if h, err := FindHooks(context.Background(), broken.dir); err == nil || errors.Is(err, ErrNoWorkTree) {
		t.Errorf("FindHooks = %+v, %v; want git's own error", h, err)
	}
}
