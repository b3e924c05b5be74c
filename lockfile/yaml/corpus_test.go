package yaml

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// corpusFiles calls f with each YAML and JSON file of the shared corpus.
func corpusFiles(t *testing.T, f func(path, src string)) {
	root := filepath.Join("..", "..", "..", "shared", "corpus", "repos")
	if _, err := os.Stat(root); err != nil {
		t.Log("THE CORPUS IS ABSENT: nothing was compared")
		t.Skipf("no corpus: %v", err)
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f(path, string(data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCorpusSpans(t *testing.T) {
	var p Parser
	files, bytes, good, opaque := 0, 0, 0, 0
	corpusFiles(t, func(path, src string) {
		files++
		bytes += len(src)
		if p.begin(src) != nil {
			return
		}
		docs, err := p.full()
		if err == nil {
			good += len(src)
		}
		for _, d := range docs {
			eachNode(d.Root, func(n *Node) {
				if n.Opaque {
					opaque++
					t.Errorf("%s:%d: %q is opaque", path, n.Start, n.Value)
				}
			})
		}
		checkSpans(t, src, docs)
	})
	t.Logf("%d files, %d bytes, %d of them YAML, %d opaque nodes", files, bytes, good, opaque)
}

func eachNode(n *Node, f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for c := n.FirstChild; c != nil; c = c.Next {
		eachNode(c, f)
	}
}
