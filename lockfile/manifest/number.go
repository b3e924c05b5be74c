package manifest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/yaml"
)

// yamlFloat is what YAML 1.1 takes for a floating point number, as sigs.k8s.io/yaml
// reads it for Kubernetes, Helm and kustomize.
var yamlFloat = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
})

// printed is the text that a template prints for the scalar v, which consumers read as
// YAML 1.1: 1.10 is the number 1.1 to them, 0755 is 493, and on is true. Helm has all
// numbers of values as floating point ones, so that 20240101 is 2.0240101e+07. text is
// false where v is no string to them.
func printed(v *yaml.Node) (value string, text bool) {
	s := v.Value
	if v.Kind != yaml.Scalar || v.Style != yaml.Plain || v.Tag != "" || s == "" {
		return s, true
	}
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return "true", false
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return "false", false
	}
	if strings.IndexByte("+-.0123456789", s[0]) < 0 {
		return s, true
	}
	number, ok := yamlNumber(s)
	if !ok {
		return s, true
	}
	return fmt.Sprint(number), false
}

// yamlNumber reads a scalar that begins as numbers do.
func yamlNumber(s string) (float64, bool) {
	plain := s
	if s[0] != '.' {
		plain = strings.ReplaceAll(s, "_", "")
		if n, err := strconv.ParseInt(plain, 0, 64); err == nil {
			return float64(n), true
		}
		if n, err := strconv.ParseUint(plain, 0, 64); err == nil {
			return float64(n), true
		}
	}
	if !yamlFloat().MatchString(plain) {
		return 0, false
	}
	n, err := strconv.ParseFloat(plain, 64)
	return n, err == nil // one that is too large stays a string
}

// misread says why a tag cannot be edited that consumers print otherwise than it is
// written, or "".
func misread(tag *yaml.Node) string {
	v := target(tag)
	if v == nil {
		return ""
	}
	p, text := printed(v)
	switch {
	case text || p == v.Value:
		return ""
	case p == "true" || p == "false":
		return "YAML reads the tag " + v.Value + " as the boolean " + p + "; quote it"
	}
	return "YAML reads the tag " + v.Value + " as the number " + p + "; quote it"
}

// noString says why consumers refuse a tag, in a field that takes strings alone, or "".
func noString(tag *yaml.Node) string {
	v := target(tag)
	if v == nil {
		return ""
	}
	if _, text := printed(v); text {
		return ""
	}
	return "the field takes a string, and " + v.Value + " is a number or a boolean to YAML; quote it"
}
