package gitref

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// repositoryVariables are those by which git hands a repository to its hooks. They are
// about another one.
var repositoryVariables = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE",
	"GIT_INTERNAL_SUPER_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_NAMESPACE",
	"GIT_QUARANTINE_PATH", "GIT_DEFAULT_HASH", "GIT_PROTOCOL",
}

// environment returns the variables for git: those of the user, and those that keep it from
// asking for anything.
func (c *Client) environment() []string {
	env := slices.DeleteFunc(append(os.Environ(), c.options.Env...), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(repositoryVariables, name)
	})
	return append(env,
		"LC_ALL=C", // messages are read
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ASKPASS=false", // the program that fails; an empty value would mean the next one
		"SSH_ASKPASS=false", "SSH_ASKPASS_REQUIRE=force",
		"GCM_INTERACTIVE=never",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL="+allowedProtocols(lookup(env, "GIT_ALLOW_PROTOCOL")),
	)
}

// lookup returns the value of a variable; the last one counts.
func lookup(env []string, name string) (string, bool) {
	for _, v := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// allowedProtocols are those of schemes that the user's list, if there is one, allows too.
func allowedProtocols(list string, set bool) string {
	if !set {
		return strings.Join(schemes, ":")
	}
	users := strings.Split(list, ":")
	return strings.Join(slices.DeleteFunc(slices.Clone(schemes), func(s string) bool {
		return !slices.Contains(users, s)
	}), ":")
}

// settings is the git configuration of the work tree, as far as it is about connections.
type settings struct {
	ssh  string   // the value of GIT_SSH_COMMAND to set; "" to set none
	here []string // all of it: "key\nvalue" each
}

// forRemote returns the variables for a command that opens connections.
func (c *Client) forRemote(ctx context.Context, q command) ([]string, error) {
	s, err := c.setup.Do(ctx, "here", func() (*settings, error) {
		here, err := c.config(ctx, c.options.WorkTree)
		if err != nil {
			return nil, err
		}
		return &settings{c.sshCommand(here), here}, nil
	})
	if err != nil {
		return nil, err
	}
	pairs := q.pairs
	if q.gitDir != "" { // which has not the work tree's configuration
		own, err := c.ownPairs(ctx, s.here)
		if err != nil {
			return nil, err
		}
		pairs = slices.Concat(own, pairs)
	}
	env := configVariables(c.environment(), pairs...)
	if s.ssh != "" {
		env = append(env, "GIT_SSH_COMMAND="+s.ssh)
	}
	return env, nil
}

// ownPairs returns what of the work tree's configuration holds there only and decides how a
// server is reached: keys and values.
func (c *Client) ownPairs(ctx context.Context, here []string) ([]string, error) {
	s, err := c.setup.Do(ctx, "elsewhere", func() (*settings, error) {
		root := filepath.VolumeName(os.TempDir()) + string(filepath.Separator)
		elsewhere, err := c.config(ctx, root)
		return &settings{here: elsewhere}, err
	})
	if err != nil {
		return nil, err
	}
	left := slices.Clone(s.here)
	var pairs []string
	for _, pair := range here {
		if i := slices.Index(left, pair); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		key, value, ok := strings.Cut(pair, "\n")
		if !ok {
			value = "true" // git's meaning of a key without a value
		}
		if aboutConnections(key) {
			pairs = append(pairs, key, value)
		}
	}
	return pairs, nil
}

// aboutConnections reports whether a key of the configuration decides how a server is
// reached.
func aboutConnections(key string) bool {
	section, _, _ := strings.Cut(key, ".")
	switch section {
	case "http", "credential", "url", "ssh":
		return true
	}
	return key == "core.gitproxy"
}

// config returns the configuration that holds in a folder: "key\nvalue" each.
func (c *Client) config(ctx context.Context, dir string) ([]string, error) {
	out, err := c.run(ctx, command{op: "git config", dir: dir, limit: c.maxOutput,
		timeout: c.options.Timeout, args: []string{"config", "--list", "--includes", "-z"}})
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}

// sshCommand returns the user's command for SSH with the option that forbids prompts; "" if
// the command is one whose options are not known, which is then left as it is.
func (c *Client) sshCommand(config []string) string {
	env := append(os.Environ(), c.options.Env...)
	line, _ := lookup(env, "GIT_SSH_COMMAND")
	for _, pair := range slices.Backward(config) { // the last one counts
		if value, ok := strings.CutPrefix(pair, "core.sshcommand\n"); ok && line == "" {
			line = value
		}
	}
	if line == "" {
		if other, _ := lookup(env, "GIT_SSH"); other != "" {
			return ""
		}
		line = "ssh"
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return ""
	}
	name := strings.ToLower(strings.Trim(words[0], `"'`))
	name = strings.TrimSuffix(name[strings.LastIndexAny(name, `/\`)+1:], ".exe")
	switch name {
	case "ssh":
		return line + " -o BatchMode=yes"
	case "plink", "tortoiseplink":
		return line + " -batch"
	}
	return ""
}

// configVariables returns variables that give git more configuration, after what the
// environment gives it already.
func configVariables(env []string, pairs ...string) []string {
	text, _ := lookup(env, "GIT_CONFIG_COUNT")
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		n = 0
	}
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		k := strconv.Itoa(n)
		out = append(out, "GIT_CONFIG_KEY_"+k+"="+pairs[i], "GIT_CONFIG_VALUE_"+k+"="+pairs[i+1])
		n++
	}
	return append(out, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
}
