package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
)

// bareMode makes this program the bare client: what asks the registries for
// what a lock needs, as fast as it can, and does nothing with it.
const bareMode = "bare"

// bareClient asks for what a plan holds. It is the yardstick of lock's time.
func bareClient(planFile string, stderr io.Writer) int {
	data, err := os.ReadFile(planFile)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	var plan []pushed
	if err := json.Unmarshal(data, &plan); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	c := newBare(plan)
	errs := make(chan error, len(plan))
	for _, p := range plan {
		go func() { errs <- c.resolve(p) }()
	}
	status := 0
	for range plan {
		if err := <-errs; err != nil {
			fmt.Fprintln(stderr, err)
			status = 1
		}
	}
	return status
}

// bare is the client's state.
type bare struct {
	http       http.Client
	slots      map[string]chan struct{}          // by host
	challenges map[string]func() error           // by host, once each
	tokens     map[string]func() (string, error) // by host and repository, once each
}

func newBare(plan []pushed) *bare {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, concurrency
	c := &bare{
		http: http.Client{Transport: transport}, slots: map[string]chan struct{}{},
		challenges: map[string]func() error{}, tokens: map[string]func() (string, error){},
	}
	for _, p := range plan {
		if c.slots[p.Host] == nil {
			c.slots[p.Host] = make(chan struct{}, concurrency)
			c.challenges[p.Host] = sync.OnceValue(func() error { return c.challenge(p.Host) })
		}
		key := p.Host + "/" + p.Repository
		if c.tokens[key] == nil {
			c.tokens[key] = sync.OnceValues(func() (string, error) { return c.token(p) })
		}
	}
	return c
}

// resolve asks for a name, and then for its platforms' manifests or its config.
func (c *bare) resolve(p pushed) error {
	if err := c.challenges[p.Host](); err != nil {
		return err
	}
	token, err := c.tokens[p.Host+"/"+p.Repository]()
	if err != nil {
		return err
	}
	base := "http://" + p.Host + "/v2/" + p.Repository
	var m struct {
		Manifests []struct{ Digest string }
		Config    struct{ Digest string }
	}
	if err := c.get(p.Host, base+"/manifests/"+p.Tag, token, http.StatusOK, &m); err != nil {
		return err
	}
	if !p.Index {
		return c.get(p.Host, base+"/blobs/"+m.Config.Digest, token, http.StatusOK, nil)
	}
	errs := make(chan error, len(m.Manifests))
	for _, child := range m.Manifests {
		go func() { errs <- c.get(p.Host, base+"/manifests/"+child.Digest, token, http.StatusOK, nil) }()
	}
	for range m.Manifests {
		if e := <-errs; e != nil {
			err = e
		}
	}
	return err
}

func (c *bare) challenge(host string) error {
	return c.get(host, "http://"+host+"/v2/", "", http.StatusUnauthorized, nil)
}

func (c *bare) token(p pushed) (string, error) {
	var t struct{ Token string }
	url := "http://" + p.Host + "/token?scope=repository:" + p.Repository + ":pull"
	err := c.get(p.Host, url, "", http.StatusOK, &t)
	return t.Token, err
}

// get fetches a URL when the host has a slot free, reads all of the response and decodes
// it into v, unless v is nil.
func (c *bare) get(host, url, token string, status int, v any) error {
	c.slots[host] <- struct{}{}
	defer func() { <-c.slots[host] }()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(data, v)
}
