package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// parts are the scalars of an image that a mapping spells out in pieces.
type parts struct {
	m          *yaml.Node // the mapping
	registry   *yaml.Node
	repository *yaml.Node
	image      *yaml.Node // a last path component kept apart from the repository
	tag        *yaml.Node
	digest     *yaml.Node
	bare       bool // digest holds hex digits only
	digestKey  string
	fixed      string    // why no digest can be written, "" if it can
	chart      chartKeys // of Helm values: what else their chart reads beside them
	at         paths     // of Helm values whose chart is in the tree
	base       string    // of Helm values: the path of the image
}

// splitKeys sorts the keys of m into parts. owner is the key that m is the
// value of; it decides what "name" and a lone "repository" mean.
func splitKeys(m *yaml.Node, owner string) parts {
	p := parts{m: m}
	var image, name, version, hub *yaml.Node
	take := func(key string, v *yaml.Node) {
		switch key {
		case "registry", "imageRegistry":
			p.registry = v
		case "repository", "imageRepository":
			p.repository = v
		case "baseImage":
			p.repository = v
		case "image":
			image = v
		case "name":
			name = v
		case "tag", "imageTag":
			p.tag = v
		case "version":
			version = v
		case "digest", "imageDigest":
			p.digest, p.digestKey = v, key
		case "sha", "sha256":
			if p.digest == nil {
				p.digest, p.digestKey, p.bare = v, key, true
			}
		case "hub":
			hub = v
		}
	}
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if isMerge(k) {
			for _, mp := range merged(m) {
				take(mp.key.Value, mp.value)
			}
		} else if scalarText(k.Next) {
			take(k.Value, k.Next)
		}
	}
	p.settle(owner, image, name, version, hub)
	if p.repository != nil || p.tag != nil || p.digest != nil {
		p.chart.read(m)
	}
	return p
}

func scalarText(n *yaml.Node) bool {
	n = target(n)
	return n != nil && n.Kind == yaml.Scalar
}

// settle decides which of the keys that mean different things to different
// charts are parts here.
func (p *parts) settle(owner string, image, name, version, hub *yaml.Node) {
	_, imageText := str(image)
	switch {
	case p.repository != nil && imageText != "":
		// repository: nvcr.io/nvidia, image: driver, version: "550.54"
		p.image = image
		if p.tag == nil {
			p.tag = version
		}
	case p.repository != nil:
	case hub != nil && imageText != "" && !strings.ContainsAny(imageText, ":/@"):
		p.repository, p.image = hub, image
	case imageText != "" && (p.tag != nil || p.digest != nil || p.registry != nil) &&
		!tagged(imageText):
		p.repository = image
	case name != nil && imageOwner(owner) && (p.tag != nil || p.digest != nil):
		p.repository = name
	}
}

// tagged reports whether a name carries its tag or digest itself.
func tagged(s string) bool {
	return strings.IndexByte(s, '@') >= 0 ||
		strings.LastIndexByte(s, ':') > strings.LastIndexByte(s, '/')
}

// imageOwner reports whether a mapping under this key describes an image.
func imageOwner(key string) bool {
	return key == "image" || key == "images" || strings.HasSuffix(key, "Image") ||
		strings.HasSuffix(key, "_image")
}

// repositoryLike reports whether s can be an image's repository rather than a
// git or chart repository.
func repositoryLike(s string) bool {
	if s == "" || strings.Contains(s, "://") || strings.HasPrefix(s, "git@") {
		return false
	}
	n, err := oci.Parse(s)
	return err == nil && !sourceHost(n.Host)
}

// split records the image that a mapping spells out in parts, if it does, and
// reports whether it did.
func (f *finder) split(m *yaml.Node, owner string) bool {
	p := splitKeys(m, owner)
	if p.repository == nil {
		return f.values && (f.tagAlone(p, owner) || f.nameAlone(p, owner))
	}
	repo, repoText := str(p.repository)
	_, tagText := str(p.tag)
	_, digestText := str(p.digest)
	switch {
	case f.claimed[p.repository]:
		return false
	case repoText == "":
		return f.values && f.tagAlone(p, owner)
	}
	if templateIn(repoText) == "" && !repositoryLike(repoText) {
		return false
	}
	if _, cut := f.masked(repo); !cut && !f.splitMeant(p, owner, repoText, tagText, digestText) {
		return f.values && f.nameAlone(p, owner)
	}
	if tagged(repoText) && tagText == "" && digestText == "" && p.image == nil {
		f.inField("repository", func() { f.whole(p.repository, lockfile.Image) })
		return true
	}
	f.locate(&p)
	f.splitReference(p)
	return true
}

