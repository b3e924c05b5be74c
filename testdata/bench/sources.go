package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What is to be locked: so many releases of charts in so many chart repositories, each of
// which answers after a delay, and so many git sources in so many git repositories.
const (
	releases          = 60
	chartRepositories = 20
	gitSources        = 100
	gitRepositories   = 30
)

// sources measures lock against chart and git repositories that take their time.
func sources(ctx context.Context, b *bench) error {
	s, err := startSourceServer(filepath.Join(b.dir, "git"))
	if err != nil {
		return err
	}
	defer s.Close()
	if err := b.lockCharts(ctx, s); err != nil {
		return err
	}
	return b.lockGit(ctx, s)
}

// lockCharts measures a lock of charts that are all new.
func (b *bench) lockCharts(ctx context.Context, s *sourceServer) error {
	repo := filepath.Join(b.dir, "charts")
	reset := func() error { return s.writeReleases(repo) }
	if err := reset(); err != nil {
		return err
	}
	if err := b.commit(ctx, repo); err != nil {
		return err
	}
	requests := 0
	locking := command{dir: repo, args: []string{b.plumb, "lock"}, before: func() error {
		s.reset()
		return reset()
	}}
	bare := command{dir: repo, args: []string{b.self, chartMode, s.URL}, before: func() error {
		requests = s.count("")
		s.reset()
		return nil
	}}
	all, err := b.interleave(ctx, locking, bare)
	if err != nil {
		return err
	}
	if sent := s.count(""); sent != releases+chartRepositories {
		return fmt.Errorf("the bare client sent %d requests", sent)
	}
	b.note("%d releases over %d chart repositories, %v a request: lock %.0f ms, a bare client %.0f ms",
		releases, chartRepositories, delay, inMilliseconds(all[0].wall()),
		inMilliseconds(all[1].wall()))
	b.budget("lock-charts-requests", float64(requests), releases+chartRepositories, plain)
	b.budget("lock-charts", all[0].to(all[1]), 1.3, ratio)
	return nil
}

// lockGit counts the requests of a lock of git sources.
func (b *bench) lockGit(ctx context.Context, s *sourceServer) error {
	repo := filepath.Join(b.dir, "gitops")
	if err := s.writeGitSources(ctx, b, repo); err != nil {
		return err
	}
	if err := b.commit(ctx, repo); err != nil {
		return err
	}
	s.reset()
	u, err := b.measure(ctx, command{dir: repo, args: []string{b.plumb, "lock"}})
	if err != nil {
		return err
	}
	b.note("%d git sources in %d repositories, %v a request: lock %.0f ms", gitSources,
		gitRepositories, delay, inMilliseconds(u.Wall))
	b.budget("lock-git-requests", float64(s.count("info/refs")), gitRepositories, plain)
	return nil
}

// sourceServer serves chart repositories below /charts and git ones below /git.
type sourceServer struct {
	*httptest.Server
	git     string // the folder of the git repositories
	backend string // git http-backend

	mu       sync.Mutex
	requests []string
}

func startSourceServer(git string) (*sourceServer, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("git --exec-path: %w", err)
	}
	s := &sourceServer{git: git,
		backend: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend")}
	s.Server = httptest.NewServer(s)
	return s, os.MkdirAll(git, 0o755)
}

// ServeHTTP answers after a delay.
func (s *sourceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.Path)
	s.mu.Unlock()
	time.Sleep(delay)
	var repository, chart int
	switch {
	case strings.HasPrefix(r.URL.Path, "/git/"):
		(&cgi.Handler{Path: s.backend, Root: "/git", Stderr: io.Discard, Env: []string{
			"GIT_PROJECT_ROOT=" + s.git, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"HOME=" + s.git, "GIT_PROTOCOL=" + r.Header.Get("Git-Protocol")}}).ServeHTTP(w, r)
	case strings.HasSuffix(r.URL.Path, "/index.yaml"):
		_, _ = fmt.Sscanf(r.URL.Path, "/charts/%d/", &repository)
		_, _ = w.Write(chartIndex(repository))
	default:
		_, _ = fmt.Sscanf(r.URL.Path, "/charts/%d/app-%d-", &repository, &chart)
		_, _ = w.Write(chartArchive(chart))
	}
}

func (s *sourceServer) reset() {
	s.mu.Lock()
	s.requests = nil
	s.mu.Unlock()
}

// count counts the requests since reset that contain text.
func (s *sourceServer) count(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if strings.Contains(r, text) {
			n++
		}
	}
	return n
}

