//go:build unix

package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// completed are lines that are typed up to a tab, and the arguments that plumb
// has once the tab has been answered. What is not unique does not get there.
var completed = []struct{ line, want string }{
	{`plumb lis`, "<list>"},
	{`plumb lock up`, "<lock> <update>"},
	{`plumb lock --ch`, "<lock> <--check>"},
	{`plumb verify --output te`, "<verify> <--output> <text>"},
	{`plumb verify --output=js`, "<verify> <--output=json>"},
	{`plumb --quiet verify --sta`, "<--quiet> <verify> <--staged>"},
	{`plumb outdated docker.io/library/nginx:1.2`, "<outdated> <docker.io/library/nginx:1.27>"},
	{`plumb outdated docker.io/library/nginx:`, "<outdated> <docker.io/library/nginx:1.27>"},
	{`plumb lock update ngin`, "<lock> <update> <nginx:1.27>"},
	{`plumb lock update "ngin`, "<lock> <update> <nginx:1.27>"},
	{`plumb outdated gh`, "<outdated> <ghcr.io/acme/api:v3>"},
	{`plumb -C "sub dir" lock update quay`, "<-C> <sub dir> <lock> <update> <quay.io/acme/db:16>"},
	{`plumb -C sub\ dir lock update quay`, "<-C> <sub dir> <lock> <update> <quay.io/acme/db:16>"},
	{`plumb -C 'sub dir' verify in`, "<-C> <sub dir> <verify> <inner file.yaml>"},
	{`plumb -C . verify sub\ dir/in`, "<-C> <.> <verify> <sub dir/inner file.yaml>"},
	{`plumb verify my`, "<verify> <my file.yaml>"},
	{`plumb verify my\ f`, "<verify> <my file.yaml>"},
	{`plumb verify "my f`, "<verify> <my file.yaml>"},
	{`plumb version my`, "<version> <my>"},
	{`plumb lock nothing`, "<lock> <nothing>"},
	{`plumb -C broken outdated ngin`, "<-C> <broken> <outdated> <ngin>"},
	{`kubectl-plumb lock up`, "<lock> <update>"},
}

// shellFixture is a directory to complete in, and the environment of a shell
// that finds a plumb there which completes, and for the rest prints its
// arguments.
type shellFixture struct {
	dir string
	env []string
}

func newShellFixture(t *testing.T) shellFixture {
	t.Helper()
	bin, home := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(bin, "plumb"), `#!/bin/sh
case $1 in
__complete* | completion) exec '`+buildPlumb(t)+`' "$@" ;;
esac
printf 'ARGS'
printf ' <%s>' "$@"
echo
`)
	if err := os.Chmod(filepath.Join(bin, "plumb"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("plumb", filepath.Join(bin, "kubectl-plumb")); err != nil {
		t.Fatal(err)
	}
	f := shellFixture{dir: t.TempDir()}
	lock := `# plumb.lock: what this tree's external inputs are, by content. ` +
		`Written by plumb; commit it.
version: 1
entries:
  - image: NAME
    digest: sha256:6af79ae5de407283dcea8b00d5c37ace95441fd58a8b1d2aa1ed93f5511bb18c
    mediaType: application/vnd.oci.image.index.v1+json
`
	for dir, text := range map[string]string{
		".": strings.Replace(lock, "NAME", "docker.io/library/nginx:1.27", 1) +
			strings.SplitAfter(strings.Replace(lock, "NAME", "ghcr.io/acme/api:v3", 1), "entries:\n")[1],
		"sub dir": strings.Replace(lock, "NAME", "quay.io/acme/db:16", 1),
		"broken":  "<<<<<<< nonsense\n",
	} {
		writeFile(t, filepath.Join(f.dir, dir, "plumb.yaml"), "apiVersion: plumb.dev/v1\nkind: Config\n")
		writeFile(t, filepath.Join(f.dir, dir, "plumb.lock"), text)
	}
	writeFile(t, filepath.Join(f.dir, "my file.yaml"), "")
	writeFile(t, filepath.Join(f.dir, "sub dir", "inner file.yaml"), "")
	f.env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"),
		"HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home,
		"TERM=dumb", "INPUTRC=/dev/null", "LC_ALL=C.UTF-8")
	return f
}

