package evidence

import (
	"slices"

	"github.com/plumb-dev/plumb/lockfile/atomicfile"
)

// maxRecords is how many records are kept, in 1 MiB. Those that were not used
// go first, and of them the oldest.
const maxRecords = 1 << 15

// Save keeps what was learned. Where that fails, the next run verifies again, which
// is why there is no error. It does nothing if nothing was learned.
func (c *VerdictCache) Save() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.added) == 0 {
		return
	}
	if c.secret.Save() != nil {
		return
	}
	all := slices.Clone(c.added)
	for _, asked := range []bool{true, false} {
		for _, r := range c.stored {
			if c.known[r] == asked {
				all = append(all, r)
			}
		}
	}
	if len(all) > maxRecords {
		all = all[:maxRecords]
	}
	data := make([]byte, 0, len(all)*len(record{}))
	for _, r := range all {
		data = append(data, r[:]...)
	}
	if atomicfile.WriteCache(c.file, data) == nil {
		c.stored, c.added = all, nil
	}
}

// readRecords reads the records of a file; of one that is damaged, what is there
// of them.
func readRecords(name string) []record {
	data, err := atomicfile.ReadCache(name, maxRecords*int64(len(record{})))
	if err != nil {
		return nil
	}
	var out []record
	for len(data) >= len(record{}) {
		out = append(out, record(data[:len(record{})]))
		data = data[len(record{}):]
	}
	return out
}
