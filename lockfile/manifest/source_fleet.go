package manifest

import (
	"cmp"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/giturl"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// whyBoth says why a GitRepo with a branch and a revision is left as it is.
const whyBoth = "with branch and revision, Fleet polls the revision and clones the branch: " +
	"remove one of them"

// fleetObject searches an object of Fleet.
func (f *finder) fleetObject(root *yaml.Node, kind string) {
	spec := get(root, "spec")
	f.inField("spec", func() {
		switch kind {
		case "GitRepo":
			f.gitRepo(spec)
		case "HelmOp":
			f.helmOp(spec)
		case "Bundle":
			f.fleetCharts(spec)
		}
	})
}

// helmOp records the chart of a HelmOp: one in a registry is named in full by repo.
func (f *finder) helmOp(spec *yaml.Node) {
	helm := get(spec, "helm")
	if !strings.HasPrefix(f.written(get(helm, "repo")), registryScheme) {
		f.fleetCharts(spec)
		return
	}
	f.inField("helm", func() { f.registryChart(helm, "repo") })
}

// fleetCharts records the charts of a fleet.yaml, or of a Bundle: its own, and those of
// customizations for some targets.
func (f *finder) fleetCharts(m *yaml.Node) {
	of := get(m, "helm")
	f.inField("helm", func() { f.fleetChart(of, of) })
	for _, list := range [...]string{"targetCustomizations", "targets"} {
		f.eachOf(m, list, func(item *yaml.Node) {
			helm := get(item, "helm")
			f.inField("helm", func() {
				if get(helm, "chart") != nil {
					f.fleetChart(helm, helm)
				} else if get(helm, "version") != nil {
					f.fleetChart(helm, of)
				}
			})
		})
	}
}

// fleetChart records the chart of helm, of which the mapping of has the name. A chart in a
// registry is named in full; one with a repo is in that; any other is an address of
// go-getter, which most often is a folder of the tree (rancher/fleet, internal/bundlereader,
// chartURL and GetContent).
func (f *finder) fleetChart(helm, of *yaml.Node) {
	place, chart := get(of, "chart"), f.written(get(of, "chart"))
	switch {
	case !isMap(helm) || chart == "":
	case f.written(get(of, "repo")) != "" && !strings.HasPrefix(chart, registryScheme):
		f.repositoryChart(helm, of)
	case helm != of: // the version of an address means nothing
	case strings.HasPrefix(chart, registryScheme):
		f.registryChart(helm, "chart")
	default:
		f.inField("chart", func() { f.getterSource(place, target(helm).Style == yaml.Flow) })
	}
}

// gitRepo records what a GitRepo of Fleet follows: revision, which is a tag or a commit, or
// the head of a branch, of master where none is named. Of a branch beside a revision the branch is
// cloned, so a commit has to take its place (rancher/fleet, internal/cmd/cli/gitcloner,
// CloneRepo, and pkg/git, RevisionCommit).
func (f *finder) gitRepo(spec *yaml.Node) {
	spec = target(spec)
	place, url := get(spec, "repo"), f.written(get(spec, "repo"))
	if url == "" {
		return
	}
	branchKey, branchNode := lookup(spec, "branch")
	branch, revision := field(spec, "branch"), field(spec, "revision")
	s := Source{Fetch: url, Path: onlyItem(get(spec, "paths")), By: "revision"}
	s.URL, _ = giturl.Canonical(url)
	why, shown := "", branchNode
	switch {
	case branch != "" && revision != "":
		s.Form, s.Follows, why = fleetBranch(branch), branch, whyBoth
	case revision != "" || branchKey == nil:
		shown = get(spec, "revision")
		why = f.revision(&s, sourceField{owner: spec, key: "revision", behind: "repo",
			missing: "master", form: fleetRevision})
		switch {
		case revision == "":
			s.Form = Branch
		case s.Pin == "" && s.Form == BranchOrTag:
			s.Form = Tag // Fleet looks for a revision among the tags alone
		}
	default:
		s.Form, s.Follows, s.Holder = fleetBranch(branch), cmp.Or(branch, "master"), ByConsumer
		if why = f.fieldWhy(branchNode, "branch"); why == "" && get(spec, "revision") == nil {
			s.edits = f.replacePair(spec, branchKey, branchNode, "revision", s.Follows)
		}
	}
	if s.URL == "" {
		why = "its URL is not that of a git repository"
	}
	written := writtenSource(url, f.followsWritten(&s, shown))
	f.inField("repo", func() { f.fromSource(place, lockfile.Git, written, s, why) })
}

// fleetBranch is how Fleet reads the name of a branch.
func fleetBranch(name string) Form {
	if strings.HasPrefix(name, "refs/") {
		return FullRef
	}
	return Branch
}

// fleetRevision is how Fleet reads a revision, or a name that a comment keeps beside one: that
// of a branch or of a tag.
func fleetRevision(name string) Form {
	if form := gitForm(name); form != Head {
		return form
	}
	return BranchOrTag
}

// onlyItem is the text of a sequence's item, "" if it has more than one.
func onlyItem(list *yaml.Node) string {
	list = target(list)
	if list == nil || list.Kind != yaml.Sequence || list.FirstChild == nil ||
		list.FirstChild.Next != nil {
		return ""
	}
	_, s := str(list.FirstChild)
	return s
}

// replacePair plans to write the pair "key: commit" in place of k: v of the mapping m, with
// the name that is followed in a comment.
func (f *finder) replacePair(m, k, v *yaml.Node, key, name string) []sourceEdit {
	if m.Anchor != "" || mergedInto(m, v) || k.Anchor != "" || k.Opaque {
		return nil
	}
	old, ok := f.slot(k, 0, len(k.Value), "")
	edits := f.replace(v, writeCommit)
	if !ok || edits == nil {
		return nil
	}
	old.before = key
	edits = append([]sourceEdit{{slot: old}}, edits...)
	if m.Style != yaml.Flow {
		edits = append(edits, f.keepName(v, name)...)
	}
	return edits
}
