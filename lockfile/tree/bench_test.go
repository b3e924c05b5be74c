//go:build unix

package tree

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// generated returns a committed repository of n files of 5.6 kB, three to a
// directory, as cluster repositories commonly have them.
func generated(b *testing.B, n int) (r repo, size int64) {
	b.Helper()
	r = newRepo(b)
	content := strings.Repeat("# a line of sixty-nine bytes, as manifests have them on the average\n", 81)
	for i := range n {
		leaf := i / 3
		r.write(fmt.Sprintf("clusters/c%d/apps/team%d/svc%d/f%d.yaml", leaf%20, leaf/20%25, leaf/500, i), content)
	}
	r.git("add", ".")
	r.git("commit", "-qm", "1")
	return r, int64(n * len(content))
}

func BenchmarkEach(b *testing.B) {
	r, size := generated(b, 10_000)
	read := func(ctx context.Context, tree interface {
		EachChanged(context.Context, func(string) bool, func(File) bool, Visit) error
	}, unchanged func(File) bool) error {
		return tree.EachChanged(ctx, all, unchanged, func(int, File, []byte) error { return nil })
	}
	bench := func(name string, run func(ctx context.Context) error) {
		b.Run(name+"/files=10000", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(size)
			for b.Loop() {
				if err := run(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	w := r.workTree()
	bench("worktree", func(ctx context.Context) error { return read(ctx, w, nil) })
	bench("unchanged", func(ctx context.Context) error { return read(ctx, w, func(File) bool { return true }) })
	bench("index", func(ctx context.Context) error {
		s, err := OpenIndex(ctx, r.dir)
		if err != nil {
			return err
		}
		return read(ctx, s, nil)
	})
	bench("commit", func(ctx context.Context) error {
		s, err := OpenCommit(ctx, r.dir, "HEAD")
		if err != nil {
			return err
		}
		return read(ctx, s, nil)
	})
}

func BenchmarkWriteAll(b *testing.B) {
	r, _ := generated(b, 300)
	w := r.workTree()
	paths, err := collect(w, all)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var writes []Write
		for path, old := range paths {
			paths[path] = "x" + old[1:]
			writes = append(writes, Write{Path: path, Old: []byte(old), New: []byte(paths[path])})
		}
		if err := w.WriteAll(context.Background(), writes); err != nil {
			b.Fatal(err)
		}
	}
}
