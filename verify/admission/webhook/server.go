package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plumb-dev/plumb/verify/admission"
)

// Server is an admission webhook.
type Server struct {
	// Listen is the address of the webhook, "host:port".
	Listen string
	// Observe is the address of health, metrics and signals, "host:port"; "" for none.
	Observe string
	// Reloader keeps the lock up to date while Run runs.
	Reloader *admission.Reloader
	// Handler answers AdmissionReviews.
	Handler *Handler
	// Metrics are served at Observe.
	Metrics *Metrics
	// Certificate returns the certificate for a connection (tls.Config.GetCertificate).
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Secret is that of signals; signals without it are rejected, and all if it is empty.
	Secret []byte
	// Log is for errors of connections.
	Log *slog.Logger
	// Drain is how long Run goes on serving after ctx has ended, until API servers connect to
	// another replica. /readyz reports meanwhile that the server is not ready.
	Drain time.Duration
	// Ready is called with the addresses once the server listens; nil: it is not.
	Ready func(listen, observe string)

	stopping atomic.Bool
}

// The bounds of a connection. An API server gives a webhook 30 seconds at most.
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 5 * time.Minute
	maxHeader    = 64 << 10 // bytes
	grace        = 20 * time.Second
)

// Run serves until ctx ends and Drain is over, and then finishes the requests that it has
// received. It must be called once.
func (s *Server) Run(ctx context.Context) error {
	hook, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // Shutdown has closed it already
	servers := []*http.Server{s.webhook()}
	listeners := []net.Listener{tls.NewListener(hook, servers[0].TLSConfig)}
	observe := ""
	if s.Observe != "" {
		l, err := net.Listen("tcp", s.Observe)
		if err != nil {
			return err
		}
		defer func() { _ = l.Close() }()
		servers, listeners = append(servers, s.observer()), append(listeners, l)
		observe = l.Addr().String()
	}
	if s.Ready != nil {
		s.Ready(hook.Addr().String(), observe)
	}
	parent := ctx
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { s.Reloader.Run(ctx); return nil })
	for i, server := range servers {
		group.Go(func() error {
			if err := server.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		group.Go(func() error {
			<-ctx.Done()
			s.stopping.Store(true)
			if parent.Err() != nil { // and not after a failure
				time.Sleep(s.Drain)
			}
			ending, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
			defer stop()
			return server.Shutdown(ending)
		})
	}
	return group.Wait()
}

// webhook is the HTTP server of the webhook.
func (s *Server) webhook() *http.Server {
	server := s.server(s.Handler)
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.Certificate,
		NextProtos: []string{"h2", "http/1.1"}}
	return server
}

// server is an HTTP server within bounds.
func (s *Server) server(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn)}
}

// observer is the HTTP server for monitoring: /healthz reports that the process is alive,
// /readyz that it has a lock.
func (s *Server) observer() *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/metrics", s.Metrics.Handler())
	mux.Handle("/signal", Signal(s.Secret, s.Reloader.Signal))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/readyz", s.ready)
	return s.server(mux)
}

// ready answers /readyz.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	status := s.Reloader.Status()
	stopping := s.stopping.Load()
	if stopping || s.Reloader.State() == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	switch {
	case stopping:
		_, _ = fmt.Fprintln(w, "shutting down")
	case status.State == nil:
		_, _ = fmt.Fprintln(w, "no lock yet")
	default:
		_, _ = fmt.Fprintf(w, "lock: %s of %s\nimages: %d\nconfirmed: %s\n", status.State.Commit,
			status.State.Source, status.State.Images(),
			status.Confirmed.UTC().Format(time.RFC3339))
	}
	if status.Err != nil {
		_, _ = fmt.Fprintf(w, "last attempt: %v\n", status.Err)
	}
}
