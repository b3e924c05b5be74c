package manifest

import "strings"

// The functions here judge the names of fields, flags and variables. A name says what a
// program may do with a value, and no more: without a catalogue's word it decides
// nothing that the value does not bear out.

// imageKey reports whether a field of this name holds an image by convention.
func imageKey(key string) bool {
	if len(key) < 5 {
		return false
	}
	switch key {
	case "image", "imageName", "containerImage", "imageRef", "imageReference", "image_name",
		"baseImage", "baseImageName":
		return true
	}
	if strings.HasSuffix(key, "ImageName") || strings.HasSuffix(key, "_image_name") {
		return !trapKey(key)
	}
	tail := key[len(key)-5:]
	return (tail == "Image" || tail == "image" &&
		strings.ContainsAny(key[len(key)-6:len(key)-5], "_-.")) && !trapKey(key)
}

// imageNamed reports whether a field is called image and something, as imageK8S and
// imageEnvoy are, that says which image it is rather than what of it.
func imageNamed(key string) bool {
	rest, ok := strings.CutPrefix(key, "image")
	if !ok || rest == "" || rest[0] >= 'a' {
		return false
	}
	lower := strings.ToLower(strings.TrimLeft(rest, "_-."))
	for _, w := range [...]string{"pull", "url", "uri", "registr", "repo", "feature", "format",
		"id", "type", "size", "digest", "sha", "source", "policy", "secret", "stream", "prefix"} {
		if strings.HasPrefix(lower, w) {
			return false
		}
	}
	return !trapKey(key)
}

// tagKeys are the fields in which the tag of the image called key may stand.
func tagKeys(key string) []string {
	if key == "image" || key == "imageName" || key == "image_name" || key == "containerImage" {
		return []string{"tag", "imageTag", "image_tag", "imageVersion", "image_version", "version"}
	}
	stem := strings.TrimSuffix(key, "Name")
	short := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(stem, "Image"), "image"),
		"_-.")
	return []string{stem + "Tag", stem + "_tag", stem + "-tag", short + "Tag", short + "_tag",
		stem + "Version", stem + "_version", short + "Version", short + "_version"}
}

// trapKey reports whether a field, flag or variable of this name holds an image that is
// made or compared rather than pulled, or that is no container's.
func trapKey(key string) bool {
	switch key {
	case "backingImage", "osImage", "diskImage", "machineImage", "bootImage", "vmImage",
		"rootImage", "logoImage",
		"backgroundImage", "iconImage", "coverImage", "splashImage":
		return true
	}
	return pushes(key) || compares(key)
}

// notPushing takes the names of programs out that only sound as if they pushed: those of
// OpenTelemetry, Prometheus and Tekton.
var notPushing = strings.NewReplacer("targetallocator", "", "target-allocator", "",
	"target_allocator", "", "pushgateway", "", "push-gateway", "", "sidecarlogresults", "")