// run runs a shell with a text on its standard input, and returns what it
// prints to standard output.
func (f shellFixture) run(t *testing.T, stdin string, command ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin = f.dir, f.env, strings.NewReader(stdin)
	cmd.WaitDelay = time.Second
	// An interactive shell takes hold of the terminal, where the tests have one.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", strings.Join(command, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// needProgram skips a test where a program is missing, but for CI, where it fails.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%v: CI has to have it", err)
		}
		t.Skip(err)
	}
}

var (
	ranLine = regexp.MustCompile(`ARGS( <.*>)`)
	doneTag = regexp.MustCompile(`(?m)^DONE`)
)

// checkRan compares what a shell printed, with DONE behind each line's output,
// with what the lines have to become.
func checkRan(t *testing.T, out string) {
	t.Helper()
	parts := doneTag.Split(strings.ReplaceAll(out, "\r", ""), -1)
	if len(parts) != len(completed)+1 {
		t.Fatalf("%d lines were run, want %d:\n%s", len(parts)-1, len(completed), out)
	}
	for i, tt := range completed {
		got := ranLine.FindStringSubmatch(parts[i])
		if got == nil || got[1] != " "+tt.want {
			t.Errorf("%s<Tab> runs %q, want %s", tt.line, parts[i], tt.want)
		}
	}
}

func TestBashCompletes(t *testing.T) {
	t.Parallel()
	needProgram(t, "bash")
	f := newShellFixture(t)
	var script strings.Builder
	script.WriteString("PS1=; PS2=; source <(plumb completion bash)\n")
	for _, tt := range completed {
		script.WriteString(tt.line + "\t\necho; echo DONE\n")
	}
	checkRan(t, f.run(t, script.String(), "bash", "--norc", "--noprofile", "-i"))
}

func TestZshCompletes(t *testing.T) {
	t.Parallel()
	needProgram(t, "zsh")
	f := newShellFixture(t)
	t.Run("sourced", func(t *testing.T) {
		zshCompletes(t, f, "autoload -U compinit; compinit -D -u; source <(plumb completion zsh)")
	})
	t.Run("of a file in fpath", func(t *testing.T) {
		functions := t.TempDir()
		writeFile(t, filepath.Join(functions, "_plumb"), f.run(t, "", "plumb", "completion", "zsh"))
		zshCompletes(t, f, "fpath=("+functions+" $fpath); autoload -U compinit; compinit -D -u")
	})
}

func zshCompletes(t *testing.T, f shellFixture, load string) {
	t.Helper()
	var lines strings.Builder
	for _, tt := range completed {
		lines.WriteString(tt.line + "\n")
	}
	// zsh completes on a terminal only; its own module makes one.
	out := f.run(t, lines.String(), "zsh", "-f", "-c", `
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell "PS1=; PS2=; unset zle_bracketed_paste; $1"'; bindkey "^I" complete-word; stty -echo; echo REA""DY'
zpty -r shell out '*READY*'
while IFS= read -r line; do
	zpty -w -n shell "$line"$'\t'
	zpty -w shell '; echo DO""NE'
	zpty -r shell out $'*\nDONE*'
	print -r -- "$out"
done
zpty -d shell
`, "zsh", load)
	checkRan(t, out)
}

func TestFishCompletes(t *testing.T) {
	t.Parallel()
	needProgram(t, "fish")
	f := newShellFixture(t)
	var lines strings.Builder
	for _, tt := range completed {
		lines.WriteString(tt.line + "\n")
	}
	out := f.run(t, lines.String(), "fish", "--no-config", "-c", `
plumb completion fish | source
while read -l line
	complete -C "$line"
	echo DONE
end
`)
	parts := strings.Split(out, "DONE\n")
	if len(parts) != len(completed)+1 {
		t.Fatalf("%d lines were completed, want %d:\n%s", len(parts)-1, len(completed), out)
	}
	for i, tt := range completed {
		// The candidate that there is, or what was typed if there is none.
		got, _, _ := strings.Cut(strings.TrimSuffix(parts[i], "\n"), "\t")
		last := tt.want[strings.LastIndex(tt.want, "<")+1 : len(tt.want)-1]
		if none := strings.HasSuffix(tt.line, " "+last); none && got != "" || !none && got != last {
			t.Errorf("%s<Tab> gives %q, want %s", tt.line, parts[i], last)
		}
	}
}
