package manifest

// site is how a reference is pinned: which bytes hold its parts.
type site struct{}

// PinStyle says how a pinned reference is written.
type PinStyle uint8

const (
	// TagAndDigest keeps the tag beside the digest: "nginx:1.27@sha256:…".
	TagAndDigest PinStyle = iota
	// DigestOnly drops the tag: "nginx@sha256:…".
	DigestOnly
)

// Pin plans the edits that make r name digest. They are empty if it does
// already. It is an error to pin a reference that is not Editable.
func (r Reference) Pin(digest string, style PinStyle) ([]Edit, error) { panic("not written") }

// Apply returns src with every edit made. Edits may come in any order;
// identical ones count once, overlapping ones are an error, as is one whose
// Old bytes are not in place.
func Apply(src []byte, edits []Edit) ([]byte, error) { panic("not written") }
