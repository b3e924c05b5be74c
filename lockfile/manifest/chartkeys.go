package manifest

import (
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// chartKeys are the keys beside the parts of an image in Helm values that decide what
// the chart makes of the parts.
type chartKeys struct {
	useDigest string     // the key of a switch for the digest, "" if there is none
	digestOff bool       // it is off: the chart ignores the digest
	appends   string     // a key by which the chart changes the name, "" if there is none
	appended  string     // what it appends to the tag, where that is known
	rule      *chartRule // what is known of the chart, nil if nothing is
}

// digestSwitches are keys of charts that print a digest only where they are true, such as
// cilium's image.useDigest (cilium/cilium install/kubernetes/cilium/templates/_helpers.tpl).
var digestSwitches = map[string]bool{
	"useDigest": true, "useDigests": true, "usedigest": true, "use_digest": true,
	"useImageDigest": true, "digestEnabled": true, "enableDigest": true, "pinDigest": true,
	"useSha": true, "useSHA": true, "useSha256": true,
}

// tagSwitches are keys of charts that take another tag, or another image, where they are
// true or not empty, with what they append to the tag. "?": only the chart knows, and
// "=": their own value.
var tagSwitches = map[string]string{
	"distroless":     "-distroless", // prometheus-community charts, templates/_helpers.tpl
	"rootless":       "-rootless",   // gitea's chart, templates/_helpers.tpl
	"tagSuffix":      "=",           // gitlab's charts as they are; datadog's behind a dash
	"imageTagSuffix": "=",
	"tag_suffix":     "=",
	"tagPrefix":      "?",
	"suffix":         "?",
	"variant":        "?", // VictoriaMetrics' charts
	"flavour":        "?", // external-secrets' chart
	"flavor":         "?",
	"fips":           "?",
	"slim":           "?",
	"alpine":         "?",
	"chroot":         "?", // ingress-nginx: another image, with digestChroot
}

// read looks at the keys of a mapping, and at those that it merges.
func (c *chartKeys) read(m *yaml.Node) {
	for k := m.FirstChild; k != nil; k = k.Next.Next {
		if isMerge(k) {
			for _, mp := range merged(m) {
				c.take(mp.key.Value, mp.value)
			}
		} else if scalarText(k.Next) {
			c.take(k.Value, k.Next)
		}
	}
}

// take looks at one key of the mapping.
func (c *chartKeys) take(key string, v *yaml.Node) {
	n := target(v)
	if n == nil || isNull(n) {
		return
	}
	value, text := printed(n)
	off := value == "" || value == "false" && !text // as templates take it
	if digestSwitches[key] {
		c.useDigest, c.digestOff = key, off
	}
	how, ok := tagSwitches[key]
	if !ok || off {
		return
	}
	c.appends, c.appended = key, how
	switch {
	case how == "=" && strings.HasPrefix(value, "-"):
		c.appended = value
	case how == "=" || how == "?":
		c.appended = ""
	}
}

// sharedKeys are the keys in Helm values that stand for all images of the chart.
func sharedKeys(root *yaml.Node) chartKeys {
	var c chartKeys
	global := target(get(root, "global"))
	for _, key := range []string{"tagSuffix", "imageTagSuffix", "useDigest"} {
		if v := get(global, key); v != nil && scalarText(v) {
			c.take(key, v)
		}
	}
	if image := target(get(global, "image")); image != nil && image.Kind == yaml.Mapping {
		for k := image.FirstChild; k != nil; k = k.Next.Next {
			if scalarText(k.Next) {
				c.take(k.Value, k.Next)
			}
		}
	}
	return c
}

// inherit takes what stands for all images, and c does not say itself.
func (c *chartKeys) inherit(shared chartKeys) {
	if c.appends == "" {
		c.appends, c.appended = shared.appends, shared.appended
	}
	if c.useDigest == "" {
		c.useDigest, c.digestOff = shared.useDigest, shared.digestOff
	}
}

// why says why the image that p describes cannot be pinned in place, "" if it can. known
// is false where its name is not known, either.
func (c *chartKeys) why(p parts) (why string, known bool) {
	_, tag := str(p.tag)
	switch {
	case c.appends != "" && c.appended == "":
		return "the chart takes another image for " + c.appends + "; write the whole image, " +
			"where the chart has a field for it", false
	case c.appends != "" && strings.Contains(tag, "@"):
		return "the chart appends " + c.appended + " to the tag, behind its digest", false
	case c.appends != "" && p.digest == nil:
		return "the chart appends " + c.appended + " to the tag; write digest beside it", true
	case c.useDigest != "" && !c.digestOff && p.digest == nil:
		return c.useDigest + " is true, so the chart appends a digest of its own; " +
			"write digest beside the tag", true
	}
	if c.rule != nil && !c.digestOff && p.digest == nil {
		return c.rule.why(), true
	}
	return "", true
}
