package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Bounds on a list of tags. A page is bounded as a manifest is.
const (
	tagsPerPage = 1000 // asked for; a registry may give fewer
	maxTagPages = 2000
	maxTags     = 500_000
)

// plainTag is what a tag may be (OCI distribution-spec, "Pulling manifests").
var plainTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
})

// Tags returns all tags of a name's repository in the order in which the registry
// lists them (OCI distribution-spec, "Listing Tags"). All come from one place: a
// mirror or the host itself. A list that is longer than its bounds, that has no
// end, or whose next page is elsewhere is an error. The error is as for Resolve.
func (c *Client) Tags(ctx context.Context, repo oci.Name) ([]string, error) {
	s, err := c.source(repo)
	if err != nil {
		return nil, err
	}
	tags, err := c.tags.get(ctx, s.name, nil, func(ctx context.Context) ([]string, error) {
		return askPlaces(ctx, s, func(p place) ([]string, error) { return p.host.tags(ctx, p.repo) })
	})
	return slices.Clone(tags), err // it is shared
}

// tags reads page after page.
func (h *host) tags(ctx context.Context, repo string) ([]string, error) {
	var all []string
	query := fmt.Sprintf("n=%d", tagsPerPage)
	seen := make(map[string]bool)
	for {
		page, err := h.tagPage(ctx, repo, query)
		if err != nil {
			return nil, err
		}
		seen[query] = true
		all = append(all, page.tags...)
		switch query = page.next; {
		case len(all) > maxTags:
			err = fmt.Errorf("the repository has more than %d tags, and plumb reads no more", maxTags)
		case query == "":
			return all, nil
		case seen[query]:
			err = errors.New("the next page of its tags is one that came before")
		case len(seen) == maxTagPages:
			err = fmt.Errorf("the repository has more than %d pages of tags, and plumb reads no more", maxTagPages)
		}
		if err != nil {
			return nil, h.bad(page.at, err)
		}
	}
}

// tagPage is one page of a list of tags.
type tagPage struct {
	tags []string
	next string // query of the page that follows, "" if none does
	at   string // URL
}

func (h *host) tagPage(ctx context.Context, repo, query string) (tagPage, error) {
	resp, at, err := h.ask(ctx, http.MethodGet, repo, "/tags/list?"+query, "application/json")
	at = redact(at)
	if err != nil {
		return tagPage{}, err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return tagPage{}, h.statusError(resp, http.MethodGet, at)
	}
	body, err := h.read(ctx, resp, at, "page of tags", maxManifest)
	if err != nil {
		return tagPage{}, err
	}
	tags, err := parseTags(body)
	if err != nil {
		return tagPage{}, h.bad(at, err)
	}
	next, err := h.nextPage(resp, repo)
	if err != nil {
		return tagPage{}, h.bad(at, err)
	}
	return tagPage{tags, next, at}, nil
}

// parseTags reads the body of a page. What a stranger calls a tag may be written
// into manifests, so it has to be one.
func parseTags(body []byte) ([]string, error) {
	var said struct{ Tags json.RawMessage }
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("it is no list of tags: %w", err)
	}
	if said.Tags == nil {
		return nil, errors.New("it is no list of tags")
	}
	var tags []string // null where there is none
	if err := json.Unmarshal(said.Tags, &tags); err != nil {
		return nil, fmt.Errorf("it is no list of tags: %w", err)
	}
	for _, t := range tags {
		if !plainTag().MatchString(t) {
			return nil, fmt.Errorf("it lists %q, which is no tag", line(t))
		}
	}
	return tags, nil
}

// nextPage returns the query of the page that follows, "" if none does. Of the link
// nothing else is used, so that it cannot lead elsewhere.
func (h *host) nextPage(resp *http.Response, repo string) (query string, err error) {
	target, ok := nextLink(resp.Header.Values("Link"))
	if !ok {
		return "", nil
	}
	u, err := resp.Request.URL.Parse(target)
	if err != nil {
		return "", errors.New("the address of the next page of its tags is malformed")
	}
	if !strings.EqualFold(u.Host, h.endpoint) || u.Path != "/v2/"+repo+"/tags/list" {
		return "", errors.New("the next page of its tags is elsewhere: " + line(redact(u.String())))
	}
	if u.RawQuery == "" {
		return "", errors.New("the next page of its tags is the first one")
	}
	return u.RawQuery, nil
}

// nextLink returns the target of the link with relation "next" (RFC 8288, section
// 3): <target>; rel="next"; other="parameter", <target>; …
func nextLink(values []string) (target string, ok bool) {
	for _, rest := range values {
		for {
			_, after, found := strings.Cut(rest, "<")
			target, after, closed := strings.Cut(after, ">")
			if !found || !closed {
				break
			}
			params, next := cutUnquoted(after, ',')
			if isNext(params) {
				return target, true
			}
			rest = next
		}
	}
	return "", false
}

// isNext reports whether a link's parameters say that it leads to the next page.
func isNext(params string) bool {
	for params != "" {
		var p string
		p, params = cutUnquoted(params, ';')
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "rel") {
			relations := strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
			return slices.Contains(relations, "next")
		}
	}
	return false
}

// cutUnquoted cuts s at the first separator that stands in no quotation.
func cutUnquoted(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted && s[i] == '\\':
			i++
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
