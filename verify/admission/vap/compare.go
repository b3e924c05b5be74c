package vap

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Refs are the objects that Policy writes, in its order. The error is Policy's.
func (o Options) Refs() ([]Ref, error) {
	p, err := o.policy()
	if err != nil {
		return nil, err
	}
	var out []Ref
	for _, object := range p.objects {
		out = append(out, object.Ref)
	}
	return out, nil
}

// Live gets the objects that Policy writes from a cluster, as far as they exist. get returns
// the objects of a Ref's Resource; it fails for a kind that does not exist, so Live gets a
// DigestList only if its definition exists.
func (o Options) Live(
	ctx context.Context,
	get func(ctx context.Context, resource string) ([]map[string]any, error),
) ([]map[string]any, error) {
	refs, err := o.Refs()
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	defined := false
	for _, r := range refs {
		if r.Kind == DigestListKind && !defined {
			continue
		}
		objects, err := get(ctx, r.Resource())
		if err != nil {
			return nil, err
		}
		defined = defined || r.Kind == "CustomResourceDefinition" && len(objects) > 0
		out = append(out, objects...)
	}
	return out, nil
}

// Difference is a difference between a cluster and what Policy writes.
type Difference struct {
	// Object is "Kind/name".
	Object string `json:"object"`
	// Field is a path in the object; "" for the whole.
	Field string `json:"field"`
	// Message says what differs.
	Message string `json:"message"`
}

// Compare compares the objects of a cluster, as JSON or YAML decodes them, with what Policy
// writes. It ignores other objects, metadata and status. The error is Policy's.
func (o Options) Compare(live []map[string]any) ([]Difference, error) {
	p, err := o.policy()
	if err != nil {
		return nil, err
	}
	byRef := map[Ref]map[string]any{}
	for _, object := range live {
		byRef[refOf(object)] = object
	}
	var out []Difference
	for _, want := range p.objects {
		c := comparison{object: want.String()}
		got := byRef[want.Ref]
		switch {
		case got == nil:
			c.differ("", "not found")
		case has(got, "metadata", "deletionTimestamp"):
			c.differ("", "is being deleted")
		case want.Kind == DigestListKind:
			c.digests(p.digests, got)
		default:
			c.values("spec", want.spec, got["spec"])
		}
		out = append(out, c.found...)
	}
	return out, nil
}

func has(object map[string]any, key, inner string) bool {
	m, _ := object[key].(map[string]any)
	return m[inner] != nil
}

// comparison collects the differences of an object.
type comparison struct {
	object string
	found  []Difference
}

func (c *comparison) differ(field, format string, args ...any) {
	c.found = append(c.found, Difference{c.object, field, fmt.Sprintf(format, args...)})
}

// values compares the values at a path.
func (c *comparison) values(path string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(w)) {
			if inner, ok := g[key]; ok {
				c.values(path+"."+key, w[key], inner)
			} else {
				c.differ(path+"."+key, "missing, want %s", shown(w[key]))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(g)) {
			if _, ok := w[key]; !ok {
				c.differ(path+"."+key, "unexpected: %s", shown(g[key]))
			}
		}
		return
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			c.values(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])
		}
		return
	default:
		if same(want, got) {
			return
		}
	}
	c.differ(path, "is %s, want %s", shown(got), shown(want))
}

// same compares scalars. YAML decodes an int where JSON decodes a float64.
func same(want, got any) bool {
	if n, ok := got.(int); ok {
		got = float64(n)
	}
	switch want.(type) {
	case string, bool, float64:
		return want == got
	}
	return want == nil && got == nil
}

// maxShown is how much of a value a difference shows, in bytes.
const maxShown = 80

func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "something else"
	}
	if len(text) > maxShown {
		return strings.ToValidUTF8(string(text[:maxShown]), "") + "…"
	}
	return string(text)
}

// digests compares a DigestList with the locks.
func (c *comparison) digests(want digests, object map[string]any) {
	spec, _ := object["spec"].(map[string]any)
	byBucket, _ := spec["digests"].(map[string]any)
	got := digests{}
	for _, key := range slices.Sorted(maps.Keys(byBucket)) {
		list, _ := byBucket[key].([]any)
		for _, item := range list {
			hex, _ := item.(string)
			if !strings.HasPrefix(hex, key) || len(key) != bucketDigits {
				c.differ("spec.digests."+key, "contains %s, which belongs to another bucket",
					shown(item))
			}
			got[hex] = nil
		}
	}
	for _, hex := range want.sorted() {
		if _, ok := got[hex]; !ok {
			c.differ("spec.digests", "missing sha256:%s (%s)", hex, want.names(hex))
		}
	}
	for _, hex := range got.sorted() {
		if _, ok := want[hex]; !ok {
			c.differ("spec.digests", "allows sha256:%s, which is not in the lock", hex)
		}
	}
}
