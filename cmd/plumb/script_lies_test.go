package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// otherDigest is that of no content.
const otherDigest = "sha256:dead000000000000000000000000000000000000000000000000000000000000"

// lies are the ways to answer something else than what is there.
var lies = map[string]func(w http.ResponseWriter, body []byte){
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

// honestly marks the requests that are answered with the truth, which the
// registry that lies puts to itself.
const honestly = "X-Honestly"

// misbehave answers requests for text with a lie.
func misbehave(s *registrytest.Server, text string, lie func(http.ResponseWriter, []byte)) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get(honestly) != "" || !strings.Contains(r.Host+r.URL.Path, text) {
			return false
		}
		truth, body, err := askAgain(s, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return true
		}
		for _, name := range []string{"Content-Type", "Docker-Content-Digest"} {
			w.Header().Set(name, truth.Header.Get(name))
		}
		lie(w, body)
		return true
	}
}

// askAgain puts r to the registry once more, and returns the true answer.
func askAgain(s *registrytest.Server, r *http.Request) (*http.Response, []byte, error) {
	again, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+s.Host()+r.URL.Path, nil)
	if err != nil {
		return nil, nil, err
	}
	again.Header = r.Header.Clone()
	again.Header.Set(honestly, "1")
	answer, err := new(http.Transport).RoundTrip(again)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}
