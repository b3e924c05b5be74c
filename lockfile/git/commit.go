package git

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Commit is a commit object.
type Commit struct {
	// Hash is the id of the commit.
	Hash Hash
	// Tree is the id of its tree.
	Tree Hash
	// Parents are the ids of its parents.
	Parents []Hash
	// Time is the committer's claim.
	Time time.Time
	// Message is the commit message.
	Message string
	// Signature is the header gpgsig; "" if the commit is not signed.
	Signature string
	// Payload is what Signature signs: the object without that header.
	Payload []byte
}

// ReadCommit reads a commit from objects.
func ReadCommit(objects Objects, hash Hash) (Commit, error) {
	raw, err := objects.Object(hash, plumbing.CommitObject, maxCommit)
	if err != nil {
		return Commit{}, err
	}
	return ParseCommit(hash, raw)
}

// ParseCommit reads a commit object. It rejects duplicates of fields that git writes once.
func ParseCommit(hash Hash, raw []byte) (Commit, error) {
	c := Commit{Hash: hash}
	if err := c.parse(raw); err != nil {
		return Commit{}, fmt.Errorf("commit %s: %w", hash, err)
	}
	return c, nil
}

// parse reads the object.
func (c *Commit) parse(raw []byte) error {
	head, message, ok := bytes.Cut(raw, []byte("\n\n"))
	if !ok {
		return errors.New("no message")
	}
	c.Message = string(message)
	seen := map[string]int{}
	for _, field := range fields(head) {
		name, value, _ := strings.Cut(field, " ")
		seen[name]++
		if name == "gpgsig-sha256" {
			return errors.New("unsupported signature gpgsig-sha256")
		}
		if name == "gpgsig" {
			c.Signature = strings.ReplaceAll(strings.TrimSuffix(value, "\n"), "\n ", "\n") + "\n"
			continue
		}
		c.Payload = append(c.Payload, field...)
		if err := c.field(name, strings.TrimSuffix(value, "\n")); err != nil {
			return err
		}
	}
	c.Payload = append(append(c.Payload, '\n'), message...)
	for _, name := range []string{"tree", "author", "committer"} {
		if seen[name] != 1 {
			return fmt.Errorf("%d lines %q, want 1", seen[name], name)
		}
	}
	if seen["gpgsig"] > 1 {
		return errors.New("more than one signature")
	}
	return nil
}

// fields splits a commit's head into its fields, each with the lines that continue it
// and the line feed at its end.
func fields(head []byte) []string {
	var out []string
	for line := range strings.Lines(string(head) + "\n") {
		if strings.HasPrefix(line, " ") && len(out) > 0 {
			out[len(out)-1] += line
		} else {
			out = append(out, line)
		}
	}
	return out
}

// field reads one field of the head.
func (c *Commit) field(name, value string) error {
	var ok bool
	switch name {
	case "tree":
		if c.Tree, ok = ParseHash(value); !ok {
			return fmt.Errorf("invalid tree id %q", value)
		}
	case "parent":
		parent, ok := ParseHash(value)
		if !ok {
			return fmt.Errorf("invalid parent id %q", value)
		}
		c.Parents = append(c.Parents, parent)
	case "committer":
		words := strings.Fields(value[strings.LastIndex(value, ">")+1:])
		if len(words) != 2 {
			return fmt.Errorf("invalid committer %q: no time", value)
		}
		seconds, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return fmt.Errorf("invalid committer %q: no time", value)
		}
		c.Time = time.Unix(seconds, 0).UTC()
	}
	return nil
}

// Trailers are the values of a trailer: a line "name: value" in the last paragraph of
// the message, which has no other lines.
func (c *Commit) Trailers(name string) []string {
	paragraphs := strings.Split(strings.TrimSpace(c.Message), "\n\n")
	if len(paragraphs) < 2 { // the subject is none
		return nil
	}
	var out []string
	for _, line := range strings.Split(paragraphs[len(paragraphs)-1], "\n") {
		token, value, ok := strings.Cut(line, ":")
		if !ok || token == "" || strings.ContainsAny(token, " \t") {
			return nil
		}
		if strings.EqualFold(token, name) {
			out = append(out, strings.TrimSpace(value))
		}
	}
	return out
}
