package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// script is the session.
func script(ctx context.Context) []step {
	p := &pushes{}
	return slices.Concat(findAndLock(), moveATag(), breakAPin(), whoSigned(p), admission(ctx, p))
}

func findAndLock() []step {
	return []step{
		{
			say:     "A cluster repository.",
			command: "git ls-files",
			shows:   []string{"apps/web/deployment.yaml"},
		},
		{
			say:     "What does it refer to? This needs no network.",
			command: "plumb list",
			shows: []string{"apps/cache/helmrelease.yaml:13:", "apps/report/cronjob.yaml:14:",
				"apps/web/deployment.yaml:15:", "apps/web/kustomization.yaml:6:", "ci/apply.yaml:8:",
				"flux/manifests.yaml:8:", "monitoring/prometheus.yaml:8:", "monitoring/relay.json:10:"},
		},
		{
			say:     "Each of these tags can point to other content tomorrow.",
			command: "plumb verify apps/web",
			exit:    1,
			shows:   []string{"is not pinned [unpinned]"},
		},
		{
			say:     "Pin them, each name resolved once.",
			command: "plumb lock",
			shows: []string{"+ artifact registry.example/shop/manifests:v1 sha256:",
				"+ image registry.example/ops/kubectl:1.31 sha256:"},
			asks: anyRequests,
		},
		{
			say:     "Only what had to change has changed.",
			command: "git diff --stat",
			shows:   []string{"apps/web/deployment.yaml ", "8 files changed"},
		},
		{
			command: "git diff -U0 apps/web apps/cache",
			shows: []string{
				"+      tag: \"7.2@sha256:",
				"+        digest: \"sha256:",
				"+          image: \"registry.example/shop/migrate:1.4@sha256:", "\" # same release as web",
				"+          image: registry.example/shop/web:1.4@sha256:",
				"+    digest: sha256:",
			},
		},
		{
			say:     "plumb.lock says what each name was resolved to.",
			command: "head -n 14 plumb.lock",
			shows: []string{"version: 1", "- artifact: registry.example/shop/manifests:v1",
				"- image: registry.example/ops/kubectl:1.31",
				"digest: sha256:", "- linux/amd64 manifest sha256:", " config sha256:"},
		},
		{say: "Is the tree pinned and locked? This opens no socket.", command: "plumb verify"},
		{command: "git add -A && git commit -q -m 'Pin all images' && git status --short"},
		{
			say:     "Locking again sends no request and changes nothing.",
			command: "plumb lock",
			shows:   []string{"nothing to change"},
		},
	}
}

func moveATag() []step {
	return []step{
		{
			say: "Now somebody pushes other content under the tag web:1.4.\n" +
				"Nothing was committed, and the tree still means the same.",
			change: func(s *session) error {
				s.registry.PushIndex("shop/web", "1.4", 1000)
				return nil
			},
			command: "plumb verify",
		},
		{command: "plumb lock", shows: []string{"nothing to change"}},
		{
			say:     "outdated queries the registry.",
			command: "plumb outdated",
			exit:    1,
			shows:   []string{"image registry.example/shop/web:1.4", "tag unchanged, digest moved"},
			asks:    anyRequests,
		},
		{
			say:     "Updating the pin is a decision, and a commit.",
			command: "plumb lock update registry.example/shop/web:1.4",
			shows: []string{"~ image registry.example/shop/web:1.4 (tag unchanged, digest moved",
				" -> sha256:"},
			asks: anyRequests,
		},
		{
			command: "git diff --stat",
			shows:   []string{"apps/web/deployment.yaml", "plumb.lock", "2 files changed"},
		},
		{command: "plumb verify && git commit -q -a -m 'Update web:1.4'"},
	}
}

func breakAPin() []step {
	const file, web = "apps/web/deployment.yaml", "registry.example/shop/web:1.4@sha256:"
	return []step{
		{
			say:     "Somebody edits a pin by hand.",
			change:  func(s *session) error { return s.breakPin(file, web) },
			command: "plumb verify",
			exit:    1,
			shows:   []string{file + ":18:", "[mismatch]"},
		},
		{
			say:     "The hook's form looks at what is about to be committed.",
			command: "git add -A && plumb verify --staged",
			exit:    1,
			shows:   []string{file + ":18:", "[mismatch]"},
		},
		{command: "git reset -q --hard && plumb verify"},
		{
			say: "Somebody adds an image and does not lock it.",
			change: func(s *session) error {
				return s.replace("ci/apply.yaml", "    - name: apply\n", "    - name: wait\n"+
					"      image: registry.example/ops/relay:5\n    - name: apply\n")
			},
			command: "plumb verify",
			exit:    1,
			shows:   []string{"ci/apply.yaml:8:", "[unpinned]"},
		},
		{
			say:     "The lock knows the name: it is pinned to the same digest, without a request.",
			command: "plumb lock && plumb verify",
			shows:   []string{"1 file changed"},
		},
	}
}

// breakPin puts zeros in place of the digest that follows text in a file.
func (s *session) breakPin(file, text string) error {
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(file)))
	if err != nil {
		return err
	}
	_, after, found := strings.Cut(string(data), text)
	const hexDigits = 64
	if !found || len(after) < hexDigits {
		return fmt.Errorf("%s has no %s", file, text)
	}
	return s.replace(file, text+after[:hexDigits], text+strings.Repeat("0", hexDigits))
}

// replace replaces text in a file, where it must stand once.
func (s *session) replace(file, from, to string) error {
	path := filepath.Join(s.dir, filepath.FromSlash(file))
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), from); n != 1 {
		return fmt.Errorf("%s has %q %d times, want once", file, from, n)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(data), from, to, 1)), 0o644)
}
