package manifest

import (
	"cmp"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

const whyVendir = "vendir.yml is listed and not edited: vendir sync writes what it fetches into " +
	"the tree, and vendir.lock.yml"

// vendir records what a configuration of vendir has it fetch into folders of the tree.
// Contents of the kinds manual, inline and directory come from the tree.
func (f *finder) vendir(root *yaml.Node) {
	f.eachOf(root, "directories", func(d *yaml.Node) {
		dir := field(d, "path")
		f.eachOf(d, "contents", func(c *yaml.Node) {
			before := len(f.found)
			f.vendirContent(c, path.Join(dir, field(c, "path")))
			for i := before; i < len(f.found); i++ {
				if s := f.found[i].Source; s != nil {
					s.ownLock, s.content = vendirLock, path.Join(dir, field(c, "path"))
				}
			}
		})
	})
}

// vendirContent records what one folder has.
func (f *finder) vendirContent(c *yaml.Node, folder string) {
	for k := target(c).FirstChild; k != nil && isMap(c); k = k.Next.Next {
		f.inField(k.Value, func() {
			switch m := k.Next; k.Value {
			case "git":
				f.vendirGit(m)
			case "http":
				f.vendirHTTP(get(m, "url"), field(m, "sha256"))
			case "helmChart":
				f.vendirChart(c, m, folder)
			case "githubRelease":
				f.vendirRelease(m)
			case "imgpkgBundle":
				f.inField("image", func() { f.artifact(get(m, "image")) })
			case "image":
				f.inField("url", func() { f.artifact(get(m, "url")) })
			}
		})
	}
}

// vendirGit records a repository. Its ref may be a branch with the remote's name before it.
func (f *finder) vendirGit(m *yaml.Node) {
	place := get(m, "url")
	if f.written(place) == "" {
		return
	}
	s, why := f.listedSource(listedGit{owner: m, url: "url", revision: "ref", why: whyVendir})
	if branch, ok := strings.CutPrefix(s.Follows, "origin/"); ok {
		s.Follows, s.Form = branch, Branch
	}
	if versions := field(m, "refSelection", "semver", "constraints"); s.Follows == "" && versions != "" {
		s.Follows, s.Form = versions, TagRange
	}
	written := writtenSource(s.Fetch, f.followsWritten(&s, get(m, "ref")))
	f.inField("url", func() { f.fromSource(place, lockfile.Git, written, s, why) })
}

// vendirHTTP records a file, which vendir compares with a hash where there is one.
func (f *finder) vendirHTTP(url *yaml.Node, sum string) {
	use := fileUse{listed: whyVendir}
	if len(sum) == 64 {
		use.digest, use.by = "sha256:"+sum, "http.sha256"
	}
	if url != nil {
		f.inField("url", func() { f.fileSource(url, use) })
	}
}

// vendirChart records a chart. Of one that is kept in full, the folder is its content.
func (f *finder) vendirChart(content, m *yaml.Node, folder string) {
	place, name := get(m, "name"), f.written(get(m, "name"))
	repository := f.written(at(m, "repository", "url"))
	if name == "" {
		return
	}
	s := Source{Listed: true}
	s.locateChart(repository, name)
	why := f.chartVersion(&s, sourceField{owner: m, key: "version", behind: "name"})
	s.edits = nil
	if why = cmp.Or(why, whyVendir); s.URL == "" {
		why = "its repository.url is not the URL of a chart repository"
	}
	partly := false
	for _, key := range [...]string{"includePaths", "excludePaths", "newRootPath", "ignorePaths"} {
		partly = partly || get(content, key) != nil
	}
	if dir := path.Join(path.Dir(f.path), folder); !partly && !strings.HasPrefix(dir, "../") {
		s.Path = dir
	}
	written := writtenSource(repository+"#"+name, f.followsWritten(&s, get(m, "version")))
	f.inField("name", func() { f.fromSource(place, lockfile.Chart, written, s, why) })
}

// vendirRelease records a release of a repository at GitHub, of which vendir takes what
// assets its configuration chooses. They have no URL of their own here, so no lock can have
// them; only where they are in the tree is it known what they are.
func (f *finder) vendirRelease(m *yaml.Node) {
	place, slug := get(m, "slug"), f.written(get(m, "slug"))
	if slug == "" {
		return
	}
	tag := field(m, "tag")
	s := Source{Fetch: "https://github.com/" + slug + "/releases/latest", Follows: tag, Form: NoForm,
		Listed: true, Holder: NotHeld}
	if tag != "" {
		s.Fetch, s.Form = "https://github.com/"+slug+"/releases/tag/"+tag, Tag
	}
	written := writtenSource("github.com/"+slug, f.followsWritten(&s, get(m, "tag")))
	f.inField("slug", func() {
		f.fromSource(place, lockfile.URL, written, s, "vendir chooses among the assets of the "+
			"release; commit what it fetches, with vendir.lock.yml")
	})
}

// vendir joins what vendir.lock.yml says of a folder's content. The content is what lies in
// the tree, if it does.
func (j *joint) vendir() {
	s := j.source
	var entry *yaml.Node
	items(get(j.root, "directories"), func(_ int, d *yaml.Node) {
		items(get(d, "contents"), func(_ int, c *yaml.Node) {
			if path.Join(field(d, "path"), field(c, "path")) == s.content {
				entry = c
			}
		})
	})
	pin, ok := "", false
	switch {
	case j.Input == lockfile.Git:
		pin = field(entry, "git", "sha")
		ok = fullCommit(pin)
	case j.Input == lockfile.Chart:
		pin = field(entry, "helmChart", "version")
		ok = exactVersion(pin) && s.Takes(pin)
	case s.Form == OneFile:
		pin, ok = s.Pin, get(entry, "http") != nil
	default:
		pin = field(entry, "githubRelease", "tag")
		ok = get(entry, "githubRelease") != nil && (s.Follows == "" || pin == "" || pin == s.Follows)
	}
	switch {
	case !ok:
		j.Why = "vendir.lock.yml does not have it; run vendir sync, and commit what it writes"
	case !j.isDir(path.Join(j.dir, s.content)):
		j.Why = "the tree has no folder " + path.Join(j.dir, s.content) + " with what vendir fetched"
	default:
		if s.URL == "" && s.Chart == "" && j.Input == lockfile.URL {
			s.URL = s.Fetch
		}
		j.inTree(pin)
	}
}

// inTree notes that the consumer takes what the tree has, of which the own lock has the pin.
func (j *joint) inTree(pin string) {
	s := j.source
	if s.Pin, s.Holder = pin, ByTree; s.URL != "" {
		j.Tracked = s.tracked()
	}
}
