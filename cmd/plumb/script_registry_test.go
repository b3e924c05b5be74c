package main

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

type registryKey struct{}

// scriptRegistry is the registry of one script.
type scriptRegistry struct {
	*registrytest.Server
	recovered chan struct{} // closed when what hangs is to be answered
}

// startRegistry starts a script's registry. Plain HTTP to any host ends there,
// by way of HTTP_PROXY, so that scripts can give registries names of their own;
// it is also known as $REGISTRY, with its port.
func startRegistry(env *testscript.Env) error {
	s, err := registrytest.Start(registrytest.Options{})
	if err != nil {
		return err
	}
	env.Defer(s.Close)
	env.Values[registryKey{}] = &scriptRegistry{Server: s}
	env.Values[signerKey{}] = &scriptSigner{}
	env.Values[tufKey{}] = &scriptTUF{}
	env.Setenv("REGISTRY", s.Host())
	env.Setenv("HTTP_PROXY", "http://"+s.Host())
	return nil
}

const registryUsage = `usage:
	registry index VARIABLE REPOSITORY TAG SEED [PLATFORM…]   push, and keep the digest in VARIABLE
	registry image VARIABLE REPOSITORY TAG SEED
	registry artifact VARIABLE REPOSITORY TAG SEED
	registry delete REPOSITORY TAG
	registry fail TEXT HOW            respond to requests for TEXT (host and path) as
	                                  alterations or registrytest.Named have it: 500,
	                                  429-once, 429-after-2s, 429-date-2s, drop, reset,
	                                  hang, drip, cut, redirect-loop, redirect-private,
	                                  each with -once
	registry recover                  no longer; hanging requests get a response
	registry asked N [TEXT]           check for N requests with TEXT since the last reset
	registry reset
	registry wait TEXT                wait for such a request`

// cmdRegistry speaks to the script's registry.
func cmdRegistry(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(registryKey{}).(*scriptRegistry)
	if neg || len(args) == 0 {
		ts.Fatalf(registryUsage)
	}
	switch verb, args := args[0], args[1:]; {
	case (verb == "index" || verb == "image" || verb == "artifact") && len(args) >= 4:
		ts.Setenv(args[0], s.push(ts, verb, args[1:]))
	case verb == "delete" && len(args) == 2:
		s.DeleteTag(args[0], args[1])
	case verb == "fail" && len(args) == 2:
		s.recovered = make(chan struct{})
		s.Fail(s.fault(ts, args[0], args[1]))
	case verb == "recover" && len(args) == 0:
		s.Fail(nil)
		close(s.recovered)
	case verb == "reset" && len(args) == 0:
		s.Reset()
	case verb == "asked" && len(args) >= 1:
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		if got := s.Count(strings.Join(args[1:], " ")); got != want {
			ts.Fatalf("%d such requests, want %d, among\n%s", got, want, strings.Join(s.Requests(), "\n"))
		}
	case verb == "wait" && len(args) >= 1:
		waitFor(ts, s.Server, strings.Join(args, " "))
	default:
		ts.Fatalf(registryUsage)
	}
}

func (s *scriptRegistry) push(ts *testscript.TestScript, what string, args []string) string {
	seed, err := strconv.Atoi(args[2])
	ts.Check(err)
	switch what {
	case "image":
		return s.PushImage(args[0], args[1], seed)
	case "artifact":
		return s.PushArtifact(args[0], args[1], seed)
	default:
		return s.PushIndex(args[0], args[1], seed, args[3:]...)
	}
}

// fault responds to requests for text with altered content or a fault, or not before the
// registry recovers.
func (s *scriptRegistry) fault(ts *testscript.TestScript, text, how string) registrytest.Fault {
	if alter, ok := alterations[how]; ok {
		return altering(s.Server, text, alter)
	}
	if how == "hang" {
		recovered := s.recovered
		return registrytest.At(text, func(_ http.ResponseWriter, r *http.Request) bool {
			select {
			case <-r.Context().Done():
				return true
			case <-recovered:
				return false
			}
		})
	}
	fault, ok := registrytest.Named(how)
	if !ok {
		ts.Fatalf("registry fail: unknown fault %q", how)
	}
	return registrytest.At(text, fault)
}

// waitLimit is how long a script waits for a request.
const waitLimit = 20 * time.Second

func waitFor(ts *testscript.TestScript, s *registrytest.Server, text string) {
	for end := time.Now().Add(waitLimit); s.Count(text) == 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("no request for %s", text)
		}
	}
}
