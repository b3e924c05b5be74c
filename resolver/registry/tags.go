package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/plumb-dev/plumb/lockfile/oci"
)

// Bounds on a list of tags. The largest public repositories have some ten
// thousand.
const (
	tagsPerPage = 1000 // asked for; a registry may give fewer
	maxTags     = 200_000
	maxPages    = 2000
)

// Tags returns the tags of the repository of a name, in the order in which the
// registry lists them (OCI distribution-spec, "Listing Tags"). The error is as
// for Resolve.
func (c *Client) Tags(ctx context.Context, name oci.Name) ([]string, error) {
	places, err := c.places(name)
	if err != nil {
		return nil, err
	}
	return first(ctx, places, func(ctx context.Context, p place) ([]string, error) { return p.tags(ctx, p.repo) })
}

// tags reads page after page, as the answers' links have it.
func (h *host) tags(ctx context.Context, repo string) ([]string, error) {
	var all []string
	query := fmt.Sprintf("n=%d", tagsPerPage)
	seen := map[string]bool{}
	for range maxPages {
		seen[query] = true
		page, next, at, err := h.tagPage(ctx, repo, query)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		switch {
		case next == "":
			return all, nil
		case len(all) > maxTags:
			return nil, h.bad(at, fmt.Errorf("the repository has more than %d tags", maxTags))
		case seen[next]:
			return nil, h.bad(at, errors.New("the pages of the list of tags lead back to one that was read"))
		}
		query = next
	}
	return nil, h.bad(h.address(repo, tagsList), fmt.Errorf("the list of tags has more than %d pages", maxPages))
}

const tagsList = "/tags/list"

// tagPage reads one page and the query of the next, "" if it is the last.
func (h *host) tagPage(ctx context.Context, repo, query string) (tags []string, next, at string, err error) {
	resp, at, err := h.ask(ctx, http.MethodGet, repo, tagsList+"?"+query, "application/json")
	if err != nil {
		return nil, "", at, err
	}
	defer drain(resp)
	at = redact(at)
	if resp.StatusCode != http.StatusOK {
		return nil, "", at, h.statusError(resp, http.MethodGet, at)
	}
	body, err := h.read(ctx, resp, at, "list of tags", maxManifest)
	if err != nil {
		return nil, "", at, err
	}
	var page struct {
		Tags []string `json:"tags"` // null where there is none
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return nil, "", at, h.bad(at, fmt.Errorf("it is no list of tags: %w", err))
	}
	next, err = nextPage(resp.Request.URL, resp.Header.Values("Link"))
	if err != nil {
		return nil, "", at, h.bad(at, err)
	}
	return page.Tags, next, at, nil
}

// nextPage returns the query of the link to the next page (RFC 8288). A link may
// lead nowhere but to another page of the same list.
func nextPage(here *url.URL, links []string) (query string, err error) {
	for _, value := range links {
		for _, link := range strings.Split(value, ",") {
			target, params, ok := strings.Cut(strings.TrimSpace(link), ">")
			target, opened := strings.CutPrefix(target, "<")
			if !ok || !opened || !isNext(params) {
				continue
			}
			u, err := here.Parse(target)
			if err != nil || u.Path != here.Path || !strings.EqualFold(u.Host, here.Host) {
				return "", fmt.Errorf("the next page of the list of tags is elsewhere: %s", redact(target))
			}
			if u.RawQuery == "" {
				return "", errors.New("the next page of the list of tags is the first")
			}
			return u.RawQuery, nil
		}
	}
	return "", nil
}

// isNext reports whether a link's parameters say that it leads to the next page.
func isNext(params string) bool {
	for _, p := range strings.Split(params, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(key), "rel") {
			return strings.EqualFold(strings.Trim(strings.TrimSpace(value), `"`), "next")
		}
	}
	return false
}
