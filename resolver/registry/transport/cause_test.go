package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestTriesFor has errors as net/http wraps them.
func TestTriesFor(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	call := func(err error) error { return dial(os.NewSyscallError("connect", err)) }
	tests := []struct {
		err  error
		want int
	}{
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true, IsTemporary: true}), 1},
		{dial(&net.DNSError{Err: "something else"}), 1},
		{dial(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), maxTries},
		{dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true}), 2},
		{call(syscall.ECONNREFUSED), 2},
		{call(syscall.EHOSTUNREACH), 2},
		{call(syscall.ENETUNREACH), 2},
		{call(syscall.ECONNRESET), maxTries},
		{dial(os.ErrDeadlineExceeded), 2},
		{timeoutError(time.Second), 2},
		{context.DeadlineExceeded, 2},
		{io.EOF, maxTries},
		{fmt.Errorf("the response ends after 1 bytes: %w", io.ErrUnexpectedEOF), maxTries},
		{errors.New("stream error: stream ID 3; INTERNAL_ERROR; received from peer"), maxTries},
		{http.ErrSchemeMismatch, 1},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, 1},
		{x509.HostnameError{Host: "example.com"}, 1},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(40)}, 1},
		{tls.RecordHeaderError{Msg: "no TLS"}, 1},
	}
	for _, test := range tests {
		if got := triesFor(test.err); got != test.want {
			t.Errorf("%v: %d tries, want %d", test.err, got, test.want)
		}
	}
}
