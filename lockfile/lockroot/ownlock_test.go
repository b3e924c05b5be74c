package lockroot_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile/manifest"
)

// Helm rejects a Chart.yaml whose dependencies differ from those in its Chart.lock, so the
// version there is the pin, and nothing is edited.
func TestChartLock(t *testing.T) {
	lock := "dependencies:\n- name: db\n  repository: https://charts.example.org/\n  version: 1.2.3\n" +
		"digest: sha256:" + strings.Repeat("a", 64) + "\n"
	for name, tt := range map[string]struct {
		file, lock, pin string
		editable        bool
	}{
		"none":                 {"Chart.yaml", "", "", true},
		"as the chart has it":  {"Chart.yaml", lock, "1.2.3", false},
		"of Helm 2":            {"requirements.yaml", lock, "1.2.3", false},
		"out of the range":     {"Chart.yaml", strings.Replace(lock, "1.2.3", "2.0.0", 1), "", false},
		"no version":           {"Chart.yaml", strings.Replace(lock, "1.2.3", "^1", 1), "", false},
		"of another chart":     {"Chart.yaml", strings.Replace(lock, "db", "cache", 1), "", false},
		"of another place":     {"Chart.yaml", strings.Replace(lock, "charts.", "mirror.", 1), "", false},
		"what cannot be read":  {"Chart.yaml", "dependencies: [", "", false},
		"an empty one":         {"Chart.yaml", "\n", "", false},
		"one of another chart": {"web/Chart.yaml", "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{tt.file: webChart, "Chart.lock": tt.lock}
			switch {
			case tt.file == "requirements.yaml":
				files = map[string]string{tt.file: webChart, "requirements.lock": tt.lock}
			case tt.file == "web/Chart.yaml":
				files["Chart.lock"] = lock
			case tt.lock == "":
				delete(files, "Chart.lock")
			}
			dir := folder(t, files)
			git(t, dir, "add", "-A")
			git(t, dir, "commit", "-qm", "a")
			for _, open := range ways {
				r := chartIn(t, dir, open, tt.file)
				edits := r.PinSource(manifest.SourcePin{Version: "1.9.9"})
				if r.Source.Pin != tt.pin || r.Editable != tt.editable || (len(edits) > 0) != tt.editable ||
					r.Source.Holder != manifest.ByPlumbAlone || !tt.editable && r.Why == "" {
					t.Errorf("pin %q, held by %s, editable %v, %q", r.Source.Pin, r.Source.Holder, r.Editable, r.Why)
				}
			}
		})
	}
}
