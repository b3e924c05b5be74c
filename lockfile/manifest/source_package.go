package manifest

import (
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

const (
	whyKpt = "a Kptfile is listed and not edited: kpt pkg update writes the package into the " +
		"tree, and upstreamLock"
	whyJsonnet = "jsonnetfile.json is listed and not edited: jb update writes jsonnetfile.lock.json"
	whyWerf    = "werf-includes.yaml is listed and not edited: werf includes update writes " +
		"werf-includes.lock"
)

// kptfile records where a package of kpt comes from. Its files lie beside the Kptfile, and
// upstreamLock has the commit that they are of.
func (f *finder) kptfile(root *yaml.Node) {
	git := at(root, "upstream", "git")
	place := get(git, "repo")
	if f.written(place) == "" {
		return
	}
	s, why := f.listedSource(listedGit{owner: git, url: "repo", revision: "ref", missing: "HEAD",
		path: strings.Trim(field(git, "directory"), "/"), why: whyKpt})
	locked := at(root, "upstreamLock", "git")
	commit := strings.ToLower(field(locked, "commit"))
	switch {
	case s.URL == "":
	case !fullCommit(commit):
		why = "upstreamLock has no commit for it; run kpt pkg update"
	case !giturl.Same(field(locked, "repo"), s.Fetch), field(locked, "ref") != field(git, "ref"),
		strings.Trim(field(locked, "directory"), "/") != s.Path:
		why = "upstreamLock is of another repository, directory or ref than upstream; run kpt pkg " +
			"update"
	default:
		s.Pin, s.Holder, s.By = commit, ByTree, "upstreamLock"
	}
	written := writtenSource(s.Fetch, f.followsWritten(&s, get(git, "ref")))
	f.inField("upstream", func() {
		f.inField("git", func() {
			f.inField("repo", func() { f.fromSource(place, lockfile.Git, written, s, why) })
		})
	})
}

// jsonnetDependencies records the repositories that a jsonnetfile.json has jsonnet-bundler
// fetch. That of a vendored package is not read by it.
func (f *finder) jsonnetDependencies(root *yaml.Node) {
	if strings.HasPrefix(f.path, "vendor/") || strings.Contains(f.path, "/vendor/") {
		return
	}
	f.res = resource{kind: "jsonnetfile.json"}
	f.eachOf(root, "dependencies", func(d *yaml.Node) {
		git := at(d, "source", "git")
		place := get(git, "remote")
		if f.written(place) == "" {
			return
		}
		s, why := f.listedSource(listedGit{owner: git, url: "remote", why: whyJsonnet,
			path: strings.Trim(field(git, "subdir"), "/")})
		s.ownLock, s.By = jsonnetLock, "version"
		if s.Follows = field(d, "version"); s.Follows != "" {
			s.Form = gitForm(s.Follows)
		} else if s.URL != "" {
			why = "it has no version; write a branch, a tag or a commit"
		}
		if s.Form == Commit {
			s.Pin, s.Holder = s.Follows, ByConsumer
		}
		s.content = path.Join("vendor", vendoredName(s.Fetch), s.Path)
		written := writtenSource(s.Fetch, s.Follows)
		f.inField("source", func() {
			f.inField("git", func() {
				f.inField("remote", func() { f.fromSource(place, lockfile.Git, written, s, why) })
			})
		})
	})
}

// vendoredName is the folder that jsonnet-bundler keeps a repository in: its host and path.
func vendoredName(url string) string {
	canonical, _ := giturl.Canonical(url)
	_, name, _ := strings.Cut(canonical, "://")
	return strings.TrimSuffix(strings.TrimRight(name, "/"), ".git")
}

// jsonnet joins the commit that jsonnet-bundler obeys.
func (j *joint) jsonnet() {
	s := j.source
	commit := ""
	items(get(j.root, "dependencies"), func(_ int, d *yaml.Node) {
		git := at(d, "source", "git")
		if giturl.Same(field(git, "remote"), s.Fetch) &&
			strings.Trim(field(git, "subdir"), "/") == s.Path {
			commit = strings.ToLower(field(d, "version"))
		}
	})
	switch {
	case !fullCommit(commit), s.Form == Commit && commit != s.Follows:
		s.Pin, s.Holder = "", ByPlumbAlone
		j.Why = "jsonnetfile.lock.json does not have its commit; run jb update"
	case j.isDir(path.Join(j.dir, s.content)):
		j.inTree(commit)
	default:
		s.Pin, s.Holder = commit, ByConsumer
	}
	s.By = jsonnetLock.file()
}

// werfIncludes records the repositories that a werf-includes.yaml takes files from.
func (f *finder) werfIncludes(root *yaml.Node) {
	f.res = resource{kind: "werf-includes.yaml"}
	f.eachOf(root, "includes", func(m *yaml.Node) {
		place := get(m, "git")
		if f.written(place) == "" {
			return
		}
		key, form := "branch", Branch
		switch {
		case get(m, "tag") != nil:
			key, form = "tag", Tag
		case get(m, "commit") != nil:
			key, form = "commit", Commit
		}
		s, why := f.listedSource(listedGit{owner: m, url: "git", revision: key, why: whyWerf})
		s.ownLock = werfLock
		if s.Form != NoForm && s.Form != Commit {
			s.Form = form
		}
		written := writtenSource(s.Fetch, f.followsWritten(&s, get(m, key)))
		f.inField("git", func() { f.fromSource(place, lockfile.Git, written, s, why) })
	})
}

// werf joins the commit that werf obeys.
func (j *joint) werf() {
	s := j.source
	commit := ""
	items(get(j.root, "includes"), func(_ int, m *yaml.Node) {
		if !giturl.Same(field(m, "git"), s.Fetch) {
			return
		}
		switch s.Form {
		case Branch:
			if field(m, "branch") != s.Follows {
				return
			}
		case Tag:
			if field(m, "tag") != s.Follows {
				return
			}
		}
		commit = strings.ToLower(field(m, "commit"))
	})
	if !fullCommit(commit) || s.Form == Commit && commit != s.Pin {
		s.Pin, s.Holder = "", ByPlumbAlone
		j.Why = "werf-includes.lock does not have its commit; run werf includes update"
		return
	}
	s.Pin, s.Holder, s.By = commit, ByConsumer, werfLock.file()
}
