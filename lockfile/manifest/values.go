package manifest

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/chartuse"
	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// helmValues searches Helm values.
func (f *finder) helmValues(n *yaml.Node, key string) {
	n = target(n)
	if n == nil || n.Kind != yaml.Mapping {
		return
	}
	values, global, charted := f.values, f.global, f.charted
	f.values = true
	f.chart, f.valuesAt, f.valuesRoot = f.valuesChart(), len(f.steps), n
	f.shared = sharedKeys(n)
	if key != "" {
		f.valuesAt++
	}
	if g := field(n, "global", "imageRegistry"); g != "" {
		f.global = g
	} else if g := field(n, "global", "image", "registry"); g != "" {
		f.global = g
	}
	if key != "" {
		f.inField(key, func() { f.fields(n, "") })
	} else {
		f.fields(n, "")
	}
	charts := f.charts
	f.values, f.global, f.charted = values, global, charted
	f.charts = charts
}

// tagText is what a tag can be (OCI distribution specification 1.1).
var tagText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
})

// version reports whether a tag looks like a version.
func version(tag string) bool {
	return tagText().MatchString(tag) && strings.ContainsAny(tag, "0123456789")
}

// tagAlone records a tag in Helm values that stands without its repository, which the
// chart has, and reports whether it did. A digest makes it a pin.
func (f *finder) tagAlone(p parts, owner string) bool {
	_, tag := str(p.tag)
	if tag == "" || trapKey(owner) || f.claimed[p.tag] {
		return false
	}
	if _, image := str(get(p.m, "image")); tagged(image) {
		return false // which has its own
	}
	f.claim(p.tag)
	if _, digest := str(p.digest); digest != "" && !p.chart.digestOff {
		return true
	}
	key := "tag"
	if get(p.m, key) == nil {
		key = "imageTag"
	}
	sure := imageOwner(owner) || key == "imageTag" || owner == "global" ||
		len(f.steps) == f.valuesAt
	for _, beside := range []string{"pullPolicy", "imagePullPolicy", "hub", "registry",
		"imageRegistry"} {
		sure = sure || get(p.m, beside) != nil
	}
	f.inField(key, func() {
		if c := f.chart; c != nil && c.Incomplete == "" {
			sure = slices.ContainsFunc(c.Of(f.valuePath()), func(u chartuse.Use) bool {
				return u.How == chartuse.Tail || u.How == chartuse.Followed
			})
		}
		f.loneTag(p.tag, sure)
	})
	return true
}

// loneTag records the tag n, whose image is not known. sure: it is one of an image.
func (f *finder) loneTag(n *yaml.Node, sure bool) {
	v, tag := str(n)
	if at := strings.Index(tag, "@sha256:"); at >= 0 || strings.HasPrefix(tag, "sha256:") {
		return
	}
	if _, cut := f.masked(v); cut || templateIn(tag) != "" {
		if sure {
			f.placeholder(n, tag)
		}
		return
	}
	switch {
	case !sure && !version(tag):
	case !sure:
		f.remark(n, "suspect", tag, "may be an image's tag, in a field that plumb does not know",
			false)
	default:
		r := f.begin(n, lockfile.Image, ":"+tag)
		r.Why = "its repository stands elsewhere, in the chart or in other values; " +
			"write the repository beside it, or TAG@DIGEST"
		f.found = append(f.found, r)
	}
}

// untagged records the image that key of m names in Helm values without a tag, and
// reports whether it did: what the chart puts behind it is not known here, so nothing can be
// written there.
func (f *finder) untagged(m *yaml.Node, key string, v *yaml.Node) bool {
	t, s := str(v)
	if tagged(s) || templateIn(s) != "" || strings.HasPrefix(s, "ko://") || sourcePath(s) {
		return false
	}
	if _, cut := f.masked(t); cut {
		return false
	}
	if _, err := oci.Parse(s); err != nil {
		return false
	}
	if printsWhole(f.chart, f.valuePath()) {
		f.containerImage(v)
		return true
	}
	if f.joined(m, key, v) {
		return true
	}
	beside := versionBeside(m, key)
	if !medium(s) && !(f.known && key == "image") && beside == "" {
		return false
	}
	r := f.begin(v, lockfile.Image, s)
	r.Why = "it has no tag: the chart has it, or other values; write NAME:TAG where the chart " +
		"takes it"
	if beside != "" {
		r.Why = tagIn(beside)
	}
	f.found = append(f.found, r)
	return true
}

