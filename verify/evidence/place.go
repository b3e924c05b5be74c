package evidence

import (
	"slices"
	"sync"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/lockfile/manifest"
	"github.com/plumb-dev/plumb/verify"
	"github.com/plumb-dev/plumb/verify/policy"
)

// byObject reports whether what j decides can depend on the object that an image is in.
func (j *Judge) byObject() bool { return j.Policies != nil && j.Policies.ByObject() }

// ObjectsOf returns the objects that some references are in, of those on which j decides
// alike one; nil where no policy asks for objects. nil among them is one that is not known.
func (j *Judge) ObjectsOf(refs []*manifest.Reference) []*policy.Object {
	if !j.byObject() || j.Objects == nil {
		return nil
	}
	var out []*policy.Object
	seen := map[string]bool{}
	for _, r := range refs {
		for _, o := range j.Objects(r) {
			if key := j.Policies.Key(o); !seen[key] {
				seen[key] = true
				out = append(out, o)
			}
		}
	}
	return out
}

// EntryIn judges an image by the evidence that its entry names, in all of the objects that
// it is in. With none it is Entry. What is wrong with the lines of the lock does not
// depend on objects, and only Entry says it.
func (j *Judge) EntryIn(e lockfile.Entry, objects []*policy.Object) Verdict {
	if len(objects) == 0 || !j.byObject() {
		return j.Entry(e)
	}
	return j.inAll(e, j.stored(e).read(e), objects)
}

// ToLock is EntryIn, where Verified are the lines that a lock has of the image: of all
// policies that it satisfies, also of those that are for other objects.
func (j *Judge) ToLock(e lockfile.Entry, objects []*policy.Object) Verdict {
	k := j.stored(e).read(e)
	return j.toLock(e, k, objects)
}

func (j *Judge) toLock(e lockfile.Entry, k known, objects []*policy.Object) Verdict {
	v := j.inAll(e, k, objects)
	if len(objects) > 0 && j.byObject() {
		v.Verified = union(v.Verified, j.with(e, k, nil).Verified)
	}
	return v
}

// inAll judges an image in all of the objects that it is in.
func (j *Judge) inAll(e lockfile.Entry, k known, objects []*policy.Object) Verdict {
	if len(objects) == 0 || !j.byObject() {
		objects = []*policy.Object{nil}
	}
	var worst Verdict
	var verified []lockfile.Verified
	for i, o := range objects {
		v := j.with(e, k, o)
		verified = union(verified, v.Verified)
		if i == 0 || worse(v, worst) {
			worst = v
		}
	}
	worst.Verified = verified
	return worst
}

// union is the lines of both, sorted and each once.
func union(a, b []lockfile.Verified) []lockfile.Verified {
	out := slices.Concat(a, b)
	slices.SortFunc(out, lockfile.Verified.Compare)
	return slices.Compact(out)
}

// worse reports whether v is a reason to reject what other accepts, or one to say more.
func worse(v, other Verdict) bool {
	if v.Accepted != other.Accepted {
		return other.Accepted
	}
	return other.Accepted && len(v.Remarks()) > len(other.Remarks())
}

// places judges the images of a lock at the places that refer to them.
type places struct {
	judge   *Judge
	entries map[string]verify.Judgement // by name, of objects that are not known

	mu    sync.Mutex
	known map[string]verify.Judgement // by name and object
}

// at returns the judgement on an image at a place.
func (p *places) at(e lockfile.Entry, r *manifest.Reference) verify.Judgement {
	entry := p.entries[e.Name]
	objects := p.judge.ObjectsOf([]*manifest.Reference{r})
	if len(objects) == 0 {
		return entry
	}
	key := e.Name
	for _, o := range objects {
		key += "\n" + p.judge.Policies.Key(o)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	j, ok := p.known[key]
	if !ok {
		j = p.judge.EntryIn(e, objects).Judgement()
		j.Faults = entry.Faults
		p.known[key] = j
	}
	return j
}
