package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"time"
)

// Event is an Event about an object in the Event's namespace.
type Event struct {
	// Namespace is that of the Event and of the object.
	Namespace string
	// APIVersion, Kind and Name identify the object.
	APIVersion, Kind, Name string
	// Reason is a word in CamelCase.
	Reason string
	// Note is for people. What is longer than an API server takes is cut off.
	Note string
	// Warning is the type of the Event; otherwise it is Normal.
	Warning bool
}

// maxNote is how many bytes of an Event's note an API server takes.
const maxNote = 1024

// CreateEvent creates an Event (events.k8s.io/v1).
func (c *Client) CreateEvent(ctx context.Context, e Event) error {
	var unique [8]byte
	if _, err := rand.Read(unique[:]); err != nil {
		return err
	}
	kind := "Normal"
	if e.Warning {
		kind = "Warning"
	}
	note := e.Note
	if len(note) > maxNote {
		note = strings.ToValidUTF8(note[:maxNote], "")
	}
	body := map[string]any{
		"apiVersion": "events.k8s.io/v1", "kind": "Event",
		"metadata": map[string]any{"name": e.Name + "." + hex.EncodeToString(unique[:]),
			"namespace": e.Namespace},
		"eventTime":           time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		"reportingController": "plumb.dev/admission", "reportingInstance": e.Name,
		"action": "LoadLock", "reason": e.Reason, "type": kind, "note": note,
		"regarding": map[string]any{"apiVersion": e.APIVersion, "kind": e.Kind, "name": e.Name,
			"namespace": e.Namespace},
	}
	path := []string{"apis", "events.k8s.io", "v1", "namespaces", e.Namespace, "events"}
	return c.do(ctx, http.MethodPost, typeJSON, path, body, nil)
}

// EventRecorder records Events about the Pod that this process runs in. A nil
// EventRecorder records none.
type EventRecorder struct {
	client *Client
	pod    string
	failed func(error)
}

// NewEventRecorder returns a recorder for the Pod whose name is the host's, in the client's
// namespace; nil if either is unknown. failed is called if an Event cannot be created.
func NewEventRecorder(c *Client, failed func(error)) *EventRecorder {
	pod, err := os.Hostname()
	if err != nil || c.Namespace == "" {
		return nil
	}
	return &EventRecorder{client: c, pod: pod, failed: failed}
}

// eventTime bounds the creation of an Event.
const eventTime = 10 * time.Second

// Warn creates a warning in the background.
func (r *EventRecorder) Warn(ctx context.Context, reason, note string) {
	if r == nil {
		return
	}
	go func() {
		ctx, stop := context.WithTimeout(ctx, eventTime)
		defer stop()
		e := Event{Namespace: r.client.Namespace, APIVersion: "v1", Kind: "Pod", Name: r.pod,
			Reason: reason, Note: note, Warning: true}
		if err := r.client.CreateEvent(ctx, e); err != nil {
			r.failed(err)
		}
	}()
}
