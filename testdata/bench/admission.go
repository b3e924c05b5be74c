package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// admitting measures admission: the handler by itself, and a process that serves.
func admitting(ctx context.Context, b *bench) error {
	if err := b.handler(ctx); err != nil {
		return err
	}
	tree, err := signedTreeIn(filepath.Join(b.dir, "tree"), 1000)
	if err != nil {
		return err
	}
	s, err := b.serve(ctx, tree)
	if err != nil {
		return err
	}
	defer s.stop()
	b.budget("admission-load", s.loaded.Seconds(), 3, seconds)
	memory, err := s.peak()
	if err != nil {
		return err
	}
	b.budget("admission-memory", memory, 120, megabytes)
	return b.load(ctx, s)
}

// handler measures the handler in this process, without a network.
func (b *bench) handler(ctx context.Context) error {
	var spent []cost
	for _, n := range []int{100, 10_000} {
		v, name := lockOf(n)
		state, err := admission.Load(ctx, v, admission.LoadOptions{Roots: []admission.Root{{Path: "."}}})
		if err != nil {
			return err
		}
		h := &webhook.Handler{State: func() *admission.State { return state }}
		body := podReview(name)
		if w := ask(h, body); !strings.Contains(w.Body.String(), `"allowed":true`) {
			return fmt.Errorf("admission denies what it should allow: %s", w.Body)
		}
		one, err := costOf(reviews, func() { ask(h, body) })
		if err != nil {
			return err
		}
		spent = append(spent, one)
	}
	few, many := spent[0], spent[1]
	b.note("a Pod of five containers: %.1f µs and %.0f bytes with a lock of 100, "+
		"%.1f µs and %.0f bytes with one of 10,000", few.cpu, few.bytes, many.cpu, many.bytes)
	b.budget("admission-handler", many.cpu, 100, microseconds)
	b.budget("admission-handler-allocations", many.bytes/few.bytes, 1.1, ratio)
	return nil
}

// reviews is how many requests a cost is the mean of.
const reviews = 50_000

// cost is what one call takes of this process: CPU time in µs, that of the garbage
// collector as well, and what it allocates.
type cost struct{ cpu, bytes float64 }

func costOf(n int, call func()) (cost, error) {
	var before, after syscall.Rusage
	var heap, grown runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&heap)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		return cost{}, err
	}
	for range n {
		call()
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		return cost{}, err
	}
	runtime.ReadMemStats(&grown)
	spent := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	allocated := grown.TotalAlloc - heap.TotalAlloc
	return cost{float64(spent) / 1e3 / float64(n), float64(allocated) / float64(n)}, nil
}

func ask(h http.Handler, body []byte) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, webhook.Path, bytes.NewReader(body)))
	return w
}

// lockOf is a repository with a lock of n images, and the pinned name of its last.
func lockOf(n int) (source.Version, string) {
	l, g, name := &lockfile.Lock{}, newGenerator(), ""
	for i := range n {
		one := lockfile.Entry{Kind: lockfile.Image, Name: fmt.Sprintf("ghcr.io/acme/app-%d:1.0", i),
			Digest: g.digest(), MediaType: indexType,
			Platforms: []lockfile.Platform{
				{Platform: "linux/amd64", Manifest: g.digest(), Config: g.digest()}}}
		l.Entries, name = append(l.Entries, one), one.Name+"@"+one.Digest
	}
	l.Sort()
	files := source.Files{"plumb.lock": l.Format()}
	return source.Version{Source: "bench", Commit: "bench", Files: files}, name
}

// signedTreeIn writes a repository of signed images, and returns the pinned name of one.
func signedTreeIn(dir string, count int) (tree, error) {
	sigstore, err := signaturetest.New()
	if err != nil {
		return tree{}, err
	}
	trusted, err := sigstore.TrustedRoot()
	if err != nil {
		return tree{}, err
	}
	bundles, image := map[string]signature.Evidence{}, ""
	for i := range count {
		digest := fmt.Sprintf("sha256:%064x", i)
		bundles[digest], err = sigstore.Sign(signaturetest.Signing{Repository: signedRepo,
			Digest: digest, Subject: signerSubject, Issuer: signerIssuer})
		if err != nil {
			return tree{}, err
		}
		image = signedRepo + ":" + digest[len(digest)-8:] + "@" + digest
	}
	return tree{dir, image}, write(dir, signedTree(bundles, trusted, true))
}

// tree is a folder with a repository, and the pinned name of an image in its lock.
type tree struct{ dir, image string }

// podReview is what an API server sends of a Pod with five containers of an image.
func podReview(image string) []byte {
	var containers []string
	for i := range 5 {
		containers = append(containers, fmt.Sprintf(`
{"name":"c%d","image":%q,"command":["/bin/server","--port=8080"],"ports":[{"containerPort":8080,
"protocol":"TCP"}],
"env":[{"name":"MODE","value":"production"}],"resources":{"limits":{"cpu":"500m","memory":"256Mi"},
"requests":{"cpu":"100m","memory":"128Mi"}},
"volumeMounts":[{"name":"token","readOnly":true,
"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],
"livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,
"periodSeconds":10,"successThreshold":1,"failureThreshold":3},
"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
"imagePullPolicy":"IfNotPresent"}`, i, image))
	}
	return fmt.Appendf(nil, `
{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",
"request":{"uid":"705ab4f5-6393-11e8-b7cc-42010a800002",
"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1",
"resource":"pods"},"name":"web-x","namespace":"shop","operation":"CREATE",
"userInfo":{"username":"system:serviceaccount:kube-system:replicaset-controller",
"groups":["system:serviceaccounts","system:authenticated"]},
"object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-x","generateName":"web-",
"namespace":"shop","labels":{"app":"web","pod-template-hash":"6d4cf56db6"}},
"spec":{"volumes":[{"name":"token",
"projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}],
"defaultMode":420}}],
"containers":[%s],"restartPolicy":"Always","terminationGracePeriodSeconds":30,
"dnsPolicy":"ClusterFirst","serviceAccountName":"default",
"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",
"tolerationSeconds":300}]},"status":{}},
"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions",
"apiVersion":"meta.k8s.io/v1"}}}`, strings.Join(containers, ","))
}

// client sends requests over TLS and keeps its connections.
func client(connections int) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // of the bench's own certificate
}
