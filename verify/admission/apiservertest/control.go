package apiservertest

import (
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Control is the rest of a cluster: the controller manager, the scheduler, and kwok in
// place of the nodes, which has Pods run without running anything. It ends with Stop, and
// with the process that started it.
type Control struct {
	dir   string
	parts []part
}

type part struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

// KwokVersion is the release of kwok that tests run.
const KwokVersion = "v0.8.0"

// ControlPrograms are the paths of the programs that StartControl runs, the one that is
// built of testdata/control in a checkout, and kwok, whether they are there or not.
func ControlPrograms(checkout string) (control, kwok string, err error) {
	if control, err = program(checkout, "control"); err != nil {
		return "", "", err
	}
	kwok = filepath.Join(filepath.Dir(filepath.Dir(control)), "kwok-"+KwokVersion, "kwok")
	return control, kwok, nil
}

// stages are what kwok does with nodes and Pods.
//
//go:embed stages.yaml
var stages []byte

// untilEOF is a shell command that ends a program with its standard input, as those of
// testdata end by themselves.
const untilEOF = `"$@" & pid=$!; cat >/dev/null; kill -9 $pid`

// StartControl runs them for a server in dir, which it fills with their logs. The error is
// a *Missing if a program has not been built.
func StartControl(checkout, dir string, s *Server) (*Control, error) {
	control, kwok, err := ControlPrograms(checkout)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{control, kwok} {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil, &Missing{Program: name, Target: "control"}
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "stages.yaml")
	if err := os.WriteFile(config, stages, 0o600); err != nil {
		return nil, err
	}
	c := &Control{dir: dir}
	files := filepath.Dir(s.Kubeconfig)
	common := []string{"--kubeconfig=" + s.Kubeconfig,
		"--authentication-kubeconfig=" + s.Kubeconfig,
		"--authorization-kubeconfig=" + s.Kubeconfig, "--leader-elect=false", "--secure-port=0"}
	manager := append([]string{control, "controller-manager",
		"--service-account-private-key-file=" + filepath.Join(files, "accounts.key"),
		"--root-ca-file=" + filepath.Join(files, "ca.crt"), "--use-service-account-credentials",
		"--horizontal-pod-autoscaler-sync-period=1s",
		"--horizontal-pod-autoscaler-downscale-stabilization=1s",
		"--controllers=*,-node-ipam-controller,-node-route-controller"}, common...)
	for name, args := range map[string][]string{
		"controller-manager": manager,
		"scheduler":          append([]string{control, "scheduler"}, common...),
		"kwok": {"sh", "-c", untilEOF, "sh", kwok, "--kubeconfig=" + s.Kubeconfig, "--config=" + config,
			"--manage-all-nodes=true", "--node-lease-duration-seconds=40"},
	} {
		if err := c.start(filepath.Join(dir, name+".log"), args); err != nil {
			c.Stop()
			return nil, err
		}
	}
	return c, nil
}

// start runs one program.
func (c *Control) start(log string, args []string) error {
	out, err := os.Create(log)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }() // the process has its own
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.parts = append(c.parts, part{cmd, stdin})
	return nil
}

// Log is the end of what the programs have logged.
func (c *Control) Log() string {
	names, _ := filepath.Glob(filepath.Join(c.dir, "*.log")) // the pattern is valid
	var out strings.Builder
	for _, name := range names {
		out.WriteString("==> " + name + "\n" + tail(name))
	}
	return out.String()
}

// Stop ends the programs.
func (c *Control) Stop() {
	for _, p := range c.parts {
		_ = p.stdin.Close()
	}
	for _, p := range c.parts {
		_ = p.cmd.Wait() // they were killed
	}
}
