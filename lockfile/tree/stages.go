package tree

import "context"

// Stages returns what the git index holds of a file that a merge left in
// conflict: the common ancestor's version (nil if there is none), ours and
// theirs. ok is false where no merge of the file is under way, or one side
// has deleted it.
func (t *WorkTree) Stages(ctx context.Context, path string) (base, ours, theirs []byte, ok bool) {
	var versions [3][]byte
	for i, stage := range [...]string{":1:./", ":2:./", ":3:./"} {
		// An error says that there is no such version.
		versions[i], _ = t.git.output(ctx, "show", stage+path)
	}
	return versions[0], versions[1], versions[2], versions[1] != nil && versions[2] != nil
}
