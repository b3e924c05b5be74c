// Package webhook serves admission over HTTP: it answers AdmissionReviews over TLS, with
// a certificate from files or one of its own, and serves health, metrics and the signal of
// new commits on an address of their own.
package webhook
