package main

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plumb-dev/plumb/resolver/tuf/tuftest"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

type tufKey struct{}

// scriptTUF is the TUF repository of one script.
type scriptTUF struct {
	*tuftest.Repository
	server *httptest.Server
	root   []byte // the trusted root that it holds
}

const tufUsage = `usage:
	tuf start                 serve a repository at $TUF that holds the signer's trusted root
	tuf root FILE             write the repository's first root
	tuf trustroot NAME FILE   write a TrustRoot that names the repository
	tuf publish VERSION [expired|another]
	tuf rotate VERSION        publish by a new root
	tuf stop`

// cmdTUF speaks to the script's TUF repository.
func cmdTUF(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf(tufUsage)
	}
	s := ts.Value(tufKey{}).(*scriptTUF)
	switch verb, args := args[0], args[1:]; {
	case verb == "start" && len(args) == 0:
		ts.Check(s.start(ts.Value(signerKey{}).(*scriptSigner)))
		ts.Defer(s.server.Close)
		ts.Setenv("TUF", s.server.URL)
	case verb == "root" && len(args) == 1:
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), s.Root(), 0o644))
	case verb == "trustroot" && len(args) == 2:
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), s.trustRoot(args[0]), 0o644))
	case verb == "publish" && len(args) >= 1:
		ts.Check(s.publish(args[0], args[1:]))
	case verb == "rotate" && len(args) == 1:
		ts.Check(s.Rotate(time.Now().AddDate(1, 0, 0)))
		ts.Check(s.publish(args[0], nil))
	case verb == "stop" && len(args) == 0:
		s.server.Close()
	default:
		ts.Fatalf(tufUsage)
	}
}

func (s *scriptTUF) start(signer *scriptSigner) (err error) {
	var failed error
	signer.make.Do(func() { failed = signer.begin() })
	if failed != nil {
		return failed
	}
	if s.Repository, err = tuftest.New(); err != nil {
		return err
	}
	if s.root, err = signer.sigstore.TrustedRoot(); err != nil {
		return err
	}
	s.server = httptest.NewServer(s.Repository)
	return s.publish("1", nil)
}

func (s *scriptTUF) publish(version string, how []string) error {
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return err
	}
	expires, root := time.Now().AddDate(0, 0, 7), s.root
	for _, word := range how {
		switch word {
		case "expired":
			expires = time.Now().AddDate(0, 0, -1)
		case "another":
			other, err := signaturetest.New()
			if err != nil {
				return err
			}
			if root, err = other.TrustedRoot(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("tuf publish: %q", word)
		}
	}
	return s.Publish(n, expires, map[string][]byte{"trusted_root.json": root})
}

func (s *scriptTUF) trustRoot(name string) []byte {
	return fmt.Appendf(nil, `apiVersion: policy.sigstore.dev/v1alpha1
kind: TrustRoot
metadata: {name: %s}
spec:
  remote:
    mirror: %s
    root: %s
`, name, s.server.URL, base64.StdEncoding.EncodeToString(s.Root()))
}
