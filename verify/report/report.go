// Package report writes the findings of verify, with a file for each format: text and
// Markdown for people, and for programs JSON, SARIF, GitHub's workflow commands, JUnit
// and GitLab's code quality. Each is complete and valid for all findings and all names
// of files.
package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/plumb-dev/plumb/verify"
)

// Report is the result of a verification.
type Report struct {
	Version  string           // of plumb
	Findings []verify.Finding // sorted; their files are relative to the top of the repository
	Failures []Failure        // names that could not be queried
	Summary  Summary
	OK       bool

	// Base is the commit since which the locks have changed by Changes; "" for none.
	Base    string
	Changes []Change

	// Line returns a line of a file, 1-based, without its end; ok is false if it cannot
	// be read. Nil: no file can be read.
	Line func(file string, line int) (text string, ok bool)
}

// text is a finding's message, and how to fix it on a line of its own.
func text(message, fix string) string {
	if fix == "" {
		return message
	}
	return message + "\n" + fix
}

// placed is the text of a finding with its place before it.
func placed(f verify.Finding) string {
	return text(fmt.Sprintf("%s:%d:%d: %s [%s]", f.File, f.Line, f.Column, f.Message, f.Rule), f.Fix)
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

// fingerprints identify findings, also after lines were added above them: 32
// hexadecimal digits each, of rule, file, object, field and reference. Where these are
// the same, the order counts.
func fingerprints(findings []verify.Finding) []string {
	seen := map[string]int{}
	out := make([]string, len(findings))
	for i, f := range findings {
		key := fmt.Sprintf("%q",
			[]string{f.Rule, f.File, f.Kind, f.Namespace, f.Name, f.Field, f.Reference})
		sum := sha256.Sum256([]byte(key + strconv.Itoa(seen[key])))
		seen[key]++
		out[i] = hex.EncodeToString(sum[:16])
	}
	return out
}

// count is a number with the noun that fits it.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
