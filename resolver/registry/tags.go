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
	"github.com/plumb-dev/plumb/resolver/registry/internal/sanitize"
	"github.com/plumb-dev/plumb/resolver/registry/transport"
)

// Bounds on a list of tags. A page is bounded as a manifest is.
const (
	tagsPerPage = 1000 // requested; a registry may return fewer
	fewerTags   = 100  // requested of a registry that rejects that many
	maxTagPages = 2000
	maxTags     = 500_000
)

// plainTag is what a tag may be (OCI distribution-spec, "Pulling manifests").
var plainTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
})

// Tags returns all tags of a name's repository in the order in which the registry
// lists them (OCI distribution-spec, "Listing Tags"). All come from one place: a mirror
// or the host itself. A list that is too long, that has no end, or whose next page is of
// something else is an error. The error is as for Resolve.
func (c *Client) Tags(ctx context.Context, repo oci.Name) ([]string, error) {
	s, err := c.source(repo)
	if err != nil {
		return nil, err
	}
	tags, err := c.tags.Do(ctx, s.name, nil, func(ctx context.Context) ([]string, error) {
		return tryPlaces(ctx, s, func(p place) ([]string, error) { return p.tags(ctx) })
	})
	return slices.Clone(tags), err // it is shared
}

// tags reads page after page. Some registries respond to a request for more tags than they
// return at once with 400 (distribution: PAGINATION_NUMBER_INVALID) and not with fewer.
func (p place) tags(ctx context.Context) ([]string, error) {
	tags, err := p.tagsFrom(ctx, fmt.Sprintf("n=%d", tagsPerPage))
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusBadRequest {
		return p.tagsFrom(ctx, fmt.Sprintf("n=%d", fewerTags))
	}
	return tags, err
}

// tagsFrom reads page after page, from the one with the given query.
func (p place) tagsFrom(ctx context.Context, query string) ([]string, error) {
	var all []string
	seen := make(map[string]bool)
	for {
		page, err := p.tagPage(ctx, query)
		if err != nil {
			return nil, err
		}
		seen[query] = true
		all = append(all, page.tags...)
		switch query = page.next; {
		case len(all) > maxTags:
			err = fmt.Errorf("more than %d tags, plumb's limit", maxTags)
		case query == "":
			return all, nil
		case seen[query]:
			err = errors.New("the next page of tags is an earlier one")
		case len(seen) == maxTagPages:
			err = fmt.Errorf("more than %d pages of tags, plumb's limit", maxTagPages)
		}
		if err != nil {
			return nil, page.resp.Invalid(err)
		}
	}
}

// tagPage is one page of a list of tags.
type tagPage struct {
	tags []string
	next string // query of the page that follows, "" if none does
	resp *transport.Response
}

func (p place) tagPage(ctx context.Context, query string) (tagPage, error) {
	resp, err := p.get(ctx, "/tags/list?"+query, "application/json")
	if err != nil {
		return tagPage{}, err
	}
	body, err := resp.Content("page of tags")
	if err != nil {
		return tagPage{}, err
	}
	tags, err := parseTags(body)
	if err != nil {
		return tagPage{}, resp.Invalid(err)
	}
	next, err := p.nextPage(resp)
	if err != nil {
		return tagPage{}, resp.Invalid(err)
	}
	return tagPage{tags, next, resp}, nil
}

// parseTags parses the body of a page. Tags may be written into manifests, so each has
// to be valid.
func parseTags(body []byte) ([]string, error) {
	var said struct{ Tags json.RawMessage }
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, fmt.Errorf("not a list of tags: %w", err)
	}
	if said.Tags == nil {
		return nil, errors.New("not a list of tags")
	}
	var tags []string // null where there is none
	if err := json.Unmarshal(said.Tags, &tags); err != nil {
		return nil, fmt.Errorf("not a list of tags: %w", err)
	}
	for _, t := range tags {
		if !plainTag().MatchString(t) {
			return nil, fmt.Errorf("invalid tag %q", sanitize.Line(t))
		}
	}
	return tags, nil
}

// nextPage returns the query of the page that follows, "" if none does. Nothing else of
// the link is used, so that it cannot lead elsewhere: a registry behind a proxy often
// does not know the name, port or path by which it is reached.
func (p place) nextPage(resp *transport.Response) (query string, err error) {
	target, ok := nextLink(resp.Header.Values("Link"))
	if !ok {
		return "", nil
	}
	u, err := resp.Request.URL.Parse(target)
	if err != nil {
		return "", errors.New("malformed URL of the next page of tags")
	}
	if !strings.HasSuffix(u.Path, "/v2/"+p.repo+"/tags/list") {
		return "", errors.New("the next page of tags is not one of this repository: " +
			sanitize.Line(sanitize.URL(u.String())))
	}
	if u.RawQuery == "" {
		return "", errors.New("the next page of tags is the first one")
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
			relations := strings.Fields(
				strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
			return slices.Contains(relations, "next")
		}
	}
	return false
}

// cutUnquoted cuts s at the first separator outside of quotes.
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
