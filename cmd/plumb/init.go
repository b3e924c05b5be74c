package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	ucli "github.com/urfave/cli/v2"

	"github.com/plumb-dev/plumb/cmd/internal/cli"
	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/tree"
)

func initCommand(s *session) *ucli.Command {
	return &ucli.Command{
		Name:     "init",
		Category: cli.CategorySetup,
		Usage:    "write a plumb.yaml for what the repository uses",
		Description: `Reads the repository, prints what it uses, and writes a plumb.yaml that explains
every field. Optional fields are commented out, and filled in with what was
found. Existing files are not changed.`,
		UsageText: `# Write plumb.yaml
plumb init

# Also install the pre-commit hook and a GitHub workflow
plumb init --hook --ci github

# Print what GitLab CI needs, and write nothing
plumb init --ci gitlab --stdout`,
		Flags: []ucli.Flag{
			&ucli.BoolFlag{Name: "stdout", Usage: "print plumb.yaml, or with --ci the CI file, and write nothing"},
			&ucli.BoolFlag{Name: "hook", Usage: "also install the pre-commit hook, as plumb hook install does"},
			&ucli.StringFlag{Name: "ci", Usage: "also write a file that runs plumb verify in CI, for `SYSTEM`: " + cli.Enumerate(slices.Sorted(maps.Keys(ciSnippets)), "or")},
		},
		Action: func(c *ucli.Context) error {
			if err := s.Begin(c); err != nil {
				return err
			}
			if c.Args().Present() {
				return cli.UsageError("plumb init takes no argument\n%s", cli.HelpHint(c))
			}
			i := &initiation{session: s, wantsHook: c.Bool("hook"), system: c.String("ci")}
			switch {
			case c.IsSet("ci") && ciSnippets[i.system].file == "":
				return cli.UsageError("--ci %s: plumb knows of %s", i.system, cli.Enumerate(slices.Sorted(maps.Keys(ciSnippets)), "and"))
			case c.Bool("stdout") && (i.wantsHook || s.JSON()):
				return cli.UsageError("--stdout prints one file, and goes with neither --hook nor --output json")
			}
			return i.run(c, c.Bool("stdout"))
		},
	}
}

// initiation is one run of plumb init.
type initiation struct {
	*session
	wantsHook bool
	system    string // of CI; "" for none

	top    string // of the git work tree, or the session's directory where there is none
	git    bool
	found  found
	folder *hookFolder // of hooks; nil where there is none to be had
	made   []string    // the files that were written, as they are shown
}

func (i *initiation) run(c *ucli.Context, toStdout bool) error {
	if err := i.look(c); err != nil {
		return err
	}
	text, err := configText(filepath.Base(i.Dir), i.found)
	if err != nil {
		return err
	}
	if toStdout {
		if i.system != "" {
			_, text, _ = ciSnippet(i.system)
		}
		i.Printf("%s", text)
		return nil
	}
	there, err := i.stands(filepath.Join(i.Dir, tree.ConfigFile))
	switch {
	case err != nil:
		return err
	case there && !i.wantsHook && i.system == "":
		return cli.No(fmt.Errorf("%s: is there already, and was not changed\nto see what plumb would write: plumb init --stdout", tree.ConfigFile))
	}
	if !i.JSON() {
		i.foundText()
		if err := i.ask(c.Context); err != nil {
			return cli.CannotTell(err)
		}
	}
	if there {
		text = ""
	}
	return i.carryOut(c.Context, text)
}

// look finds out what the tree uses.
func (i *initiation) look(c *ucli.Context) error {
	ctx := c.Context
	var err error
	if i.top, i.git, err = tree.TopLevel(ctx, i.Dir); err != nil {
		return cli.CannotTell(err)
	}
	if !i.git && (i.wantsHook || i.system != "") {
		return cli.UsageError("%s is in no git work tree, where a hook or CI could verify", i.Dir)
	}
	r, err := i.Loader(true).LoadOne(ctx, lockroot.Request{Dir: i.Dir})
	if err != nil {
		return cli.Fail(err)
	}
	if i.found, err = find(ctx, r); err != nil {
		return cli.CannotTell(err)
	}
	if !i.git {
		return nil
	}
	i.found.CI = ciInUse(i.top)
	if i.found.Framework, err = i.stands(filepath.Join(i.top, ".pre-commit-config.yaml")); err != nil {
		return err
	}
	i.folder, err = i.hooks(c)
	switch {
	case err != nil && i.wantsHook:
		return err
	case err == nil:
		i.found.Hook = i.folder.state()
		i.found.OtherHook = i.folder.hook.there() && i.found.Hook == hookNone
	}
	return nil
}

// stands reports whether there is something at path.
func (i *initiation) stands(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, cli.CannotTell(err)
}

// carryOut writes all that is wanted, unless something stands against a part.
// The text is that of plumb.yaml, "" where there is one already.
func (i *initiation) carryOut(ctx context.Context, text string) error {
	var writes []tree.Write
	if text != "" {
		writes = append(writes, tree.Write{Path: cli.Relative(i.top, i.Dir, tree.ConfigFile), New: []byte(text)})
	}
	if i.system != "" {
		file, text, _ := ciSnippet(i.system)
		there, err := i.stands(filepath.Join(i.top, filepath.FromSlash(file)))
		switch {
		case err != nil:
			return err
		case there:
			return cli.No(fmt.Errorf("%s: is there already; no file was changed\nto see what to add to it: plumb init --ci %s --stdout", i.Display(i.top, file), i.system))
		}
		writes = append(writes, tree.Write{Path: file, New: []byte(text)})
	}
	w, err := tree.OpenWorkTree(ctx, i.top)
	if err != nil {
		return cli.CannotTell(err)
	}
	// What can stand against any of it is known before the first is written.
	if err := w.Check(writes); err != nil {
		return cli.CannotTell(err)
	}
	if i.wantsHook {
		if err := i.hook(); err != nil {
			return err
		}
	}
	if err := w.WriteAll(ctx, writes); err != nil {
		return cli.CannotTell(err)
	}
	for _, write := range writes {
		name := i.Display(i.top, write.Path)
		i.made = append(i.made, name)
		if !i.JSON() {
			i.Printf("%s: written\n", name)
		}
	}
	return i.tell(text == "")
}

// hook installs the hook, and says so unless a document will.
func (i *initiation) hook() error {
	p, err := i.hookPlumb("", false, i.folder.InTree)
	switch {
	case err != nil:
		return err
	case !i.JSON():
		return i.installHook(i.folder, p, false)
	}
	if err := i.hookRefusal(i.folder, false); err != nil {
		return err
	}
	_, err = i.folder.install(hookScript(p))
	return cli.CannotTell(err)
}
