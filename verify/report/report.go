// Package report writes what verify found, a file a format: text and Markdown for
// people, and for programs JSON, SARIF, GitHub's workflow commands, JUnit and GitLab's
// code quality. Each is complete and valid whatever was found, and whatever files are
// called.
package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/verify"
)

// Report is what there is to tell.
type Report struct {
	Version  string           // of plumb
	Findings []verify.Finding // sorted; their files are relative to the top of the repository
	Failures []Failure        // what could not be judged
	Summary  Summary
	OK       bool

	// Base is the commit since which Changes are what changed in the locks; "" for none.
	Base    string
	Changes []Change

	// Line returns a line of a file, 1-based, without its end; ok is false where
	// it cannot be read. Nil: no file can be read.
	Line func(file string, line int) (text string, ok bool)
}

// text is a finding's message, and how to fix it on a line of its own.
func text(message, fix string) string {
	if fix == "" {
		return message
	}
	return message + "\n" + fix
}

// subject is what a finding is about, without the line, which moves.
func subject(f verify.Finding) string {
	var parts []string
	for _, p := range []string{f.Kind, f.Namespace, f.Name} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	out := []string{f.File}
	for _, p := range []string{strings.Join(parts, "/"), f.Field, f.Reference} {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// fingerprints tell findings apart, and know them again after lines were added
// above them: 32 hexadecimal digits each, of rule, file, object, field and
// reference. Where these are the same, the order counts.
func fingerprints(findings []verify.Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(findings))
	for i, f := range findings {
		key := fmt.Sprintf("%q", []string{f.Rule, f.File, f.Kind, f.Namespace, f.Name, f.Field, f.Reference})
		sum := sha256.Sum256([]byte(key + strconv.Itoa(seen[key])))
		seen[key]++
		out[i] = hex.EncodeToString(sum[:16])
	}
	return out
}

// Summary counts what verify looked at and found.
type Summary struct {
	References int `json:"references"`
	Errors     int `json:"errors"`
	Remarks    int `json:"remarks"`

	// Undecided says that no policy asks for signatures.
	Undecided bool `json:"-"`
}

// String is the summary in a line.
func (s Summary) String() string {
	text := fmt.Sprintf("%s: %s, %s", count(s.References, "reference", "references"), count(s.Errors, "error", "errors"),
		count(s.Remarks, "remark", "remarks"))
	if s.Undecided {
		text += "; no policy says who must have signed the images"
	}
	return text
}

// count is a number with the noun that fits it.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
