package transport

import (
	"fmt"
	"time"
)

// Exchange is a request that was sent, once, and its outcome; or one that was not needed
// because its content is cached. It holds no credential.
type Exchange struct {
	Method   string
	URL      string        // without user and query
	Cached   bool          // nothing was sent
	Status   int           // of the response, 0 if there was none
	Err      error         // why there is no response
	Bytes    int           // of the response's body
	Duration time.Duration // from sending to the last byte
}

// String returns the exchange as one line: "GET https://ghcr.io/v2/ 401 73 B 31ms".
func (e Exchange) String() string {
	s := e.Method + " " + e.URL
	if e.Cached {
		return s + " cached " + size(e.Bytes)
	}
	took := e.Duration.Round(time.Millisecond)
	if e.Err != nil {
		return fmt.Sprintf("%s %v %v", s, e.Err, took)
	}
	return fmt.Sprintf("%s %d %s %v", s, e.Status, size(e.Bytes), took)
}

// size gives a number of bytes as people read it.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}