// splitMeant tells an image in parts from other things that have a repository.
func (f *finder) splitMeant(p parts, owner, repo, tag, digest string) bool {
	host, _, _ := strings.Cut(repo, "/")
	dotted := strings.IndexByte(repo, '/') > 0 && dottedHost(host)
	switch {
	case trapKey(owner):
		return false
	case imageOwner(owner), p.image != nil:
		return true
	case get(p.m, "imageRepository") != nil || get(p.m, "baseImage") != nil:
		return true
	case tag == "" && digest == "":
		return false
	}
	return f.values || f.known || dotted || p.registry != nil
}

// splitReference records the image that p describes.
func (f *finder) splitReference(p parts) {
	ignored := p.digest
	if !f.values {
		p.chart = chartKeys{}
	} else {
		p.chart.inherit(f.shared)
	}
	f.byBook(&p)
	if p.chart.digestOff || deadDigest(f.chart, p) {
		p.digest = nil
	}
	name, full := f.splitNames(p)
	for _, n := range p.scalars() {
		if _, cut := f.masked(target(n)); cut || templateIn(target(n).Value) != "" {
			f.claim(p.scalars()...)
			f.placeholder(n, full)
			return
		}
	}
	r := f.begin(p.repository, lockfile.Image, full)
	f.claim(p.scalars()...)
	f.claim(ignored)
	r.Policy = f.markerOf(p.scalars()...)
	_, tag := str(p.tag)
	_, digest := str(p.digest)
	if tag == "" && digest == "" {
		r.Why = "it has no tag: the chart's default decides; write the tag beside it"
		if p.fixed != "" {
			r.Why = p.fixed
		}
		f.found = append(f.found, r)
		return
	}
	if p.fixed != "" {
		r.Why = p.fixed
		f.end(r, name, site{})
		return
	}
	var known bool
	if r.Why, known = p.chart.why(p); known && r.Why == "" {
		r.Why = f.prefixWhy(p)
		known = r.Why == ""
	}
	if !known {
		f.found = append(f.found, r)
		return
	}
	f.endSplit(r, p, name)
}

// endSplit records the image r that p describes and whose name is known, with the place of
// its digest, unless there is a reason against one.
func (f *finder) endSplit(r found, p parts, name string) {
	if r.Why == "" {
		r.Why = chartWhy(f.chart, p)
	}
	_, tag := str(p.tag)
	s, t := f.splitSite(p, tag)
	if s.tag.state != tagJoined {
		s.tag = f.tagScalar(p.m, p.tag)
	}
	if t != nil {
		r.target = target(t)
		r.alias = t.Kind == yaml.Alias
	}
	if why := misread(p.tag); why != "" {
		r.Why = why
	}
	if r.Why != "" {
		s = site{}
	}
	f.end(r, name, s)
}

