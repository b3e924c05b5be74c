package manifest

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// mentionsObjects reports whether src can hold a Kubernetes object at all, however the names
// of its fields are written.
func mentionsObjects(src string) bool { return namesFields(src) || respelled(src) }

// namesFields reports whether the fields that every object has are named in src.
func namesFields(src string) bool {
	return strings.Contains(src, "apiVersion") && strings.Contains(src, "kind")
}

// mentionsImages reports whether src can have a field whose name speaks of images.
func mentionsImages(src string) bool {
	return strings.Contains(src, "mage") || strings.Contains(src, "IMAGE") || respelled(src)
}

// letters matches the escapes that stand for ASCII letters, and those that join lines.
var letters = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\(x[4-7]|u00[4-7]|U000000[4-7]|\r?\n)`)
})

// respelled reports whether src may hold names that do not stand there as they are read: in
// escapes, in tags that encode, or because all of it is encoded.
func respelled(src string) bool {
	return strings.Contains(src, "!!") || strings.Contains(src, "!<") ||
		strings.Contains(src, "%TAG") || strings.HasPrefix(src, "\xfe\xff") ||
		strings.HasPrefix(src, "\xff\xfe") ||
		strings.IndexByte(src, '\\') >= 0 && letters().MatchString(src)
}

// consumed reports whether those who apply a folder parse the file, whatever it holds:
// YAML that lies in no hidden folder, as those of CI systems are.
func consumed(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.")
	}
	return false
}

// templated reports whether src is a template, which is YAML once it is filled in.
func templated(src string) bool {
	return strings.Contains(src, "{{") || strings.Contains(src, "{%")
}

// objectFields are the fields that every object has, as JSON and flow mappings write them.
var objectFields = sync.OnceValue(func() [2]*regexp.Regexp {
	return [2]*regexp.Regexp{
		regexp.MustCompile(`[{,\s]"apiVersion"\s*:`), regexp.MustCompile(`[{,\s]"kind"\s*:`),
	}
})

// declaresObject reports whether a text that cannot be parsed is meant to hold
// a Kubernetes object: a line of its own says so, or its fields do, or its
// consumers read one.
func declaresObject(src string) bool {
	if declaringLine(src) {
		return true
	}
	written := true
	for _, field := range objectFields() {
		written = written && field.MatchString(src)
	}
	return written || mentionsObjects(src) && holdsObject(src)
}

// declaringLine reports whether a line of src starts with the field apiVersion.
func declaringLine(src string) bool {
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

// isKustomization reports whether a document of this apiVersion and kind is what kustomize
// builds from. A file that is called kustomization.yaml can hold other objects too, which
// kubectl applies like those of any file.
func isKustomization(r role, version, kind string) bool {
	of := kind == "" || kind == "Kustomization" || kind == "Component"
	if strings.HasPrefix(version, "kustomize.config.k8s.io/") {
		return of
	}
	return r == kustomizationFile &&
		(version == "" || kind == "" || of && !strings.Contains(version, "/"))
}
