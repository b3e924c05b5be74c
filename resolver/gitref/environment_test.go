package gitref

import (
	"slices"
	"testing"
)

// TestSSHCommand has the user's ways to choose a program for SSH.
func TestSSHCommand(t *testing.T) {
	t.Setenv("GIT_SSH_COMMAND", "")
	t.Setenv("GIT_SSH", "")
	for _, tt := range []struct {
		env, config []string
		want        string
	}{
		{nil, nil, "ssh -o BatchMode=yes"},
		{[]string{"GIT_SSH=/opt/ssh"}, nil, ""},
		{[]string{"GIT_SSH_COMMAND=ssh -i key"}, []string{"core.sshcommand\nssh -i other"},
			"ssh -i key -o BatchMode=yes"},
		{nil, []string{"core.sshcommand\nssh -i first", "core.sshcommand\n/usr/bin/ssh -i last"},
			"/usr/bin/ssh -i last -o BatchMode=yes"},
		{[]string{"GIT_SSH=/opt/ssh"}, []string{"core.sshcommand\nplink.exe"}, "plink.exe -batch"},
		{[]string{"GIT_SSH_COMMAND=my-ssh"}, nil, ""},
		{[]string{"GIT_SSH_COMMAND='C:\\OpenSSH\\ssh.exe'"}, nil,
			"'C:\\OpenSSH\\ssh.exe' -o BatchMode=yes"},
	} {
		c := New(Options{Env: tt.env})
		if got := c.sshCommand(tt.config); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.env, tt.config, got, tt.want)
		}
	}
}

// TestEnvironment has variables that must not reach git, and those that must.
func TestEnvironment(t *testing.T) {
	t.Setenv("GIT_DIR", "/elsewhere")
	env := New(Options{Env: []string{"GIT_INDEX_FILE=x", "GIT_TERMINAL_PROMPT=1", "GIT_ASKPASS=/bin/ask",
		"LC_ALL=de_DE.UTF-8", "A=b"}}).environment()
	for _, name := range []string{"GIT_DIR", "GIT_INDEX_FILE"} {
		if value, ok := lookup(env, name); ok {
			t.Errorf("%s=%s", name, value)
		}
	}
	for name, want := range map[string]string{"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "false",
		"LC_ALL": "C", "A": "b", "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file"} {
		if value, _ := lookup(env, name); value != want {
			t.Errorf("%s=%s, want %s", name, value, want)
		}
	}
}

// TestConfigVariables adds to what the environment configures already.
func TestConfigVariables(t *testing.T) {
	for _, tt := range []struct{ env, want []string }{
		{nil, []string{"GIT_CONFIG_KEY_0=a.b", "GIT_CONFIG_VALUE_0=c", "GIT_CONFIG_COUNT=1"}},
		{[]string{"GIT_CONFIG_COUNT=2"},
			[]string{"GIT_CONFIG_KEY_2=a.b", "GIT_CONFIG_VALUE_2=c", "GIT_CONFIG_COUNT=3"}},
	} {
		if got := configVariables(tt.env, "a.b", "c"); !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
