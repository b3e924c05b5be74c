package source_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/admission/source"
)

// archive is a gzipped tar file of files, by names and content in turn.
func archive(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: files[i],
			Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "link.yaml",
		Linkname: "/etc/passwd"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestConfigMapArchive(t *testing.T) {
	tests := []struct {
		name  string
		data  map[string][]byte
		files []string
		err   string
	}{
		{"a tree", map[string][]byte{"plumb.tar.gz": archive(t, "./plumb.lock", "1", "a/plumb.lock",
			"2", "README", "3")}, []string{"a/plumb.lock", "plumb.lock"}, ""},
		{"files", map[string][]byte{"plumb.lock": nil, "plumb.yaml": nil, "sha256-1.json": nil,
			"p.yaml": nil}, []string{".plumb/evidence/sha256-1.json", "plumb.lock", "plumb.yaml",
			"policies/p.yaml"}, ""},
		{"both", map[string][]byte{"plumb.tar.gz": archive(t), "plumb.lock": nil}, nil,
			"keys beside"},
		{"upwards", map[string][]byte{"plumb.tar.gz": archive(t, "../x.yaml", "")}, nil,
			"invalid path"},
		{"absolute", map[string][]byte{"plumb.tar.gz": archive(t, "/x.yaml", "")}, nil,
			"invalid path"},
		{"twice", map[string][]byte{"plumb.tar.gz": archive(t, "x.yaml", "", "./x.yaml", "")}, nil,
			"duplicate"},
		{"too large", map[string][]byte{"plumb.tar.gz": archive(t, "x.yaml",
			strings.Repeat("x", 65<<20))}, nil, ", more than "},
		{"no archive", map[string][]byte{"plumb.tar.gz": []byte("x")}, nil, "plumb.tar.gz: "},
		{"cut off", map[string][]byte{"plumb.tar.gz": archive(t, "x.yaml", "x")[:40]}, nil,
			"plumb.tar.gz: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := source.NewConfigMap("shop/lock", func(context.Context) (map[string][]byte, error) {
				return tt.data, nil
			})
			v, err := s.Fetch(t.Context(), source.Version{})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.files, slices.Sorted(maps.Keys(v.Files))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}
