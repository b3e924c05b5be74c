package manifest

import "strings"

// triggers are parts of the keys and values without which no rule finds a
// reference in an object: the text of a file that has none of them need not be
// searched node by node.
var triggers = []string{"mage", "MAGE", "epository", "oci://", "pkg.crossplane.io", "undle", "config-reloader", "aluesFile", "alueFiles",
	// Escapes and tags by which any of these can be spelled otherwise.
	`\x`, `\u`, `\U`, "\\\n", "\\\r", "binary"}

// worthSearching reports whether src can hold a reference, or text that looks
// like one. It may say yes to a text that holds none, never no to one that does.
func worthSearching(src string) bool {
	for _, t := range triggers {
		if strings.Contains(src, t) {
			return true
		}
	}
	return mayLookLikeName(src)
}

// mayLookLikeName reports whether strong could be true of any part of src: a
// slash behind a host, and behind it, in the same word, a colon or an at sign.
func mayLookLikeName(src string) bool {
	for i := 0; i < len(src); {
		slash := strings.IndexByte(src[i:], '/')
		if slash < 0 {
			return false
		}
		slash += i
		i = slash + 1
		if slash == 0 || !nameByte(src[slash-1]) && src[slash-1] != ']' {
			continue
		}
		end := i
		for end < len(src) && (nameByte(src[end]) && src[end] != ':' && src[end] != '@' || src[end] == '/') {
			end++
		}
		// A colon that ends the word is a key's.
		if end+1 < len(src) && (src[end] == ':' || src[end] == '@' || src[end] == '\\') && nameByte(src[end+1]) {
			return true
		}
		i = end
	}
	return false
}
