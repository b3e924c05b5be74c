// Package httpget sends GET requests to servers of files: chart repositories, and whatever a
// manifest names by a URL.
//
// Every response is bounded in bytes and in time. Requests are encrypted, but to this machine
// and to hosts for which plumb.yaml says otherwise. Redirects are few, stay encrypted, and do
// not lead to private addresses. Credentials are sent to the host that they are for. What
// fails for a moment is retried, as often and as late as the server says.
package httpget