// scalars are the parts that p has, in the order of an image's name.
func (p *parts) scalars() []*yaml.Node {
	var out []*yaml.Node
	for _, n := range []*yaml.Node{p.registry, p.repository, p.image, p.tag, p.digest} {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}

// splitNames joins the parts: as consumers print them, and as they are written.
func (f *finder) splitNames(p parts) (name, written string) {
	_, registry := str(p.registry)
	_, repo := str(p.repository)
	_, image := str(p.image)
	_, digest := str(p.digest)
	if f.global != "" && (p.registry != nil || !strings.Contains(repo, ".")) {
		registry = f.global
	}
	base := repo
	if registry != "" {
		base = strings.TrimSuffix(registry, "/") + "/" + repo
	}
	if image != "" {
		base += "/" + image
	}
	if digest != "" && p.bare && !strings.Contains(digest, ":") {
		digest = "sha256:" + digest
	}
	v, tag := str(p.tag)
	tail := func(tag string) string {
		switch {
		case strings.HasPrefix(tag, "sha256:"):
			tag = "@" + tag // as NVIDIA's operator takes it
		case tag != "":
			tag = ":" + tag
		}
		if digest != "" && !strings.Contains(tag, "@") {
			tag += "@" + digest
		}
		return tag
	}
	written, name = base+tail(tag), base+tail(tag)
	if tag != "" {
		text, _ := printed(v)
		name = base + tail(text+p.chart.appended)
	}
	return name, written
}

// splitSite plans where the digest goes: into the mapping's own key for it,
// else behind the tag, as charts that print "repository:tag" take it.
func (f *finder) splitSite(p parts, tag string) (site, *yaml.Node) {
	if p.digest != nil {
		s, ok := f.valueSlot(p.digest)
		s.bare = p.bare
		return site{keep: s, only: s, ok: ok}, p.digest
	}
	v := target(p.tag)
	if v == nil || !f.plainText(v) {
		return site{}, p.tag
	}
	at := len(v.Value)
	if i := strings.IndexByte(v.Value, '@'); i >= 0 {
		at = i
	}
	if strings.HasPrefix(v.Value, "sha256:") {
		s, ok := f.valueSlot(p.tag)
		return site{keep: s, only: s, ok: ok}, p.tag
	}
	if f.mustQuote(v) {
		s, e, ok := f.text.span(v.Start, v.End)
		sl := slot{start: s, end: e, before: `"` + tag + "@", after: `"`}
		if ok {
			sl.old = f.file.src[s:e]
		}
		joined := tagSite{slot: sl, state: tagJoined}
		joined.before = `"`
		return site{keep: sl, only: sl, ok: ok, tag: joined}, p.tag
	}
	s, ok := f.slot(v, at, len(v.Value), "@")
	out := site{keep: s, only: s, ok: ok}
	if whole, ok := f.slot(v, 0, len(v.Value), ""); ok {
		out.tag = tagSite{slot: whole, state: tagJoined}
	}
	return out, p.tag
}

// mustQuote reports whether a bare scalar has to be quoted once it is a
// string: in JSON, numbers and words are bare and strings are not.
func (f *finder) mustQuote(v *yaml.Node) bool {
	if v.Style != yaml.Plain {
		return false
	}
	src := strings.TrimLeft(strings.TrimPrefix(f.text.src, "\ufeff"), " \t\r\n")
	return strings.HasSuffix(f.path, ".json") || strings.HasPrefix(src, "{") ||
		strings.HasPrefix(src, "[")
}

// valueSlot plans to make the digest the whole value of n.
func (f *finder) valueSlot(n *yaml.Node) (slot, bool) {
	v := target(n)
	if !f.plainText(v) {
		return slot{}, false
	}
	if v.Style == yaml.Plain && (v.Start == v.End || isNull(v)) {
		s, _, ok := f.text.span(v.Start, v.End)
		if v.Start == v.End {
			s, ok = f.behind(v.Start)
		}
		q := ""
		if f.mustQuote(v) {
			q = `"`
		}
		sl := slot{start: s, end: s + v.End - v.Start, before: q, after: q}
		if !ok {
			return slot{}, false
		}
		sl.old = f.file.src[sl.start:sl.end]
		if v.Start == v.End {
			sl.before = " " + sl.before
		}
		return sl, true
	}
	if v.Value == "" {
		s, e, ok := f.text.span(v.Start, v.End)
		if !ok || e-s != 2 {
			return slot{}, false
		}
		q := f.file.src[s : s+1]
		return slot{start: s, end: e, old: f.file.src[s:e], before: q, after: q}, true
	}
	return f.slot(v, 0, len(v.Value), "")
}

// behind maps the place just behind a byte of the text to the file.
func (f *finder) behind(i int) (int, bool) {
	if i == 0 {
		return 0, false
	}
	_, e, ok := f.text.span(i-1, i)
	return e, ok
}

// inField runs do with key at the end of the path.
func (f *finder) inField(key string, do func()) {
	f.steps = append(f.steps, step{key, -1})
	do()
	f.steps = f.steps[:len(f.steps)-1]
}
