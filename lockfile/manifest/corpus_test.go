package manifest

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// The corpus holds other people's repositories with hand-checked truth. It
// stands beside the checkout and is no part of it.
const corpus = "../../../shared/corpus"

// corpusRepos maps the truth lists to the folders of their repositories.
var corpusRepos = map[string]string{
	"GoogleCloudPlatform__microservices-demo": "microservices-demo",
	"onedr0p__home-ops":                       "home-ops",
	"prometheus-operator__kube-prometheus":    "kube-prometheus",
	"tektoncd__plumbing":                      "plumbing",
}

// wantedKinds are the truth's kinds that plumb finds today.
var wantedKinds = map[string]bool{
	"image": true, "image-split": true, "image-override": true, "image-arg": true, "image-env": true,
	"image-configmap": true, "image-embedded": true, "oci-artifact": true, "tekton-bundle": true,
	"chart": true, "git": true, "kustomize-git": true, "kustomize-url": true, "url": true, "helm-repo": true,
	"tekton-git": true, "jsonnet-dep": true,
}

var wantedScopes = map[string]bool{"cluster": true, "helm-template": true, "rendered": true}

// doubtful are rows of the excluded lists which are wrong: containers of a
// CronJob that kubelet pulls. The list has them as push targets, because the
// job that they belong to starts image builds.
var doubtful = map[string]bool{
	"tekton/cronjobs/bases/image-build/trigger-image-build.yaml:30": true,
	"tekton/cronjobs/bases/image-build/trigger-image-build.yaml:54": true,
	"tekton/cronjobs/bases/image-build/trigger-image-build.yaml:69": true,
}

// minRecall is the share of the truth's rows that must be found at their line.
const minRecall = 0.99

func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Logf("NOT MEASURED: the corpus of real repositories is absent (%v)", err)
		t.Skip("the corpus of real repositories is absent")
	}
	wanted, hits := 0, 0
	for truth, folder := range corpusRepos {
		root := filepath.Join(corpus, "repos", folder)
		found, suspects := scanTree(t, root)
		for _, row := range readTSV(t, filepath.Join(corpus, "truth", truth+".tsv")) {
			if !wantedKinds[row["kind"]] || !wantedScopes[row["scope"]] {
				continue
			}
			wanted++
			place := row["file"] + ":" + row["line"]
			switch {
			case found[place] != nil:
				hits++
			case suspects[place] && row["pin"] == "tpl":
				hits++ // filled in at run time, and said to be
			case suspects[place]:
				t.Logf("only a suspect: %s %s %s", place, row["kind"], row["ref"])
			default:
				t.Logf("missed: %s %s %s (%s)", place, row["kind"], row["ref"], row["field"])
			}
		}
		for _, row := range readTSV(t, filepath.Join(corpus, "truth", truth+".excluded.tsv")) {
			place := row["file"] + ":" + row["line"]
			if refs := found[place]; refs != nil && !doubtful[place] {
				t.Errorf("%s is reported as a reference (%s), but is none: %s", place, refs, row["reason"])
			}
		}
	}
	recall := float64(hits) / float64(wanted)
	t.Logf("found %d of %d rows at their line: %.2f %%", hits, wanted, 100*recall)
	if wanted == 0 || recall < minRecall {
		t.Errorf("recall is %.4f, want at least %v", recall, minRecall)
	}
}

// TestCorpusBeyondTruth prints what is reported that the truth does not list,
// so that a person can judge it.
func TestCorpusBeyondTruth(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus of real repositories is absent")
	}
	for truth, folder := range corpusRepos {
		listed := map[string]bool{}
		for _, row := range readTSV(t, filepath.Join(corpus, "truth", truth+".tsv")) {
			listed[row["file"]+":"+row["line"]] = true
		}
		found, _ := scanTree(t, filepath.Join(corpus, "repos", folder))
		var more []string
		for place, refs := range found {
			if !listed[place] {
				more = append(more, fmt.Sprintf("%s %v", place, refs))
			}
		}
		sort.Strings(more)
		for _, m := range more {
			t.Log(m)
		}
	}
}

// scanTree scans every candidate below root, as the commands do, and returns
// references and suspects by file:line.
func scanTree(t *testing.T, root string) (found map[string][]string, suspects map[string]bool) {
	t.Helper()
	s := NewScanner(Options{})
	var files []File
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !Candidate(d.Name()) {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		files = append(files, s.Scan(filepath.ToSlash(rel), src))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range NamedFiles(Links{}, files) {
		name := filepath.Join(root, n.Path)
		if info, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, s.ScanNamed(n, src))
	}
	found, suspects = map[string][]string{}, map[string]bool{}
	for _, f := range files {
		if f.Unreadable != nil {
			t.Logf("unreadable: %s:%d: %s", f.Path, f.Unreadable.Line, f.Unreadable.Message)
		}
		for _, r := range f.References {
			place := r.File + ":" + strconv.Itoa(r.Line)
			found[place] = append(found[place], r.Reference)
		}
		for _, r := range f.Remarks {
			suspects[r.File+":"+strconv.Itoa(r.Line)] = true
		}
	}
	return found, suspects
}

// readTSV reads a table whose first line names the columns.
func readTSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var header []string
	var rows []map[string]string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if header == nil {
			header = cells
			continue
		}
		row := map[string]string{}
		for i, c := range cells {
			if i < len(header) {
				row[header[i]] = c
			}
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatalf("%s holds no row", name)
	}
	return rows
}
