//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// installed is what "make install" has put below a directory of its own.
type installed struct {
	prefix string
	env    []string
	repo   string // a repository whose one image is not pinned
}

func install(t *testing.T) installed {
	t.Helper()
	needProgram(t, "make")
	dest := filepath.Join(t.TempDir(), "a b")
	cmd := exec.Command("make", "-C", filepath.Join("..", ".."), "install",
		"BIN="+t.TempDir(), "DESTDIR="+dest, "PREFIX=/usr")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make install: %v\n%s", err, out)
	}
	i := installed{prefix: filepath.Join(dest, "usr"), repo: t.TempDir()}
	home := t.TempDir()
	i.env = append(os.Environ(), "PATH="+filepath.Join(i.prefix, "bin")+":"+os.Getenv("PATH"),
		"HOME="+home, "XDG_CACHE_HOME="+home, "KUBECONFIG="+os.DevNull,
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	writeFile(t, filepath.Join(i.repo, "plumb.yaml"), "apiVersion: plumb.dev/v1\nkind: Config\n")
	writeFile(t, filepath.Join(i.repo, "a.yaml"), pod("a", "nginx:1"))
	return i
}

// run runs a shell's line in the repository and returns what it prints, its
// errors too.
func (i installed) run(t *testing.T, line string, want int) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = i.repo, i.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("%s: exit status %d, want %d\n%s", line, got, want, out)
	}
	return string(out)
}

func TestInstall(t *testing.T) {
	t.Parallel()
	i := install(t)
	for name, words := range map[string]string{
		"share/man/man1/plumb.1":                             ".TH PLUMB 1",
		"share/man/man1/kubectl-plumb.1":                     ".TH PLUMB 1",
		"share/bash-completion/completions/plumb":            "complete -o default -F _plumb",
		"share/bash-completion/completions/kubectl-plumb":    "complete -o default -F _plumb",
		"share/zsh/site-functions/_plumb":                    "#compdef plumb",
		"share/fish/vendor_completions.d/plumb.fish":         "complete -c plumb",
		"share/fish/vendor_completions.d/kubectl-plumb.fish": "complete -c kubectl-plumb",
		"bin/kubectl_complete-plumb":                         "exec kubectl-plumb __complete",
	} {
		text, err := os.ReadFile(filepath.Join(i.prefix, name))
		if err != nil || !strings.Contains(string(text), words) {
			t.Errorf("%s: %v, holds\n%s", name, err, text)
		}
	}
	if head, err := exec.Command("git", "rev-parse", "--verify", "HEAD").Output(); err == nil {
		want := "\ncommit " + strings.TrimSpace(string(head))
		if out := i.run(t, "plumb version", 0); !strings.Contains(out, want) {
			t.Errorf("built of %s, plumb version prints\n%s", head, out)
		}
	}
	// What kubectl does with a plugin: it finds it in PATH, and runs it.
	if out := i.run(t, "kubectl-plumb verify", 1); !strings.Contains(out, kubectlHint) {
		t.Errorf("kubectl-plumb verify prints\n%s", out)
	}
	out := i.run(t, "kubectl_complete-plumb verify --sta", 0)
	if !strings.HasPrefix(out, "--staged\t") || !strings.HasSuffix(out, "\n:4\n") {
		t.Errorf("kubectl_complete-plumb verify --sta prints\n%s", out)
	}
}

// kubectlHint is what verify tells people who run it by kubectl.
const kubectlHint = "to pin and lock everything: kubectl plumb lock"

func TestKubectlRunsPlumb(t *testing.T) {
	t.Parallel()
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("plumb was not run by a real kubectl, but by its name kubectl-plumb only: ", err)
	}
	i := install(t)
	bin := filepath.Join(i.prefix, "bin")
	out := i.run(t, "PATH='"+bin+"' "+kubectl+" plugin list", 0)
	plugin := filepath.Join(bin, "kubectl-plumb") + "\n"
	if !strings.Contains(out, plugin) || strings.Contains(out, "warning") {
		t.Errorf("kubectl plugin list prints\n%s", out)
	}
	if out := i.run(t, "kubectl plumb verify", 1); !strings.Contains(out, kubectlHint) {
		t.Errorf("kubectl plumb verify prints\n%s", out)
	}
	out = i.run(t, "kubectl plumb verify --nonsense", 2)
	if !strings.Contains(out, "for help: kubectl plumb verify --help") {
		t.Errorf("kubectl plumb verify --nonsense prints\n%s", out)
	}
	out = i.run(t, "kubectl plumb -C . list -o json", 0)
	if !strings.Contains(out, `"plumb.dev/list/v1"`) {
		t.Errorf("kubectl plumb list -o json prints\n%s", out)
	}
	out = i.run(t, "kubectl __complete plumb verify --sta", 0)
	if !strings.Contains(out, "\n--staged\t") {
		t.Errorf("kubectl __complete plumb verify --sta prints\n%s", out)
	}
}
