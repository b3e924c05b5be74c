package manifest

import (
	"encoding/base64"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// configMap searches the data of a ConfigMap or Secret.
func (f *finder) configMap(root *yaml.Node) {
	f.inField("metadata", func() { f.fields(get(root, "metadata"), "metadata") })
	f.configData(root, "stringData", (*finder).configEntry)
	if f.kind != "Secret" {
		f.configData(root, "data", (*finder).configEntry)
		f.configData(root, "binaryData", (*finder).codedEntry)
	} else if !credentials(field(root, "type")) {
		f.configData(root, "data", (*finder).codedEntry)
	}
}

// credentials reports whether Secrets of this type hold nothing but what one logs in with.
func credentials(kind string) bool {
	switch kind {
	case "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "kubernetes.io/tls",
		"kubernetes.io/basic-auth", "kubernetes.io/ssh-auth",
		"kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token":
		return true
	}
	return false
}

// configData searches the entries of one section with do.
func (f *finder) configData(root *yaml.Node, section string,
	do func(f *finder, key string, v *yaml.Node),
) {
	data := target(get(root, section))
	if data == nil || data.Kind != yaml.Mapping {
		return
	}
	f.inField(section, func() {
		for k := data.FirstChild; k != nil; k = k.Next.Next {
			if scalarText(k.Next) && k.Value != "_example" {
				f.inField(k.Value, func() { do(f, k.Value, k.Next) })
			}
		}
	})
}

// configEntry judges one entry of a ConfigMap.
func (f *finder) configEntry(key string, v *yaml.Node) {
	t := target(v)
	many := manyLines(t.Value)
	switch {
	case t.Value == "" || f.claimed[v]:
	case many && strings.Contains(key, "values") && speaksOfImages(key, t.Value):
		f.embed(v, configTextOf(key))
	case many && mayHoldObject(t.Value):
		f.embedObjects(v)
	case compares(key) || compares(f.res.name):
		f.suspect(v)
	case !many && (imageVariable(key) || imageKey(key)):
		f.guessed(key, v)
	case many && strings.HasSuffix(key, "_IMAGES"):
		f.versionLines(v)
	case many && speaksOfImages(key, t.Value) && f.imagelessEntry(key, v):
	case many && speaksOfImages(key, t.Value) && (yamlName(key) || f.parsesText(v)):
		f.embed(v, (*finder).configText)
	default:
		f.suspect(v)
	}
}

// yamlName reports whether an entry of this name is read as YAML or JSON.
func yamlName(key string) bool {
	switch path.Ext(key) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// manyLines reports whether an entry is a text rather than a value.
func manyLines(s string) bool {
	return strings.IndexByte(s, '\n') >= 0 || strings.Contains(s, ": ") ||
		strings.HasPrefix(strings.TrimSpace(s), "{") ||
		strings.HasPrefix(strings.TrimSpace(s), "[")
}

// speaksOfImages reports whether the text under a key can name images.
func speaksOfImages(key, s string) bool {
	return mentionsImages(s) || strings.Contains(key, "values") && strings.Contains(s, "tag")
}

// codedEntry judges an entry in base64, as Secrets have them. What it holds can be seen,
// but not edited in place.
func (f *finder) codedEntry(key string, v *yaml.Node) {
	t := target(v)
	if key == ".dockerconfigjson" || key == ".dockercfg" || f.claimed[v] {
		return
	}
	if _, cut := f.masked(t); cut {
		return
	}
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(t.Value))
	if err != nil || len(data) == 0 || !utf8.Valid(data) {
		return
	}
	s := strings.TrimSuffix(string(data), "\n")
	sealed := f.sealed
	defer func() { f.sealed = sealed }()
	if f.sealed == "" {
		f.sealed = "it is encoded in base64; write it as text (stringData), or in the object " +
			"that takes it"
	}
	switch {
	case !manyLines(s) && (imageVariable(key) || imageKey(key)) && medium(s):
		f.end(f.begin(v, lockfile.Image, s), s, site{})
	case speaksOfImages(key, s) && f.embedText(
		&text{src: s, outer: f.text, node: t, coded: true}, configTextOf(key)):
	default:
		f.suspectWords(&text{src: s, outer: f.text, node: t, coded: true})
	}
}

// configTextOf is how the text under a key is searched: as Helm values, if its name says so.
func configTextOf(key string) func(*finder, *yaml.Node) {
	if strings.Contains(key, "values") {
		return func(f *finder, root *yaml.Node) { f.helmValues(root, "") }
	}
	return (*finder).embeddedObject
}

// configText searches YAML or JSON that a ConfigMap holds.
func (f *finder) configText(root *yaml.Node) {
	known := f.known
	f.known = false
	f.fields(root, "")
	f.known = known
}
