package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

type sourcesKey struct{}

// scriptSources serves the git repositories and files of one script: those below $GITROOT,
// which are https://git.test.example/ to git by insteadOf, and those below $WWW, at $SOURCES.
type scriptSources struct {
	root, www string
	indexes   map[string][]string // items of a chart, by repository and name
	env       []string

	mu       sync.Mutex
	requests []string
	failing  [2]string     // the text of requests, and how they fail
	closed   chan struct{} // with the server; ends what hangs
}

// startSources starts the server of a script's sources.
func startSources(env *testscript.Env, gitconfig string) error {
	s := &scriptSources{indexes: map[string][]string{}, closed: make(chan struct{}),
		root: filepath.Join(env.WorkDir, ".srv", "git"),
		www:  filepath.Join(env.WorkDir, ".srv", "www")}
	for _, dir := range []string{s.root, s.www} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	server := httptest.NewServer(s)
	env.Defer(server.Close)
	env.Defer(func() { close(s.closed) })
	env.Values[sourcesKey{}] = s
	env.Setenv("SOURCES", server.URL)
	env.Setenv("GITROOT", s.root)
	env.Setenv("WWW", s.www)
	f, err := os.OpenFile(gitconfig, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "[url \"%s/git/\"]\n\tinsteadOf = https://git.test.example/\n"+
		"\tinsteadOf = ssh://git@git.test.example/\n", server.URL)
	if err := f.Close(); err != nil {
		return err
	}
	s.env = env.Vars
	return err
}

// ServeHTTP answers as git http-backend does below /git/, and with files elsewhere.
func (s *scriptSources) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	text, how := s.failing[0], s.failing[1]
	s.mu.Unlock()
	switch {
	case text == "" || !strings.Contains(r.URL.Path, text):
	case how == "401":
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	case how == "hang":
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/git/") {
		http.FileServer(http.Dir(s.www)).ServeHTTP(w, r)
		return
	}
	if repo, file, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/git/"), "/raw/"); ok {
		// As Gitea has it: branch/NAME/PATH or commit/ID/PATH.
		_, file, _ = strings.Cut(file, "/")
		rev, file, _ := strings.Cut(file, "/")
		out, err := exec.Command("git", "-C", filepath.Join(s.root, repo), "show", rev+":"+file).Output()
		if err != nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(out)
		return
	}
	exec := strings.TrimSpace(outputOf("git", "--exec-path"))
	(&cgi.Handler{Path: filepath.Join(exec, "git-http-backend"), Root: "/git", Dir: s.root,
		Stderr: io.Discard, Env: []string{"GIT_PROJECT_ROOT=" + s.root, "GIT_HTTP_EXPORT_ALL=1",
			"GIT_CONFIG_NOSYSTEM=1", "HOME=" + s.root, "GIT_PROTOCOL=" + r.Header.Get("Git-Protocol")},
	}).ServeHTTP(w, r)
}

