package source_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/admission/source"
)

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := source.Load(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v, want ErrNotExist", err)
	}
	one := source.Version{Source: "https://git.example.org/a.git main",
		Commit: strings.Repeat("1", 40), Time: time.Unix(1_790_000_000, 5).UTC(), Signer: "ada=é\n",
		Files: source.Files{"plumb.lock": []byte("version: 1\n"),
			strings.Repeat("d/", 200) + "ü.yaml": {0, 255}, "empty.yaml": {}}}
	two := source.Version{Commit: strings.Repeat("2", 40), Files: source.Files{}}
	for _, want := range []source.Version{one, two, one} {
		if err := source.Save(dir, want); err != nil {
			t.Fatal(err)
		}
		got, at, err := source.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("bytes",
			func(b []byte) string { return string(b) })); diff != "" {
			t.Errorf("(-saved +loaded):\n%s", diff)
		}
		if age := time.Since(at); age < -time.Minute || age > time.Hour {
			t.Errorf("it is %s old", age)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestSnapshotThatIsNone(t *testing.T) {
	dir := t.TempDir()
	v := source.Version{Commit: "1", Files: source.Files{"a.yaml": []byte("x")}}
	if err := source.Save(dir, v); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "plumb-admission.tar")
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", string(good[1024:]), string(good[:len(good)-1600]),
		strings.Replace(string(good), "a.yaml", "/.yaml", 1)} {
		if err := os.WriteFile(name, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if v, _, err := source.Load(dir); err == nil {
			t.Errorf("%d bytes: loaded as %v", len(bad), v)
		}
	}
}

func TestSaveInAFolderThatIsNot(t *testing.T) {
	if err := source.Save(filepath.Join(t.TempDir(), "x"),
		source.Version{Commit: "1"}); err == nil {
		t.Error("saved")
	}
}

func TestCheckOrigin(t *testing.T) {
	dir := source.NewDir("/srv/tree", nil)
	for _, tt := range []struct {
		source, signer string
		signed         bool
		want           string
	}{
		{"/srv/tree", "", false, ""},
		{"/srv/tree", "ada", true, ""},
		{"/srv/other", "ada", true, "it is of /srv/other, not of /srv/tree"},
		{"/srv/tree", "", true, "it was saved without a commit signature"},
	} {
		v := source.Version{Source: tt.source, Signer: tt.signer}
		err := source.CheckOrigin(dir, v, tt.signed)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}