// nameAlone records an image's name in Helm values whose tag stands in a key that plumb
// does not know as one, and reports whether it did.
func (f *finder) nameAlone(p parts, owner string) bool {
	n, key := p.repository, "repository"
	if n == nil && imageOwner(owner) {
		n, key = get(p.m, "name"), "name"
	}
	t, s := str(n)
	host, _, slash := strings.Cut(s, "/")
	if _, cut := f.masked(t); cut || !slash || !dottedHost(host) || tagged(s) ||
		templateIn(s) != "" || !repositoryLike(s) || trapKey(owner) || f.claimed[n] {
		return false
	}
	beside := "another key"
	if key == "repository" {
		if beside = versionBeside(p.m, "image"); beside == "" || get(p.m, "chart") != nil {
			return false
		}
	}
	f.inField(key, func() {
		if f.joined(p.m, key, n) {
			return
		}
		r := f.begin(n, lockfile.Image, s)
		r.Why = tagIn(beside)
		f.found = append(f.found, r)
	})
	return true
}

// tagIn says that an image's tag stands beside it, and is not known to be its tag.
func tagIn(key string) string {
	return "its tag is in " + key + " or in the chart, and plumb does not know how the chart " +
		"joins them"
}

// joined records the image whose name is key of m, and whose tag is another key by the
// templates of the chart. It reports whether there is one.
func (f *finder) joined(m *yaml.Node, key string, n *yaml.Node) bool {
	tag := f.joinedTag(m, key)
	if field(m, tag) == "" {
		return false
	}
	p := parts{m: m, repository: n, tag: get(m, tag)}
	step := f.steps[len(f.steps)-1]
	f.steps = f.steps[:len(f.steps)-1]
	f.locate(&p)
	f.splitReference(p)
	f.steps = append(f.steps, step)
	return true
}

// versionBeside returns the key beside an image's that has its tag, or "".
func versionBeside(m *yaml.Node, key string) string {
	stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(key, "mage"), "I"), "i")
	for _, tail := range []string{"Tag", "tag", "Version", "version", "imageTag", "ImageTag",
		"imageVersion", "ImageVersion", "appVersion", "AppVersion"} {
		if get(m, stem+tail) != nil {
			return stem + tail
		}
	}
	return ""
}

// valueImage reports whether key, in a mapping under owner, holds a whole image in Helm
// values where its value looks like one.
func valueImage(key, owner string) bool {
	switch key {
	case "override", "fullOverride", "imageOverride", "fullImage", "fullName", "full", "ref",
		"uri", "pullSpec":
		return imageOwner(owner)
	}
	if owner == "images" || strings.HasSuffix(owner, "Images") {
		return !trapKey(key)
	}
	rest, ok := strings.CutPrefix(key, "image")
	if !ok || rest == "" || trapKey(key) || rest[0] >= 'a' && rest[0] <= 'z' {
		return false
	}
	lower := strings.ToLower(rest)
	for _, w := range []string{"registr", "repo", "pull", "polic", "secret", "tag", "digest",
		"version", "url", "prefix", "suffix", "feature", "format", "type", "size", "path", "dir",
		"list", "hash", "sha", "volume", "automation", "cache", "host", "server", "endpoint"} {
		if strings.Contains(lower, w) {
			return false
		}
	}
	return true
}

// value judges a scalar of Helm values, and reports whether it is part of an image.
func (f *finder) value(m *yaml.Node, key string, v *yaml.Node) bool {
	t := target(v)
	owner := ""
	if n := len(f.steps); n > 1 {
		owner = f.steps[n-2].key
	}
	switch {
	case imageKey(key) && tagged(t.Value) && wholeWhy(f.chart, f.valuePath()) != "" &&
		medium(t.Value):
		r := f.begin(v, lockfile.Image, t.Value)
		r.Why = wholeWhy(f.chart, f.valuePath())
		f.end(r, t.Value, site{})
		return true
	case imageKey(key):
		return f.untagged(m, key, v)
	case strings.HasSuffix(key, "ImageTag"), strings.HasSuffix(key, "_image_tag"):
		stem := strings.TrimSuffix(strings.TrimSuffix(key, "Tag"), "_tag")
		if field(m, stem) == "" && field(m, stem+"Repository") == "" &&
			field(m, stem+"Digest") == "" {
			f.loneTag(v, true)
		}
		return true
	case tagged(t.Value) && medium(t.Value) && valueImage(key, owner):
		f.whole(v, lockfile.Image)
		return true
	}
	return false
}
