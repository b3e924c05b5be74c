package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// served is a process that serves a tree.
type served struct {
	url    string
	image  string        // that it lets in
	loaded time.Duration // from its start
	cmd    *exec.Cmd
}

// serve starts `plumb admission serve` and waits until it has loaded a tree.
func (b *bench) serve(ctx context.Context, t tree) (*served, error) {
	cert, key := filepath.Join(b.dir, "tls.crt"), filepath.Join(b.dir, "tls.key")
	if err := writeCertificate(cert, key); err != nil {
		return nil, err
	}
	s := &served{image: t.image, cmd: exec.CommandContext(ctx, b.plumb, "admission", "serve",
		"--dir", t.dir, "--cert", cert, "--key", key,
		"--listen", "127.0.0.1:0", "--listen-metrics", "127.0.0.1:0", "--log", "text")}
	s.cmd.Env = b.env
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	listening := regexp.MustCompile(`webhook=(\S+)`)
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			s.url = "https://" + m[1] + webhook.Path
		}
		if strings.Contains(lines.Text(), "level=ERROR") {
			s.stop()
			return nil, errors.New(lines.Text())
		}
		if strings.Contains(lines.Text(), "serving a new lock") {
			s.loaded = time.Since(start)
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // ends with the process
			return s, nil
		}
	}
	s.stop()
	return nil, errors.New("plumb admission serve has ended")
}

func (s *served) stop() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()         // it was killed
}

// peak is the most memory that the process has had, in MB; resident is what it has now.
func (s *served) peak() (float64, error)     { return s.status("VmHWM") }
func (s *served) resident() (float64, error) { return s.status("VmRSS") }

func (s *served) status(field string) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), field+":")
	rest, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	kilobytes, err := strconv.Atoi(rest)
	return float64(kilobytes) / 1024, err
}

// What is asked of the process.
const (
	flood       = 100_000 // requests, as fast as they are answered
	connections = 16
	rate        = 1000 // requests a second, as they come
	duration    = 10 * time.Second
)

// load measures how much the process answers, how fast, and what stays of it.
func (b *bench) load(ctx context.Context, s *served) error {
	c, body := client(connections), podReview(s.image)
	if err := floodWith(ctx, c, s.url, body, flood/10); err != nil {
		return err
	}
	before, err := s.resident()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := floodWith(ctx, c, s.url, body, flood); err != nil {
		return err
	}
	perSecond := flood / time.Since(start).Seconds()
	after, err := s.resident()
	if err != nil {
		return err
	}
	b.note("%.0f reviews a second over TLS, with the client on the same cores", perSecond)
	b.budget("admission-time-for-5000", 5000/perSecond, 1, seconds)
	b.budget("admission-growth", max(0, after-before), 20, megabytes)
	p99, err := paced(ctx, c, s.url, body)
	if err != nil {
		return err
	}
	b.budget("admission-p99", inMilliseconds(p99), 5, milliseconds)
	return nil
}

// floodWith sends n requests as fast as they are answered.
func floodWith(ctx context.Context, c *http.Client, url string, body []byte, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() error {
			for range n / connections {
				if err := post(ctx, c, url, body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// paced sends requests at a fixed rate, whether the last one has been answered or not,
// and returns the 99th percentile of how long they took.
func paced(ctx context.Context, c *http.Client, url string, body []byte) (time.Duration, error) {
	var mu sync.Mutex
	var took []time.Duration
	group, ctx := errgroup.WithContext(ctx)
	tick := time.NewTicker(time.Second / rate)
	defer tick.Stop()
	for range int(duration.Seconds()) * rate {
		<-tick.C
		group.Go(func() error {
			start := time.Now()
			err := post(ctx, c, url, body)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(start))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	slices.Sort(took)
	return took[len(took)*99/100], nil
}

func post(ctx context.Context, c *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && !bytes.Contains(answer, []byte(`"allowed":true`)) {
		err = fmt.Errorf("admission denies what it should allow: %s", answer)
	}
	return err
}

// writeCertificate writes a certificate for this machine, and its key.
func writeCertificate(cert, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1),
		Subject: pkix.Name{CommonName: "bench"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := writePEM(cert, "CERTIFICATE", der); err != nil {
		return err
	}
	return writePEM(key, "PRIVATE KEY", keyDER)
}

func writePEM(name, kind string, der []byte) error {
	return os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
