package lockfile

import "strings"

// SamePlatform reports whether two platforms, as "os/architecture" or
// "os/architecture/variant", are one to a container runtime: a variant that is
// understood where none is named may be left out, as in "linux/arm64/v8".
func SamePlatform(a, b string) bool { return normalPlatform(a) == normalPlatform(b) }

// normalPlatform drops a variant that says what is understood anyway.
func normalPlatform(platform string) string {
	for _, understood := range [...]string{"/arm64/v8", "/arm/v7", "/amd64/v1"} {
		if rest, ok := strings.CutSuffix(platform, understood); ok {
			return rest + understood[:strings.LastIndexByte(understood, '/')]
		}
	}
	return platform
}

// validPlatform reports whether s is "os/architecture" or
// "os/architecture/variant".
func validPlatform(s string) bool {
	parts, length := 1, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isLetter(c):
			length++
		case i > 0 && (isDigit(c) || c == '.' || c == '_' || c == '-'):
			length++
		case c == '/' && length > 0:
			parts, length = parts+1, 0
		default:
			return false
		}
	}
	return length > 0 && (parts == 2 || parts == 3)
}
