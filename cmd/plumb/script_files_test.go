package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// snapshotKey is where a script keeps what "snapshot" saw.
const snapshotVariable = "SNAPSHOT"

// cmdSnapshot is "snapshot": remember every byte and mode below the current
// directory.
func cmdSnapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: snapshot")
	}
	name := filepath.Join(ts.Getenv("HOME"), "snapshot")
	ts.Check(os.WriteFile(name, picture(ts), 0o644))
	ts.Setenv(snapshotVariable, name)
}

// cmdSame is "same": nothing below the current directory has changed since the
// snapshot. "! same" wants a change.
func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 0 {
		ts.Fatalf("usage: [!] same")
	}
	before, err := os.ReadFile(ts.Getenv(snapshotVariable))
	ts.Check(err)
	after := picture(ts)
	switch same := bytes.Equal(before, after); {
	case !same && !neg:
		ts.Fatalf("the files have changed\nbefore:\n%s\nnow:\n%s", before, after)
	case same && neg:
		ts.Fatalf("no file has changed")
	}
}

// picture describes every file below the script's directory but git's own.
func picture(ts *testscript.TestScript) []byte {
	root := ts.MkAbs(".")
	var lines []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte("-> elsewhere")
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(root, name)
		lines = append(lines, rel+" "+info.Mode().String()+" "+info.ModTime().String()+"\n"+string(content))
		return err
	})
	ts.Check(err)
	sort.Strings(lines)
	return []byte(strings.Join(lines, "\n"))
}
