package manifest

import (
	"bytes"
	"path"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// mentionsObjects reports whether src can hold a Kubernetes object at all.
func mentionsObjects(src []byte) bool {
	return bytes.Contains(src, []byte("apiVersion")) && bytes.Contains(src, []byte("kind"))
}

// consumed reports whether those who apply a folder parse the file, whatever it holds:
// YAML that lies in no hidden folder, as those of CI systems are.
func consumed(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml":
		return !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.")
	}
	return false
}

// templated reports whether src is a template, which is YAML once it is filled in.
func templated(src []byte) bool {
	return bytes.Contains(src, []byte("{{")) || bytes.Contains(src, []byte("{%"))
}

// declaresObject reports whether a text that cannot be parsed is meant to hold
// a Kubernetes object: a line of its own says so.
func declaresObject(src string) bool {
	for rest := src; ; {
		i := strings.Index(rest, "apiVersion")
		if i < 0 {
			return false
		}
		before := rest[:i]
		if nl := strings.LastIndexByte(before, '\n'); nl >= 0 {
			before = before[nl+1:]
		}
		if strings.Trim(before, " \t\"'-{\ufeff") == "" {
			return true
		}
		rest = rest[i+len("apiVersion"):]
	}
}

// emptyList reports whether root is a list of objects that has none.
func emptyList(root *yaml.Node, kind string) bool {
	list := get(root, "items")
	return strings.HasSuffix(kind, "List") && list != nil && list.Kind == yaml.Sequence &&
		list.FirstChild == nil
}
