// Package webhook serves admission over HTTP: the webhook by TLS, and health,
// metrics and the signal of new commits on an address of their own.
package webhook
