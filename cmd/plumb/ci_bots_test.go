package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// botRepository is a locked repository, its remote, and a registry.
type botRepository struct {
	ciCheckout
	origin   string
	registry *registrytest.Server
	gh       string // what was asked of GitHub
}

func newBotRepository(t *testing.T) *botRepository {
	t.Helper()
	s, err := registrytest.Start(registrytest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r := &botRepository{newCICheckout(t, true), filepath.Join(t.TempDir(), "origin.git"), s, ""}
	s.PushIndex("acme/web", "1.4", 1)
	s.PushIndex("acme/web", "1.5", 2)
	git(t, r.dir, "checkout", "--quiet", "-B", "main")
	writeFile(t, filepath.Join(r.dir, "plumb.yaml"), "apiVersion: plumb.dev/v1\nkind: Config\n"+
		"include: [apps/web.yaml]\nregistries: {\""+s.Host()+"\": {plainHTTP: true}}\n")
	r.write(t, "1.4")
	git(t, r.dir, "rm", "--quiet", "plumb.lock")
	r.does(t, 0, "plumb", "lock")
	r.commit(t, "locked")
	git(t, r.dir, "clone", "--quiet", "--bare", r.dir, r.origin)
	git(t, r.origin, "config", "receive.advertisePushOptions", "true")
	git(t, r.dir, "remote", "add", "origin", r.origin)
	r.fakeGitHub(t)
	return r
}

// write has apps/web.yaml name a tag, as a bot would.
func (r *botRepository) write(t *testing.T, tag string) {
	t.Helper()
	file := filepath.Join(r.dir, "apps", "web.yaml")
	writeFile(t, file, pod("web", r.registry.Host()+"/acme/web:"+tag))
}

func (r *botRepository) commit(t *testing.T, message string) {
	t.Helper()
	git(t, r.dir, "add", "--all")
	git(t, r.dir, "commit", "--quiet", "--message", message)
}

// branch is a bot's push of a tag to a branch, checked out.
func (r *botRepository) branch(t *testing.T, name, tag string) {
	t.Helper()
	git(t, r.dir, "checkout", "--quiet", "-B", name, "main")
	r.write(t, tag)
	r.commit(t, "bot: "+tag)
	git(t, r.dir, "push", "--quiet", "--force", "origin", name)
}

// log are the subjects and authors of a branch at the remote, without what main has.
func (r *botRepository) log(t *testing.T, branch string) string {
	t.Helper()
	return git(t, r.origin, "log", "--format=%s <%ae>", "main.."+branch)
}

// fakeGitHub has a gh that writes its arguments and the body down, and says that
// there are as many pull requests as it was asked for.
func (r *botRepository) fakeGitHub(t *testing.T) {
	t.Helper()
	bin := t.TempDir()
	r.gh = filepath.Join(bin, "asked")
	file := filepath.Join(bin, "gh")
	writeFile(t, file, "#!/bin/sh\nasked='"+r.gh+"'\n"+
		"[ \"$2\" = list ] && { cat \"$asked\" 2>/dev/null | wc -l; exit; }\n"+
		"echo \"$@\" >>\"$asked\"\n"+
		"for last; do :; done\ncat \"$last\" >\"$asked.body\" 2>/dev/null\nexit 0\n")
	if err := os.Chmod(file, 0o755); err != nil {
		t.Fatal(err)
	}
	path := []string{bin, os.Getenv("PATH")}
	r.env = append(r.env, "PATH="+strings.Join(path, string(os.PathListSeparator)))
}

func (r *botRepository) asked(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(r.gh)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// verifies checks whether a branch of the remote verifies.
func (r *botRepository) verifies(t *testing.T, branch string, status int) {
	t.Helper()
	commit := strings.TrimSpace(git(t, r.origin, "rev-parse", branch))
	r.does(t, status, "plumb", "verify", "--rev", commit)
}

// step runs a step of the workflow for a branch, and returns its status.
func (r *botRepository) step(t *testing.T, w workflow, id, branch string) (int, string) {
	t.Helper()
	job := w.Jobs["lock"]
	i := slices.IndexFunc(job.Steps, func(s workflowStep) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("the workflow has no step %s", id)
	}
	temp := filepath.Join(filepath.Dir(r.gh), "temp")
	env := []string{
		"RUNNER_TEMP=" + temp, "GITHUB_OUTPUT=" + filepath.Join(t.TempDir(), "output"),
		"GITHUB_PATH=" + filepath.Join(t.TempDir(), "path"), "GITHUB_REF=refs/heads/" + branch,
		"GITHUB_REF_NAME=" + branch, "BASE=main",
	}
	for name, value := range job.Env {
		if !strings.Contains(value, "${{") {
			env = append(env, name+"="+value)
		}
	}
	return r.run(t, ciScript{[]string{"bash", "-e"}, job.Steps[i].Run, env})
}

// good runs a step, which must end with 0.
func (r *botRepository) good(t *testing.T, w workflow, id, branch string) {
	t.Helper()
	if status, log := r.step(t, w, id, branch); status != 0 {
		t.Fatalf("%s: exit status %d\n%s", id, status, log)
	}
}

// The workflow for bots locks on a bot's branch, once, and updates what no bot does.
func TestBotWorkflowRuns(t *testing.T) {
	t.Parallel()
	r, source := newBotRepository(t), newCISource(t)
	source.repository = serveGit(t, source.repository)
	w := readWorkflow(t, source, "github-bots")
	const renovate = "renovate/web"
	r.branch(t, renovate, "1.5")
	r.verifies(t, renovate, 1)
	r.good(t, w, "fetch", renovate)
	r.good(t, w, "build", renovate)
	locked := "Lock what has changed [dependabot skip] <plumb-lock@plumb.invalid>\n" +
		"bot: 1.5 <a@test.example>\n"
	for range 2 { // the second run has nothing to do
		r.good(t, w, "lock", renovate)
		if got := r.log(t, renovate); got != locked {
			t.Errorf("the branch has\n%swant\n%s", got, locked)
		}
	}
	r.verifies(t, renovate, 0)

	r.branch(t, renovate, "1.6") // a tag that does not exist
	if status, log := r.step(t, w, "lock", renovate); status == 0 || !strings.Contains(log, "1.6") {
		t.Errorf("exit status %d\n%s", status, log)
	}
	if got := r.log(t, renovate); got != "bot: 1.6 <a@test.example>\n" {
		t.Errorf("the branch has\n%s", got)
	}

	r.branch(t, "flux/images", "1.5")
	for range 2 {
		r.good(t, w, "open", "flux/images")
	}
	want := "pr create --head flux/images --base main --title Update images " +
		"--body Pushed to flux/images.\n"
	if got := r.asked(t); got != want {
		t.Errorf("GitHub was asked for\n%swant\n%s", got, want)
	}
	r.updates(t, w)
}

// updates has the scheduled step move a pin.
func (r *botRepository) updates(t *testing.T, w workflow) {
	t.Helper()
	if err := os.Remove(r.gh); err != nil {
		t.Fatal(err)
	}
	git(t, r.dir, "checkout", "--quiet", "main")
	r.good(t, w, "update", "main")
	if got := r.asked(t); got != "" {
		t.Errorf("nothing moved, and GitHub was asked for\n%s", got)
	}
	r.registry.PushIndex("acme/web", "1.4", 3)
	for range 2 {
		git(t, r.dir, "checkout", "--quiet", "main")
		r.good(t, w, "update", "main")
	}
	if got := r.log(t, "plumb/lock-update"); got != "Update plumb.lock <plumb-lock@plumb.invalid>\n" {
		t.Errorf("the branch has\n%s", got)
	}
	r.verifies(t, "plumb/lock-update", 0)
	asked := r.asked(t)
	if !strings.HasPrefix(asked, "pr create --head plumb/lock-update --base main ") ||
		strings.Count(asked, "\n") != 1 {
		t.Errorf("GitHub was asked for\n%s", asked)
	}
	if body := readFile(t, r.gh+".body"); !strings.Contains(body, "digest moved") {
		t.Errorf("the pull request says\n%s", body)
	}
}

// GitLab's job does the same, and opens merge requests by push options.
func TestBotPipelineRuns(t *testing.T) {
	t.Parallel()
	r, source := newBotRepository(t), newCISource(t)
	source.repository = serveGit(t, source.repository)
	var file struct {
		Job struct {
			Variables    map[string]string
			BeforeScript []string `yaml:"before_script"`
			Script       []string
		} `yaml:"plumb lock"`
	}
	if err := yaml.Unmarshal([]byte(source.text(t, "gitlab-bots")), &file); err != nil {
		t.Fatal(err)
	}
	hook := filepath.Join(r.origin, "hooks", "pre-receive")
	options := filepath.Join(t.TempDir(), "options")
	writeFile(t, hook, "#!/bin/sh\necho $GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1 >>'"+options+"'\n")
	if err := os.Chmod(hook, 0o755); err != nil {
		t.Fatal(err)
	}
	pipeline := func(source, branch string, want int) {
		t.Helper()
		const url = "https://plumb:secret@git.test.example/acme/fleet.git"
		env := []string{
			"CI_PIPELINE_SOURCE=" + source, "CI_COMMIT_BRANCH=" + branch, "CI_DEFAULT_BRANCH=main",
			"CI_SERVER_HOST=git.test.example", "CI_PROJECT_PATH=acme/fleet", "PLUMB_TOKEN=secret",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url." + r.origin + ".insteadOf",
			"GIT_CONFIG_VALUE_0=" + url,
		}
		for name, value := range file.Job.Variables {
			env = append(env, name+"="+value)
		}
		text := strings.Join(append(file.Job.BeforeScript, file.Job.Script...), "\n")
		if status, log := r.run(t, ciScript{[]string{"sh", "-e"}, text, env}); status != want {
			t.Errorf("%s of %s: exit status %d, want %d\n%s", source, branch, status, want, log)
		}
	}
	const subject = "plumb lock <plumb-lock@plumb.invalid>\nbot: 1.5 <a@test.example>\n"
	for _, branch := range []string{"renovate/web", "flux/images"} {
		r.branch(t, branch, "1.5")
		pipeline("push", branch, 0)
		pipeline("push", branch, 0)
		if got := r.log(t, branch); got != subject {
			t.Errorf("%s has\n%swant\n%s", branch, got, subject)
		}
		r.verifies(t, branch, 0)
	}
	r.branch(t, "renovate/web", "1.6")
	pipeline("push", "renovate/web", 3)
	git(t, r.dir, "checkout", "--quiet", "--force", "main")
	pipeline("schedule", "main", 0)
	r.registry.PushIndex("acme/web", "1.4", 3)
	pipeline("schedule", "main", 0)
	r.verifies(t, "plumb/lock-update", 0)
	// The first push to each branch is the bot's, and has none.
	const request = "merge_request.create merge_request.target=main\n"
	if got := readFile(t, options); got != "\n\n\n"+request+"\n"+request {
		t.Errorf("the push options are\n%s", got)
	}
}
