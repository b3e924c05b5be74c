package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// packed is a chart of 600 KB, packed to a fifth.
func packed(name, version string) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	file := func(name, text string) {
		_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))})
		_, _ = io.WriteString(w, text)
	}
	file(name+"/Chart.yaml", "apiVersion: v2\nname: "+name+"\nversion: "+version+"\n")
	for i := range 60 {
		var text strings.Builder
		for j := range 100 {
			fmt.Fprintf(&text, "key-%x: a value of line %d in file %d, as values have\n", sha256.Sum256(fmt.Append(nil, i, j)), j, i)
		}
		file(fmt.Sprintf("%s/templates/%d.yaml", name, i), text.String())
	}
	_ = w.Close()
	_ = zip.Close()
	return out.Bytes()
}

// slowRepo serves an index of 2 MB and three of its charts, each after 20 ms.
func slowRepo(b *testing.B, index []byte, archives map[string][]byte) *httptest.Server {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		if r.URL.Path == "/index.yaml" {
			_, _ = w.Write(index)
			return
		}
		_, _ = w.Write(archives[r.URL.Path])
	}))
	b.Cleanup(s.Close)
	return s
}

// BenchmarkLock resolves and fetches 60 charts of 20 repositories, and does the same with a
// bare client: it sends the same requests, hashes the responses and unpacks the archives.
// Budget: 1.3 times the bare client's time; what is above that is the parsing.
func BenchmarkLock(b *testing.B) {
	const repositories, charts = 20, 3
	archives := map[string][]byte{}
	index := bigIndex(2 << 20)
	for i := range charts {
		name := fmt.Sprintf("chart-%04d", i)
		archives["/"+name+"-1.99.0.tgz"] = packed(name, "1.99.0")
		index = strings.ReplaceAll(index, "https://charts.acme.example.org/acme/"+name, name)
	}
	// The digests are made up.
	index = strings.ReplaceAll(index, "    digest: ", "    home: ")
	var servers []*httptest.Server
	for range repositories {
		servers = append(servers, slowRepo(b, []byte(index), archives))
	}
	client := servers[0].Client()
	each := func(do func(repo string, chart int) error) {
		var wait sync.WaitGroup
		for _, s := range servers {
			for i := range charts {
				wait.Go(func() {
					if err := do(s.URL, i); err != nil {
						b.Error(err)
					}
				})
			}
		}
		wait.Wait()
	}
	var bare, own time.Duration
	for b.Loop() {
		client.CloseIdleConnections()
		start := time.Now()
		var indexes sync.Map
		each(func(repo string, i int) error {
			once, _ := indexes.LoadOrStore(repo, sync.OnceValue(func() error { return bareGet(client, repo+"/index.yaml") }))
			if err := once.(func() error)(); err != nil {
				return err
			}
			return bareGet(client, fmt.Sprintf("%s/chart-%04d-1.99.0.tgz", repo, i))
		})
		bare += time.Since(start)
		client.CloseIdleConnections()
		runtime.GC()
		start = time.Now()
		c, err := New(Options{Transport: client.Transport, Getenv: func(string) string { return "" }})
		if err != nil {
			b.Fatal(err)
		}
		each(func(repo string, i int) error {
			n := Name{repo, fmt.Sprintf("chart-%04d", i)}
			v, err := c.Resolve(context.Background(), n, "^1.0")
			if err == nil {
				_, err = c.Fetch(context.Background(), n, v)
			}
			return err
		})
		own += time.Since(start)
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(own)/float64(bare), "times-bare")
	b.ReportMetric(float64(bare.Milliseconds())/float64(b.N), "bare-ms")
}

func bareGet(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body := io.TeeReader(resp.Body, sha256.New())
	if strings.HasSuffix(url, ".tgz") {
		if body, err = gzip.NewReader(body); err != nil {
			return err
		}
	}
	_, err = io.Copy(sha256.New(), body)
	return err
}
