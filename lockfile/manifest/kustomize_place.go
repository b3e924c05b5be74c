package manifest

import "strings"

// place says what a path in an object leads to, by the names of its fields.
type place uint8

const (
	elsewhere place = iota
	anImage         // an image, in one string
	aPart           // the tag, digest or repository of an image that stands in parts
	aHolder         // what images stand in: containers, a pod's spec, annotations
)

// placeOf judges a path. Its elements are names, or positions in lists.
func placeOf(path []string) place {
	n := len(path)
	if n == 0 || n == 1 && path[0] == "" {
		return aHolder
	}
	key, parent := lastKeys(path)
	if isPosition(path[n-1]) {
		if holdsImages(key) {
			return aHolder
		}
		return elsewhere
	}
	switch {
	case parent == "annotations":
		name := key[strings.LastIndexByte(key, '/')+1:]
		if (strings.HasSuffix(name, "image") || strings.HasSuffix(name, "Image")) &&
			!trapKey(name) {
			return anImage
		}
	case imageKey(key), key == "reference" && parent == "image":
		return anImage
	case (parent == "data" || parent == "stringData") && n == 2 && imageVariable(key):
		return anImage
	case key == "value" && n > 2 && parent == "env" && imageVariable(selected(path[n-2])):
		return anImage
	case imageOwner(parent):
		switch key {
		case "tag", "digest", "repository", "version", "newTag", "newName":
			return aPart
		case "name":
			if parent != "images" {
				return aPart
			}
		}
	case holdsImages(key):
		return aHolder
	}
	return elsewhere
}

// lastKeys returns the last two elements of path that are no positions, the last first.
func lastKeys(path []string) (key, parent string) {
	for i := len(path) - 1; i >= 0; i-- {
		switch {
		case isPosition(path[i]):
		case key == "":
			key = path[i]
		default:
			return key, path[i]
		}
	}
	return key, ""
}

// isPosition reports whether an element of a path is a position in a list: "0", "-", "*"
// or "[name=web]".
func isPosition(s string) bool {
	return s == "-" || s == "*" || strings.HasPrefix(s, "[") ||
		s != "" && strings.Trim(s, "-0123456789") == ""
}

// selected is the value that "[name=web]" asks for.
func selected(position string) string {
	_, v, _ := strings.Cut(strings.Trim(position, "[]"), "=")
	return v
}

// holdsImages reports whether images stand below a field of this name.
func holdsImages(key string) bool {
	switch key {
	case "containers", "initContainers", "ephemeralContainers", "volumes", "spec", "template",
		"jobTemplate", "annotations", "env", "values", "valuesObject":
		return true
	}
	return false
}