// outputOf returns what a program prints, "" if it fails.
func outputOf(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

const sourcesUsage = `usage:
	sources commit VARIABLE REPO BRANCH [FILE TEXT]   add a commit, and keep its id in VARIABLE
	sources tree VARIABLE REPO BRANCH [PATH FILE]…    add a commit that has just the script's files
	                                                  FILE at PATH, and keep its id
	sources tag VARIABLE REPO TAG COMMIT              add an annotated tag, and keep its id
	sources chart VARIABLE REPO NAME VERSION [TEXT]   publish a version of a chart below $WWW/REPO,
	                                                  and keep the digest of its archive
	sources fail TEXT 401|hang                        respond so to requests for TEXT; until
	                                                  "sources recover"
	sources asked N [TEXT]                            check for N requests with TEXT since the last reset
	sources reset`

// cmdSources makes content for the script's server, and checks what it was asked.
func cmdSources(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(sourcesKey{}).(*scriptSources)
	if neg || len(args) == 0 {
		ts.Fatalf(sourcesUsage)
	}
	switch verb, args := args[0], args[1:]; {
	case verb == "commit" && (len(args) == 3 || len(args) == 5):
		ts.Setenv(args[0], s.commit(ts, args[1], args[2], args[3:]))
	case verb == "tree" && len(args) >= 3 && len(args)%2 == 1:
		ts.Setenv(args[0], s.commitFiles(ts, args[1], args[2], args[3:]))
	case verb == "tag" && len(args) == 4:
		s.git(ts, args[1], "", "tag", "-a", "-f", "-m", "release", args[2], args[3])
		ts.Setenv(args[0], s.git(ts, args[1], "", "rev-parse", args[2]))
	case verb == "chart" && (len(args) == 4 || len(args) == 5):
		ts.Setenv(args[0], s.chart(ts, args[1], args[2], args[3], strings.Join(args[4:], "")))
	case verb == "asked" && len(args) >= 1:
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		s.mu.Lock()
		defer s.mu.Unlock()
		got := 0
		for _, r := range s.requests {
			if strings.Contains(r, strings.Join(args[1:], " ")) {
				got++
			}
		}
		if got != want {
			ts.Fatalf("%d such requests, want %d, among\n%s", got, want, strings.Join(s.requests, "\n"))
		}
	case verb == "fail" && len(args) == 2 || verb == "recover" && len(args) == 0:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failing = [2]string{}
		copy(s.failing[:], args)
	case verb == "reset" && len(args) == 0:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = nil
	default:
		ts.Fatalf(sourcesUsage)
	}
}

// git runs git in a repository, and returns what it prints.
func (s *scriptSources) git(
	ts *testscript.TestScript, repo, stdin string, args ...string,
) string {
	dir := filepath.Join(s.root, filepath.FromSlash(repo))
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// commit adds a commit to a branch of a repository, which is made if it is not there.
func (s *scriptSources) commit(
	ts *testscript.TestScript, repo, branch string, file []string,
) string {
	s.create(ts, repo, branch)
	tree := s.git(ts, repo, "", "mktree")
	if len(file) == 2 {
		blob := s.git(ts, repo, file[1]+"\n", "hash-object", "-w", "--stdin")
		tree = s.git(ts, repo, "100644 blob "+blob+"\t"+file[0]+"\n", "mktree")
	}
	return s.commitTree(ts, repo, branch, tree)
}

// commitFiles adds a commit with files of the script, given as pairs of the path in the
// repository and the name in the script.
func (s *scriptSources) commitFiles(
	ts *testscript.TestScript, repo, branch string, files []string,
) string {
	s.create(ts, repo, branch)
	s.git(ts, repo, "", "read-tree", "--empty")
	for pair := range slices.Chunk(files, 2) {
		name := filepath.Join(ts.Getenv("WORK"), filepath.FromSlash(pair[1]))
		blob := s.git(ts, repo, "", "hash-object", "-w", name)
		s.git(ts, repo, "", "update-index", "--add", "--cacheinfo", "100644,"+blob+","+pair[0])
	}
	return s.commitTree(ts, repo, branch, s.git(ts, repo, "", "write-tree"))
}

// create makes a repository, if it is not there.
func (s *scriptSources) create(ts *testscript.TestScript, repo, branch string) {
	dir := filepath.Join(s.root, filepath.FromSlash(repo))
	if _, err := os.Stat(dir); err != nil {
		ts.Check(os.MkdirAll(dir, 0o755))
		s.git(ts, repo, "", "init", "--quiet", "--bare", "--initial-branch="+branch)
	}
}

// commitTree adds a commit with a tree to a branch.
func (s *scriptSources) commitTree(ts *testscript.TestScript, repo, branch, tree string) string {
	args := []string{"commit-tree", tree, "-m", "change " + strconv.Itoa(len(s.requests))}
	ref := "refs/heads/" + branch
	if old := s.git(ts, repo, "", "for-each-ref", "--format=%(objectname)", ref); old != "" {
		args = append(args, "-p", old)
	}
	id := s.git(ts, repo, "", args...)
	s.git(ts, repo, "", "update-ref", ref, id)
	return id
}

// chart publishes a version of a chart, with text in one of its files, and returns the digest
// of its archive. The index has all that has been published.
func (s *scriptSources) chart(ts *testscript.TestScript, repo, name, version, text string) string {
	dir := filepath.Join(s.www, filepath.FromSlash(repo))
	ts.Check(os.MkdirAll(dir, 0o755))
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	tape := tar.NewWriter(zip)
	for _, file := range [...][2]string{
		{"Chart.yaml", "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n"},
		{"templates/text.yaml", "# " + text + "\n"},
	} {
		ts.Check(tape.WriteHeader(&tar.Header{Name: name + "/" + file[0], Mode: 0o644,
			Size: int64(len(file[1]))}))
		_, err := tape.Write([]byte(file[1]))
		ts.Check(err)
	}
	ts.Check(tape.Close())
	ts.Check(zip.Close())
	file := name + "-" + version + ".tgz"
	ts.Check(os.WriteFile(filepath.Join(dir, file), archive.Bytes(), 0o644))
	digest := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))
	item := fmt.Sprintf("  - {apiVersion: v2, name: %s, version: %s, urls: [%s], digest: %s}\n", name,
		version, file, digest)
	s.indexes[repo+" "+name] = append(s.indexes[repo+" "+name], item)
	index := "apiVersion: v1\nentries:\n"
	for _, key := range slices.Sorted(maps.Keys(s.indexes)) {
		if in, chart, _ := strings.Cut(key, " "); in == repo {
			index += " " + chart + ":\n" + strings.Join(s.indexes[key], "")
		}
	}
	ts.Check(os.WriteFile(filepath.Join(dir, "index.yaml"), []byte(index), 0o644))
	return "sha256:" + digest
}
