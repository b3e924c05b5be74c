package admission

import (
	"fmt"
	"strconv"
	"strings"
)

// holder names the container or the volume that a field of an object belongs to, as the
// start of a message: `container "web": `; "" for other fields.
func holder(object any, field string) string {
	kind, name := "", ""
	for key, index := range steps(field) {
		m, ok := object.(map[string]any)
		if !ok {
			break
		}
		object = m[key]
		if index < 0 {
			continue
		}
		list, ok := object.([]any)
		if !ok || index >= len(list) {
			break
		}
		object = list[index]
		if item, ok := object.(map[string]any); ok {
			if n, ok := item["name"].(string); ok {
				kind, name = noun(key), n
			}
		}
	}
	if kind == "" {
		return ""
	}
	return fmt.Sprintf("%s %q: ", kind, name)
}

// noun is the name for an item of a list.
func noun(list string) string {
	switch list {
	case "containers":
		return "container"
	case "initContainers":
		return "init container"
	case "ephemeralContainers":
		return "ephemeral container"
	case "volumes":
		return "volume"
	}
	return ""
}

// steps yields the keys of a path ("spec.containers[0].image"), each with the index
// that follows it, or -1.
func steps(field string) func(yield func(key string, index int) bool) {
	return func(yield func(string, int) bool) {
		for key := range strings.SplitSeq(field, ".") {
			index := -1
			if before, after, ok := strings.Cut(key, "["); ok {
				n, err := strconv.Atoi(strings.TrimSuffix(after, "]"))
				if err != nil {
					return
				}
				key, index = before, n
			}
			if !yield(key, index) {
				return
			}
		}
	}
}
