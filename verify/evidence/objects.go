package evidence

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	goyaml "go.yaml.in/yaml/v3"

	"github.com/plumb-dev/plumb/lockfile/lockroot"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/lockfile/yaml"
	"github.com/plumb-dev/plumb/verify/policy"
)

// objects finds the objects that references of a lock root are in, as they are applied:
// with the labels that the tree's kustomizations add. It may be used by many goroutines
// at once.
type objects struct {
	root *lockroot.Root
	read func(path string) ([]byte, error)

	mu       sync.Mutex
	files    map[string][]placed
	overlays *overlays // nil until it is needed
}

func newObjects(ctx context.Context, r *lockroot.Root) *objects {
	return &objects{root: r, files: map[string][]placed{},
		read: func(path string) ([]byte, error) { return r.Tree.Read(ctx, path) }}
}

// placed is an object of a file.
type placed struct {
	start, end int            // of its text, in bytes
	object     *policy.Object // nil if it is not known
	lines      []int          // where each line of the file begins
}

// of returns the objects that a reference is in, nil for one that is not known: that is
// templated or patched, is not all of what is applied, or is of a kind that others make
// Pods from.
func (o *objects) of(r *manifest.Reference) []*policy.Object {
	o.mu.Lock()
	defer o.mu.Unlock()
	object := o.at(r)
	if object == nil || !object.IsWorkload() {
		return []*policy.Object{nil}
	}
	if o.root.Stream != nil {
		return []*policy.Object{object}
	}
	if o.overlays == nil {
		o.overlays = readOverlays(o.root.Files, o.read)
	}
	var out []*policy.Object
	for _, l := range o.overlays.of(r.File) {
		if l.unknown {
			out = append(out, nil)
		} else {
			out = append(out, object.WithLabels(l.own, l.made))
		}
	}
	return out
}

// at returns the object at a reference's place in its file.
func (o *objects) at(r *manifest.Reference) *policy.Object {
	all, ok := o.files[r.File]
	if !ok {
		text := o.root.Stream
		if text == nil {
			text, _ = o.read(r.File) // without it no object is known
		}
		all = placedIn(string(text))
		o.files[r.File] = all
	}
	for _, p := range all {
		if r.Line < 1 || r.Line > len(p.lines) {
			continue
		}
		if at := p.lines[r.Line-1] + r.Column - 1; p.start <= at && at <= p.end {
			return p.object
		}
	}
	return nil
}

// placedIn returns the objects of a file; none of one that is a template.
func placedIn(text string) []placed {
	if strings.Contains(text, "{{") {
		return nil
	}
	var parser yaml.Parser
	docs, err := parser.Parse(text)
	if err != nil {
		return nil
	}
	w := objectWalk{lines: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	for i, d := range docs {
		if d.Root == nil {
			continue
		}
		end := len(text)
		if i+1 < len(docs) {
			end = docs[i+1].Start
		}
		// The other parser reads values as Kubernetes does; this one knows where they are.
		var content any
		if goyaml.NewDecoder(strings.NewReader(text[d.Start:end])).Decode(&content) == nil {
			w.object(d.Root, content, 0)
		}
	}
	return w.found
}

// objectWalk gathers the objects of a file.
type objectWalk struct {
	lines []int
	found []placed
}

// maxNested is how many lists may stand in one another.
const maxNested = 8

func (w *objectWalk) object(n *yaml.Node, content any, depth int) {
	n = n.Resolve()
	fields, ok := content.(map[string]any)
	if !ok || n.Kind != yaml.Mapping {
		return
	}
	kind, _ := fields["kind"].(string)
	items, isList := fields["items"].([]any)
	if list := n.Get("items"); isList && list != nil && strings.HasSuffix(kind, "List") &&
		depth < maxNested {
		i := 0
		for item := range list.Resolve().Items() {
			if i < len(items) {
				w.object(item, items[i], depth+1)
			}
			i++
		}
		return
	}
	p := placed{start: n.Start, end: n.End, lines: w.lines}
	if data, err := json.Marshal(fields); err == nil {
		if object, ok := policy.NewObject(data); ok && written(object.Labels) {
			p.object = object
		}
	}
	w.found = append(w.found, p)
}

// written reports whether labels say what they are, and are not to be substituted.
func written(labels map[string]string) bool {
	for key, value := range labels {
		if strings.Contains(key+value, "${") {
			return false
		}
	}
	return true
}