// pushes reports whether a name speaks of where an image goes.
func pushes(name string) bool {
	lower := notPushing.Replace(strings.ToLower(name))
	for _, w := range [...]string{"target", "output", "destination", "dest_", "dest-", "push",
		"publish", "result"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return strings.HasPrefix(lower, "dest") && !strings.HasPrefix(lower, "dester")
}

// compares reports whether a name speaks of what images are compared with.
func compares(name string) bool {
	lower := strings.ToLower(name)
	for _, w := range [...]string{"allowed", "allowlist", "allow-", "allow_", "allowimage", "deny",
		"denied", "blocked", "blocklist", "block-", "block_", "blockimage", "forbid", "banned",
		"whitelist", "blacklist", "trusted", "permitted", "approved", "exempt", "exclude",
		"ignored", "ignore-", "ignore_", "skipimage", "skip-image", "skip_image", "prohibit",
		"disallow", "restricted"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// comparesImages reports whether a collection of this name lists what images are compared
// with.
func comparesImages(key string) bool {
	if !mayNameImages(key) {
		return false
	}
	lower := strings.ToLower(key)
	return (strings.Contains(lower, "image") || strings.Contains(lower, "registr") ||
		strings.Contains(lower, "repositor")) && compares(lower)
}

// mayNameImages is false for most keys that have neither "image" nor "registr" nor
// "repositor" in them, in whatever case.
func mayNameImages(key string) bool {
	if len(key) < len("image") {
		return false
	}
	for i := range len(key) {
		switch key[i] {
		case 'g', 'G', 'p', 'P':
			return true
		}
	}
	return false
}

// explains reports whether a field of this name holds a text for people to read.
func explains(key string) bool {
	lower := strings.ToLower(key)
	for _, w := range [...]string{"description", "example", "sample", "message", "readme",
		"documentation", "notes", "snippet", "tutorial"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// imageVariable reports whether an environment variable or flag of this name
// holds an image by convention.
func imageVariable(name string) bool {
	if len(name) < 5 {
		return false
	}
	if !strings.Contains(name, "mage") && !strings.Contains(name, "MAGE") {
		return false
	}
	lower := strings.ToLower(name)
	if relatedImage(name) {
		return true
	}
	if !strings.Contains(lower, "image") || pushes(lower) || compares(lower) {
		return false
	}
	for _, w := range [...]string{"registry", "repo", "prefix", "policy", "secret", "pull", "dir",
		"path", "tag", "version", "list"} {
		if strings.HasSuffix(lower, w) {
			return false
		}
	}
	return true
}

// relatedImage reports whether a variable holds an image for certain: operators that OLM
// installs read theirs from RELATED_IMAGE_* (operator-framework, "relatedImages").
func relatedImage(name string) bool { return strings.HasPrefix(name, "RELATED_IMAGE_") }

// imageRoles are words that, in the name of a flag or variable, tell an image that is
// run from a picture.
var imageRoles = newWords(`
	adapter agent alloy allocator apiserver attacher broker channel dispatcher filter ingress receiver
	targetallocator pushgateway sidecarlogresults workingdirinit backup restore
	attacher base busybox cephcsi cleaner client collector cni container
	control-plane controller csi curl daemon dataplane debug default docker engine entrypoint envoy
	executor exporter function git gitinit helper hook infra init injector instrumentation job k8s
	kaniko kubectl launcher loader logger manager migrator mesh monitor nop oci operator pause
	plugin pod postgres prober provisioner proxy queue redis registrar related reloader resizer
	router runner runtime scheduler scraper server setup shell shellimage sidecar snapshotter
	solver sync syncer task terraform tools upgrade vault webhook workingdir worker wrapper`)

func newWords(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// imageRole reports whether the name of a flag or variable says what its image does.
func imageRole(name string) bool {
	for _, w := range strings.FieldsFunc(name, func(r rune) bool {
		return r == '_' || r == '-' || r == '.' || r == '/'
	}) {
		lower := strings.ToLower(w)
		if imageRoles[lower] || lower != "image" && imageRoles[strings.TrimSuffix(lower, "image")] {
			return true
		}
	}
	return false
}

// meant reports whether a value is an image, given that the name of its flag, variable or
// entry says so: a picture's address, a service's port and a tag of photos are none.
func meant(name, value string) bool {
	switch {
	case !medium(value) || picture(value) || !tagged(value):
		return false
	case strong(value), strings.IndexByte(value, '@') >= 0, relatedImage(name), imageRole(name):
		return true
	}
	lower := strings.ToLower(name)
	return strings.IndexByte(value, '/') > 0 && len(name) > len("image") &&
		(strings.HasSuffix(lower, "image") || strings.HasSuffix(lower, "image_name"))
}

// setting reports whether a value is that of a switch or a number.
func setting(value string) bool {
	switch value {
	case "true", "false", "yes", "no", "on", "off", "none", "default", "enabled", "disabled", "auto":
		return true
	}
	return strings.Trim(value, "0123456789.") == ""
}

// picture reports whether a name ends as the file of a picture does.
func picture(s string) bool {
	name, _, _ := strings.Cut(s, "@")
	name = strings.ToLower(name)
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	for _, e := range [...]string{".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".avif",
		".bmp", ".tif", ".tiff"} {
		if strings.HasSuffix(name, e) {
			return true
		}
	}
	return false
}
