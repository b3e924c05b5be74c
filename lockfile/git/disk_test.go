package git

import (
	"errors"
	"os/exec"
	"testing"
)

func TestOpenDiskRefusesOtherObjectFormats(t *testing.T) {
	for format, want := range map[string]string{"sha1": "", "sha256": "sha256"} {
		dir := t.TempDir()
		out, err := exec.Command("git", "init", "-q", "--object-format="+format, dir).CombinedOutput()
		if err != nil {
			t.Fatalf("git init: %v: %s", err, out)
		}
		d, err := OpenDisk(dir)
		var refused *ObjectFormatError
		switch errors.As(err, &refused) {
		case true:
			if refused.Format != want {
				t.Errorf("%s: refused as %q", format, refused.Format)
			}
		default:
			if err != nil || want != "" {
				t.Fatalf("%s: %v", format, err)
			}
			_ = d.Close()
		}
	}
}
