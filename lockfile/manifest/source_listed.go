package manifest

import (
	"cmp"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// listedGit is a git repository that a place names, and which is never edited there.
type listedGit struct {
	owner         *yaml.Node // the mapping that has it
	url, revision string     // the names of its fields
	missing       string     // the ref that is followed without a revision
	path          string     // in the repository
	why           string     // why it is not edited
}

// source is what g follows. A commit in the field of the revision is obeyed.
func (f *finder) listedSource(g listedGit) (s Source, why string) {
	s = Source{Fetch: f.written(get(g.owner, g.url)), Path: g.path, By: g.revision, Listed: true,
		Follows: cmp.Or(field(g.owner, g.revision), g.missing)}
	s.URL, _ = giturl.Canonical(s.Fetch)
	if s.Follows != "" {
		s.Form = gitForm(s.Follows)
	}
	if why = g.why; s.Form == Commit {
		s.Pin, s.Holder, why = s.Follows, ByConsumer, ""
		if followed := f.followedName(get(g.owner, g.revision)); followed != "" {
			s.Follows, s.Form, why = followed, gitForm(followed), g.why
		}
	}
	if s.URL == "" {
		why = "its URL is not that of a git repository"
	}
	return s, why
}

// listed records a git repository that is not edited where it stands.
func (f *finder) listed(g listedGit) {
	place := get(g.owner, g.url)
	if f.written(place) == "" {
		return
	}
	s, why := f.listedSource(g)
	written := writtenSource(s.Fetch, f.followsWritten(&s, get(g.owner, g.revision)))
	f.inField(g.url, func() { f.fromSource(place, lockfile.Git, written, s, why) })
}

const (
	whyBuild    = "a build is listed and not edited; write the commit in git.ref"
	whyArtifact = "an artifact of a workflow is listed and not edited; write the commit in revision"
	whyFile     = "an artifact of a workflow is listed and not edited; only plumb compares its hash"
	whyGitRepo  = "a gitRepo volume is listed and not edited; write the commit in revision"
)

// buildSource records the repository that a BuildConfig of OpenShift, or a Build, builds: at
// the ref given, or else at the remote's HEAD.
func (f *finder) buildSource(root *yaml.Node) {
	git := at(root, "spec", "source", "git")
	if !isMap(git) {
		return
	}
	f.inField("spec", func() {
		f.inField("source", func() {
			f.inField("git", func() {
				f.listed(listedGit{owner: git, url: "uri", revision: "ref", missing: "HEAD",
					path: field(root, "spec", "source", "contextDir"), why: whyBuild})
			})
		})
	})
}

// workflowArtifacts records what the artifacts of an Argo Workflow are fetched from, which
// are the inputs of templates and arguments. Where outputs go is no input.
func (f *finder) workflowArtifacts(key string, list *yaml.Node) {
	if f.res.group != "argoproj.io" || key != "inputs" && key != "arguments" {
		return
	}
	f.inField("artifacts", func() {
		items(list, func(i int, artifact *yaml.Node) {
			f.inIndex(i, func() {
				f.inField("git", func() {
					f.listed(listedGit{owner: get(artifact, "git"), url: "repo", revision: "revision",
						missing: "HEAD", why: whyArtifact})
				})
				f.inField("http", func() {
					if url := at(artifact, "http", "url"); url != nil {
						f.inField("url", func() { f.fileSource(url, fileUse{listed: whyFile}) })
					}
				})
			})
		})
	})
}

// gitRepoVolume records the repository that kubelet clones for a volume.
func (f *finder) gitRepoVolume(volume *yaml.Node) {
	if len(f.steps) < 2 || f.steps[len(f.steps)-2].key != "volumes" {
		return
	}
	f.inField("gitRepo", func() {
		f.listed(listedGit{owner: volume, url: "repository", revision: "revision", missing: "HEAD",
			why: whyGitRepo})
	})
}
