package content_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/lockfile/content"
)

// pack makes an archive of entries, each with its data.
func pack(t testing.TB, entries ...any) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	w := tar.NewWriter(zip)
	for i := 0; i < len(entries); i += 2 {
		header, ok := entries[i].(*tar.Header)
		if !ok {
			header = &tar.Header{Name: entries[i].(string)}
		}
		data := entries[i+1].(string)
		if header.Size == 0 {
			header.Size = int64(len(data))
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

const chartYAML = "name: web\nversion: 1.2.3\n"

// TestFiles has archives that are read, and next to each of them one that is not.
func TestFiles(t *testing.T) {
	link := func(kind byte, target string) *tar.Header {
		return &tar.Header{Typeflag: kind, Name: "web/link", Linkname: target}
	}
	folder := func(name string) *tar.Header { return &tar.Header{Typeflag: tar.TypeDir, Name: name} }
	for name, tt := range map[string]struct {
		entries []any
		names   string // of the files that are read
		err     string
	}{
		"a chart":            {entries: []any{"web/Chart.yaml", chartYAML, "web/templates/a.yaml", "a"}, names: "Chart.yaml templates/a.yaml"},
		"with folders":       {entries: []any{folder("web/"), "", folder("web/templates/"), "", "web/templates/a.yaml", "a"}, names: "templates/a.yaml"},
		"from git archive":   {entries: []any{&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "0123"}}, "", "web/a", ""}, names: "a"},
		"made on Windows":    {entries: []any{`web\templates\a.yaml`, "a"}, names: "templates/a.yaml"},
		"a part is .":        {entries: []any{"web/./a", "a"}, names: "a"},
		"dots in a name":     {entries: []any{"web/..a/b..", "a"}, names: "..a/b.."},
		"a part is ..":       {entries: []any{"web/../a", "a"}, err: `entry "web/../a": its path leaves the chart's folder`},
		"only ..":            {entries: []any{"../a", "a"}, err: `entry "../a": its path leaves`},
		"a folder ..":        {entries: []any{folder("web/../../etc/"), ""}, err: `its path leaves the chart's folder`},
		".. on Windows":      {entries: []any{`web\..\..\a`, "a"}, err: `its path leaves the chart's folder`},
		"absolute":           {entries: []any{"/etc/passwd", "a"}, err: `entry "/etc/passwd": its path is absolute`},
		"absolute below":     {entries: []any{"web//etc/passwd", "a"}, err: `entry "web//etc/passwd": its path is absolute`},
		"a drive":            {entries: []any{"c:/a", "a"}, err: `entry "c:/a": its path is absolute`},
		"a drive below":      {entries: []any{"web/c:/a", "a"}, err: `entry "web/c:/a": its path is absolute`},
		"beside the folder":  {entries: []any{"Chart.yaml", chartYAML}, err: `entry "Chart.yaml": a file beside the chart's folder`},
		"in no folder":       {entries: []any{"./web/a", "a"}, err: `entry "./web/a": its path does not begin`},
		"the folder itself":  {entries: []any{"web/.", "a"}, err: `entry "web/.": not a file in the chart's folder`},
		"two folders":        {entries: []any{"web/a", "a", "db/a", "a"}, err: `entry "db/a": outside of the chart's folder "web"`},
		"twice":              {entries: []any{"web/a", "a", "web/a", "b"}, err: `entry "web/a": there are two`},
		"twice, differently": {entries: []any{"web/a", "a", "web/./a", "b"}, err: `entry "web/./a": there are two`},
		"a symbolic link":    {entries: []any{link(tar.TypeSymlink, "/etc/passwd"), ""}, err: `entry "web/link": a symbolic link`},
		"a hard link":        {entries: []any{link(tar.TypeLink, "web/a"), ""}, err: `entry "web/link": a hard link`},
		"a device":           {entries: []any{link(tar.TypeChar, ""), ""}, err: `entry "web/link": a device`},
		"a block device":     {entries: []any{link(tar.TypeBlock, ""), ""}, err: `entry "web/link": a device`},
		"a pipe":             {entries: []any{link(tar.TypeFifo, ""), ""}, err: `entry "web/link": a named pipe`},
		"another type":       {entries: []any{link(tar.TypeCont, ""), ""}, err: `entry "web/link": of type '7'`},
		"a line end":         {entries: []any{"web/a\nb", "a"}, err: `entry "web/a\nb": a control character is in its name`},
		"nothing":            {err: "no file in the archive"},
		"only folders":       {entries: []any{folder("web/"), ""}, err: "no file in the archive"},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := content.Files(bytes.NewReader(pack(t, tt.entries...)))
			var names []string
			for _, f := range files {
				names = append(names, f.Name)
			}
			if got := strings.Join(names, " "); got != tt.names {
				t.Errorf("read %q, want %q", got, tt.names)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

// TestDamaged has an archive cut anywhere, and one with a bit changed anywhere.
func TestDamaged(t *testing.T) {
	good := pack(t, "web/Chart.yaml", chartYAML, "web/a", strings.Repeat("a", 300))
	want, err := content.HashArchive(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if _, err := content.Files(bytes.NewReader(good[:i])); err == nil {
			t.Errorf("the first %d of %d bytes are read", i, len(good))
		}
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if got, err := content.HashArchive(bytes.NewReader(bad)); err == nil && got != want {
			t.Errorf("with byte %d changed the content is %s", i, got)
		}
	}
	for _, text := range []string{"", "<html>", chartYAML} {
		if _, err := content.Files(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "not a gzipped archive") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := content.Files(bytes.NewReader(append(good, "rest"...))); err == nil {
		t.Error("an archive with something after it is read")
	}
}

// zeros is a reader of n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestBounds has archives just below the bounds, and above.
func TestBounds(t *testing.T) {
	bomb := func(size int64) []byte {
		var packed bytes.Buffer
		zip, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
		w := tar.NewWriter(zip)
		if err := w.WriteHeader(&tar.Header{Name: "web/big", Size: size}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, zeros(size)); err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		_ = zip.Close()
		return packed.Bytes()
	}
	const slack = 4 << 10 // for the headers
	if _, err := content.Files(bytes.NewReader(bomb(content.MaxUnpacked - slack))); err != nil {
		t.Error(err)
	}
	_, err := content.Files(bytes.NewReader(bomb(content.MaxUnpacked + 1)))
	if err == nil || !strings.Contains(err.Error(), "larger than 100 MiB unpacked") {
		t.Errorf("a large file: %v", err)
	}
	// Behind the last entry.
	var after bytes.Buffer
	after.Write(pack(t, "web/a", "a"))
	zip := gzip.NewWriter(&after)
	_, _ = io.Copy(zip, zeros(content.MaxUnpacked))
	_ = zip.Close()
	if _, err := content.Files(&after); err == nil || !strings.Contains(err.Error(), "unpacked") {
		t.Errorf("a bomb behind the last entry: %v", err)
	}
	// Many empty members, which unpack to nothing.
	var empty bytes.Buffer
	_ = gzip.NewWriter(&empty).Close()
	many := io.MultiReader(bytes.NewReader(pack(t, "web/a", "a")), bytes.NewReader(bytes.Repeat(empty.Bytes(), content.MaxPacked/empty.Len()+1)))
	if _, err := content.Files(many); err == nil || !strings.Contains(err.Error(), "20 MiB packed") {
		t.Errorf("a long archive: %v", err)
	}
}

// TestHash has what changes the content of a chart, and what does not.
func TestHash(t *testing.T) {
	hash := func(entries ...any) string {
		t.Helper()
		h, err := content.HashArchive(bytes.NewReader(pack(t, entries...)))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	// sha256sum a b | sha256sum | cut -c1-64 | xxd -r -p | base64, in the chart's folder
	const want = "h1:kO/Oqkn0quVyqFeXqSR4ovb/JV5dfuSOjpgpPXKMWAw="
	one := hash("web/a", "1\n", "web/b", "2\n")
	if one != want {
		t.Errorf("hash %s, want %s", one, want)
	}
	for name, same := range map[string]string{
		"another order":  hash("web/b", "2\n", "web/a", "1\n"),
		"another folder": hash("db/a", "1\n", "db/b", "2\n"),
		"another mode":   hash(&tar.Header{Name: "web/a", Mode: 0o755}, "1\n", "web/b", "2\n"),
	} {
		if same != one {
			t.Errorf("%s: %s, want %s", name, same, one)
		}
	}
	for name, other := range map[string]string{
		"another byte": hash("web/a", "1\n", "web/b", "3\n"),
		"another name": hash("web/a", "1\n", "web/c", "2\n"),
		"one file":     hash("web/a", "1\n"),
		"one more":     hash("web/a", "1\n", "web/b", "2\n", "web/c", ""),
		"a BOM":        hash("web/a", "\ufeff1\n", "web/b", "2\n"),
	} {
		if other == one {
			t.Errorf("%s: the same hash", name)
		}
	}
}

// TestHashFolder compares a folder with the archive of it.
func TestHashFolder(t *testing.T) {
	archive, err := content.HashArchive(bytes.NewReader(pack(t, "web/Chart.yaml", chartYAML, "web/.helmignore", "secret\n")))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"Chart.yaml": []byte(chartYAML), ".helmignore": []byte("secret\n")}
	if folder, err := content.HashFolder(files); err != nil || folder != archive {
		t.Errorf("%s, %v, want %s", folder, err, archive)
	}
	files["secret"] = nil // Helm renders it where the chart is part of another one
	if folder, err := content.HashFolder(files); err != nil || folder == archive {
		t.Errorf("a file more, and the same hash; %v", err)
	}
	for _, name := range []string{"", ".", "../a", "/a", "a//b", "a/", `a\b`, "a\nb", "c:/a"} {
		if _, err := content.HashFolder(map[string][]byte{name: nil}); err == nil {
			t.Errorf("a file called %q is hashed", name)
		}
		if _, err := content.Hash([]content.File{{Name: name}}); err == nil {
			t.Errorf("a file called %q is hashed", name)
		}
	}
	if _, err := content.Hash([]content.File{{Name: "a"}, {Name: "a"}}); err == nil {
		t.Error("two files of one name are hashed")
	}
}

func TestDescribe(t *testing.T) {
	for text, want := range map[string]any{
		"name: web\nversion: 1.2.3\nappVersion: \"1.0\"\n": content.Chart{Name: "web", Version: "1.2.3", AppVersion: "1.0"},
		"name: web\nversion: 1.10\n":                       content.Chart{Name: "web", Version: "1.1"}, // as Helm reads it
		"name: web\n":                                      "no version",
		"version: 1.2.3\n":                                 "no name",
		"name: [web]\n":                                    "Chart.yaml: ",
		"a: b: c":                                          "Chart.yaml: ",
		"#" + strings.Repeat(" ", 1<<20):                   "longer than 1 MiB",
	} {
		got, err := content.Describe([]content.File{{Name: "Chart.yaml", Data: []byte(text)}})
		if problem, ok := want.(string); ok {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%.40q: %v, want %q", text, err, problem)
			}
		} else if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%.40q: %v\n%s", text, err, diff)
		}
	}
	if _, err := content.Describe([]content.File{{Name: "charts/a/Chart.yaml", Data: []byte(chartYAML)}}); err == nil {
		t.Error("a subchart's Chart.yaml is taken for the chart's")
	}
}

func FuzzFiles(f *testing.F) {
	f.Add(pack(f, "web/Chart.yaml", chartYAML, "web/a", "a"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		files, err := content.Files(bytes.NewReader(packed))
		if err != nil {
			return
		}
		folder := map[string][]byte{}
		for _, file := range files {
			folder[file.Name] = file.Data
		}
		one, err := content.Hash(files)
		other, folderErr := content.HashFolder(folder)
		if err != nil || folderErr != nil || one != other {
			t.Errorf("%s, %v; as a folder %s, %v", one, err, other, folderErr)
		}
	})
}
