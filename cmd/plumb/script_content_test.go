package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// otherDigest is the digest of no content.
const otherDigest = "sha256:dead000000000000000000000000000000000000000000000000000000000000"

// alterations are the ways in which the registry changes a response.
var alterations = map[string]func(w http.ResponseWriter, body []byte){
	// header claims another digest than the content's.
	"header": func(w http.ResponseWriter, body []byte) {
		w.Header().Set("Docker-Content-Digest", otherDigest)
		_, _ = w.Write(body)
	},
	// body is other content under the right digest.
	"body": func(w http.ResponseWriter, body []byte) {
		_, _ = w.Write(append(body, '\n'))
	},
}

// unaltered marks the requests that the registry sends itself, for the response
// that it alters.
const unaltered = "X-Unaltered"

// altering alters the responses to requests that contain text.
func altering(s *registrytest.Server, text string, alter func(http.ResponseWriter, []byte)) registrytest.Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get(unaltered) != "" || !strings.Contains(r.Host+r.URL.Path, text) {
			return false
		}
		resp, body, err := fetchUnaltered(s, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return true
		}
		for _, name := range []string{"Content-Type", "Docker-Content-Digest"} {
			w.Header().Set(name, resp.Header.Get(name))
		}
		alter(w, body)
		return true
	}
}

// fetchUnaltered sends r to the registry once more, and returns the response.
func fetchUnaltered(s *registrytest.Server, r *http.Request) (*http.Response, []byte, error) {
	again, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+s.Host()+r.URL.Path, nil)
	if err != nil {
		return nil, nil, err
	}
	again.Header = r.Header.Clone()
	again.Header.Set(unaltered, "1")
	resp, err := new(http.Transport).RoundTrip(again)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}
