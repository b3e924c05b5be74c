package verify

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/plumb-dev/plumb/lockfile"
)

// Judgement is what policies make of an image in the lock. The zero Judgement
// denies it.
type Judgement struct {
	Accepted bool     // whether policies accept the image
	Reasons  []string // why it is not accepted
	Remarks  []string // why policies that only warn would not accept it
	Faults   []string // what is wrong with the evidence that the lock names for it
}

// unsigned finds images that policies do not accept, for want of evidence or
// because of what the evidence is.
func unsigned(c *checker, r *judged) {
	if c.Judge == nil || !r.locked || r.entry.Kind != lockfile.Image || c.lockable(r) &&
		r.entry.Digest != r.Digest {
		return
	}
	j := c.Judge(r.entry, r.reference)
	switch {
	case !j.Accepted && len(r.entry.Verified) == 0:
		c.at(r, Unsigned, fmt.Sprintf("%s is not accepted: %s", r.noun(),
			strings.Join(j.Reasons, "; ")),
			c.why(r)+"; "+c.signaturesFix(""))
	case !j.Accepted:
		c.at(r, Evidence, fmt.Sprintf("%s is no longer accepted by its evidence: %s", r.noun(),
			strings.Join(append(j.Faults, j.Reasons...), "; ")),
			c.why(r)+"; "+c.signaturesFix(" again"))
	case len(j.Faults) > 0:
		c.at(r, Evidence, fmt.Sprintf("the evidence of %s is not what plumb.lock says: %s",
			r.noun(), strings.Join(j.Faults, "; ")),
			c.signaturesFix(" again"))
	}
	for _, remark := range j.Remarks {
		c.at(r, Unsigned, r.noun()+": "+remark, c.why(r))
		c.findings[len(c.findings)-1].Severity = Remark
	}
}

// why says how to learn why an image is judged so.
func (c *checker) why(r *judged) string {
	return "to see why: " + cmp.Or(c.Explain, "plumb policy check") + " " + r.entry.Name
}
