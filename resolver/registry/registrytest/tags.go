package registrytest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// serveTags lists tags in pages, each with a link to the next (OCI
// distribution-spec, "Listing Tags"), which ggcr's registry leaves out. It returns
// false for other requests.
func (s *Server) serveTags(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasSuffix(r.URL.Path, "/tags/list") || r.Method != http.MethodGet {
		return false
	}
	all := &recorder{header: make(http.Header), status: http.StatusOK}
	s.registry.ServeHTTP(all,
		&http.Request{Method: http.MethodGet, URL: &url.URL{Path: r.URL.Path}})
	var list struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	if all.status != http.StatusOK || json.Unmarshal(all.body.Bytes(), &list) != nil {
		return false
	}
	query := r.URL.Query()
	for last := query.Get("last"); last != "" && len(list.Tags) > 0 && list.Tags[0] <= last; {
		list.Tags = list.Tags[1:]
	}
	if n := s.tagsPerPage(query.Get("n")); n > 0 && len(list.Tags) > n {
		list.Tags = list.Tags[:n]
		next := url.Values{"last": {list.Tags[n-1]}, "n": {strconv.Itoa(n)}}
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.URL.Path, next.Encode()))
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(list))
	return true
}

// tagsPerPage returns the length of a page for which n was requested, 0 for no limit.
func (s *Server) tagsPerPage(n string) int {
	most := s.options.TagsPerPage
	wanted, err := strconv.Atoi(n)
	if err != nil || wanted <= 0 || most > 0 && wanted > most {
		return most
	}
	return wanted
}
