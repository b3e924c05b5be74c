package vap

import (
	"fmt"
	"unicode/utf8"
)

// The limits of an API server.
const (
	// maxObject is the default limit of etcd for a request, less what the server adds to an
	// object, in bytes.
	maxObject = 3<<19 - 16<<10
	// maxExpression is what a CEL expression may be, in code points.
	maxExpression = 100_000
	// maxCost is what evaluating one expression may cost, in CEL's units.
	maxCost = 1_000_000
)

// maxImages is for how many images in one Pod the cost of finding their digests must
// suffice, and imageCost what is spent on each besides: on taking its name apart.
const (
	maxImages = 64
	imageCost = 1_000
)

// LimitError is the error for locks with more digests than an API server accepts.
type LimitError struct {
	// Object is what is too large: "DigestList plumb".
	Object string
	// What is the unit of Size and Max.
	What string
	// Size is that of the object.
	Size int
	// Max is what an API server accepts.
	Max int
	// Images is the number of digests.
	Images int
}

// Error names the limit, and what to do instead.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %d digests make %d %s, and an API server accepts %d: "+
		"write a policy for each lock root (--name, --only), or use the webhook (plumb admission "+
		"manifests)",
		e.Object, e.Images, e.Size, e.What, e.Max)
}

// checkLimits rejects what an API server would not accept, or not evaluate.
func checkLimits(objects []object, d digests) error {
	for _, o := range objects {
		limit := func(what string, size, most int) error {
			if size <= most {
				return nil
			}
			return &LimitError{Object: o.Kind + " " + o.Name, What: what, Size: size, Max: most,
				Images: len(d)}
		}
		if err := limit("bytes", o.size, maxObject); err != nil {
			return err
		}
		if o.Kind != "ValidatingAdmissionPolicy" {
			continue
		}
		if err := limit("code points of one expression", longest(o.spec),
			maxExpression); err != nil {
			return err
		}
		// An image's digest is compared with each of its bucket.
		for _, b := range d.buckets(bucketDigits) {
			cost := maxImages * (imageCost + len(b.Entries))
			if err := limit(fmt.Sprintf("units of cost for a Pod of %d images", maxImages), cost,
				maxCost); err != nil {
				return err
			}
		}
	}
	return nil
}

// longest is how long, in code points, the longest text under a key expression is.
func longest(value any) int {
	n := 0
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if text, ok := inner.(string); ok && key == "expression" {
				n = max(n, utf8.RuneCountInString(text))
			}
			n = max(n, longest(inner))
		}
	case []any:
		for _, inner := range v {
			n = max(n, longest(inner))
		}
	}
	return n
}
