package vap

import (
	"fmt"
	"unicode/utf8"
)

// The limits of an API server.
const (
	// maxObject is what etcd takes in a request by default, less what the server adds
	// to an object, in bytes.
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

// LimitError says that the locks hold more than an API server takes.
type LimitError struct {
	Object string // what is too big: "DigestList plumb"
	What   string // the unit of Size and Max
	Size   int
	Max    int
	Images int // digests that there are
}

// Error tells the limit, and what to do instead.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %d digests make %d %s, and an API server accepts %d: "+
		"write a policy for each lock root (--name, --only), or use the webhook (plumb admission manifests)",
		e.Object, e.Images, e.Size, e.What, e.Max)
}

// checkLimits refuses what an API server would refuse, or would not evaluate.
func checkLimits(objects []object, d digests) error {
	for _, o := range objects {
		limit := func(what string, size, most int) error {
			if size <= most {
				return nil
			}
			return &LimitError{Object: o.Kind + " " + o.Name, What: what, Size: size, Max: most, Images: len(d)}
		}
		if err := limit("bytes", o.size, maxObject); err != nil {
			return err
		}
		if o.Kind != "ValidatingAdmissionPolicy" {
			continue
		}
		if err := limit("code points of one expression", longest(o.spec), maxExpression); err != nil {
			return err
		}
		// An image's digest is compared with each of its bucket.
		for _, b := range d.buckets(bucketDigits) {
			cost := maxImages * (imageCost + len(b.Entries))
			if err := limit(fmt.Sprintf("units of cost for a Pod of %d images", maxImages), cost, maxCost); err != nil {
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
