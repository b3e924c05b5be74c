package yaml

import (
	"fmt"
	"testing"
)

// both reads src with the two parsers. accepted is false where fast gave up;
// fault says how the two differ.
func both(src string) (full []Document, fullErr error, accepted bool, fault error) {
	var p, q Parser
	if err := p.begin(src); err != nil {
		return nil, err, false, nil
	}
	full, fullErr = p.full()
	if q.begin(src) != nil || !q.fast() {
		return full, fullErr, false, nil
	}
	if fullErr != nil {
		return full, fullErr, true, fmt.Errorf("fast accepts what full refuses: %v", fullErr)
	}
	return full, nil, true, different(full, q.docs)
}

// different says how two readings of one text differ.
func different(want, got []Document) error {
	if len(want) != len(got) {
		return fmt.Errorf("%d documents: want %d", len(got), len(want))
	}
	for i := range want {
		if want[i].Start != got[i].Start {
			return fmt.Errorf("document %d starts at %d: want %d", i, got[i].Start, want[i].Start)
		}
		if err := differentNode(want[i].Root, got[i].Root); err != nil {
			return fmt.Errorf("document %d: %w", i, err)
		}
	}
	return nil
}

func differentNode(want, got *Node) error {
	if want == nil || got == nil {
		if want != got {
			return fmt.Errorf("node %v: want %v", got, want)
		}
		return nil
	}
	w, g := *want, *got
	if w.Target != nil && g.Target != nil && w.Target.Start == g.Target.Start && w.Target.Anchor == g.Target.Anchor {
		w.Target, g.Target = nil, nil
	}
	w.FirstChild, w.Next, g.FirstChild, g.Next = nil, nil, nil, nil
	if w != g {
		return fmt.Errorf("node\n%+v: want\n%+v", g, w)
	}
	wc, gc := want.FirstChild, got.FirstChild
	for ; wc != nil && gc != nil; wc, gc = wc.Next, gc.Next {
		if err := differentNode(wc, gc); err != nil {
			return err
		}
	}
	if wc != nil || gc != nil {
		return fmt.Errorf("node %q at %d has another number of children", w.Value, w.Start)
	}
	return nil
}

func TestCorpusFastEqualsFull(t *testing.T) {
	valid, accepted := 0, 0
	corpusFiles(t, func(path, src string) {
		_, err, ok, fault := both(src)
		if fault != nil {
			t.Errorf("%s: %v", path, fault)
		}
		if err == nil {
			valid += len(src)
			if ok {
				accepted += len(src)
			} else {
				t.Logf("left to full: %s", path)
			}
		}
	})
	share := 100 * float64(accepted) / float64(max(valid, 1))
	t.Logf("fast read %.2f %% of the %d bytes that are YAML", share, valid)
	if share < 97 {
		t.Errorf("fast read %.2f %% of the corpus: want at least 97", share)
	}
}