// chartsIn are the charts of a repository.
func chartsIn(repository int) []int {
	var out []int
	for i := repository; i < releases; i += chartRepositories {
		out = append(out, i)
	}
	return out
}

// archives keeps what chartArchive has made.
var archives sync.Map

// chartArchive is the archive of a chart: a few templates.
func chartArchive(chart int) []byte {
	if made, ok := archives.Load(chart); ok {
		return made.([]byte)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	name := "app-" + strconv.Itoa(chart)
	write := func(file, text string) {
		_ = t.WriteHeader(&tar.Header{Name: name + "/" + file, Mode: 0o644, Size: int64(len(text))})
		_, _ = t.Write([]byte(text))
	}
	write("Chart.yaml", "apiVersion: v2\nname: "+name+"\nversion: 1.2.3\n")
	for i := range 20 {
		write(fmt.Sprintf("templates/%d.yaml", i), deployment(name, "main", "registry.example/app:1"))
	}
	_ = t.Close()
	_ = z.Close()
	archives.Store(chart, b.Bytes())
	return b.Bytes()
}

// chartIndex is the index of a repository, with old versions of each chart.
func chartIndex(repository int) []byte {
	var b bytes.Buffer
	b.WriteString("apiVersion: v1\nentries:\n")
	for _, chart := range chartsIn(repository) {
		fmt.Fprintf(&b, "  app-%d:\n", chart)
		digest := fmt.Sprintf("%x", sha256.Sum256(chartArchive(chart)))
		for patch := 3; patch >= 0; patch-- {
			fmt.Fprintf(&b, "  - apiVersion: v2\n    name: app-%[1]d\n    version: 1.2.%[2]d\n"+
				"    digest: %[3]s\n    urls:\n    - app-%[1]d-1.2.%[2]d.tgz\n", chart, patch, digest)
		}
	}
	return b.Bytes()
}

// writeReleases writes an Application of Argo CD for each chart.
func (s *sourceServer) writeReleases(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "plumb.lock")); err != nil {
		return err
	}
	for i := range releases {
		text := fmt.Sprintf("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app-%d}\n"+
			"spec:\n  source:\n    repoURL: %s/charts/%d\n    chart: app-%d\n    targetRevision: 1.2.3\n",
			i, s.URL, i%chartRepositories, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("app-%d.yaml", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeGitSources makes git repositories, and an Application for each source in them.
func (s *sourceServer) writeGitSources(ctx context.Context, b *bench, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i := range gitRepositories {
		repo := filepath.Join(s.git, strconv.Itoa(i)+".git")
		for _, args := range [][]string{
			{"init", "--quiet", "--initial-branch=main", repo},
			{"-C", repo, "commit", "--quiet", "--allow-empty", "-m", "first"},
		} {
			cmd := exec.CommandContext(ctx, "git", args...)
			cmd.Env = b.env
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
			}
		}
	}
	for i := range gitSources {
		text := fmt.Sprintf("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: git-%[1]d}\n"+
			"spec:\n  source:\n    repoURL: %[2]s/git/%[3]d.git\n    path: %[1]d\n    targetRevision: main\n",
			i, s.URL, i%gitRepositories)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("git-%d.yaml", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// chartMode makes this program the bare client of chart repositories: it reads each index and
// then each archive, at the concurrency that plumb has, and hashes what it reads.
const chartMode = "bare-charts"

// bareCharts asks the server at base for what a lock of the releases needs.
func bareCharts(base string, stderr io.Writer) int {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = concurrency
	client, slots := http.Client{Transport: transport}, make(chan struct{}, concurrency)
	get := func(path string) error {
		slots <- struct{}{}
		defer func() { <-slots }()
		resp, err := client.Get(base + path)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(sha256.New(), resp.Body)
		return err
	}
	errs := make(chan error, chartRepositories)
	for i := range chartRepositories {
		go func() {
			err := get(fmt.Sprintf("/charts/%d/index.yaml", i))
			var group sync.WaitGroup
			for _, chart := range chartsIn(i) {
				group.Go(func() {
					if e := get(fmt.Sprintf("/charts/%d/app-%d-1.2.3.tgz", i, chart)); e != nil {
						errs <- e
					}
				})
			}
			group.Wait()
			errs <- err
		}()
	}
	status := 0
	for range chartRepositories {
		if err := <-errs; err != nil {
			fmt.Fprintln(stderr, err)
			status = 1
		}
	}
	return status
}
