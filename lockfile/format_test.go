package lockfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestFormat(t *testing.T) {
	if diff := cmp.Diff(sampleText, string(sample().Format())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := string((&Lock{}).Format()), header+"\nversion: 1\nentries: []\n"; got != want {
		t.Errorf("the empty lock is %q, want %q", got, want)
	}
}

func TestFormatParse(t *testing.T) {
	for _, l := range []*Lock{{}, sample(), large(100)} {
		text := l.Format()
		got, err := Parse("plumb.lock", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if again := got.Format(); string(again) != string(text) {
			t.Errorf("written again:\n%s", cmp.Diff(string(text), string(again)))
		}
	}
}

// TestFormatOfAnything checks that whatever an entry holds, it stands alone in
// the text, and that Parse refuses what is no entry.
func TestFormatOfAnything(t *testing.T) {
	const evil = "x\n  - image: ghcr.io/evil/app:1\n    digest: sha256:0"
	for _, c := range []struct {
		name  string
		spoil func(e *Entry)
	}{
		{"name", func(e *Entry) { e.Name = evil }},
		{"digest", func(e *Entry) { e.Digest = evil }},
		{"media type", func(e *Entry) { e.MediaType = evil }},
		{"platform", func(e *Entry) { e.Platforms[0].Platform = evil }},
		{"manifest", func(e *Entry) { e.Platforms[0].Manifest = evil }},
		{"config", func(e *Entry) { e.Platforms[0].Config = evil }},
		{"signer", func(e *Entry) { e.Verified[0].Signer = evil }},
		{"no signer", func(e *Entry) { e.Verified[0].Signer = "" }},
		{"a signer that is not UTF-8", func(e *Entry) { e.Verified[0].Signer = "a\xffb" }},
		{"a signer that turns the text around", func(e *Entry) { e.Verified[0].Signer = "a\u202eb" }},
		{"a commit", func(e *Entry) { e.Kind, e.Ref, e.Commit = Git, "main", evil }},
		{"platforms of an artifact", func(e *Entry) { e.Kind = Artifact }},
	} {
		l := sample()
		nginx := l.Entries[6]
		c.spoil(&nginx)
		l.Entries = []Entry{nginx}
		text := string(l.Format())
		if strings.Count(text, "\n"+entryMark) != 1 {
			t.Errorf("%s: the text has another entry:\n%s", c.name, text)
		}
		if _, err := Parse("plumb.lock", []byte(text)); err == nil {
			t.Errorf("%s: Parse accepts\n%s", c.name, text)
		}
	}
}

// TestAnyYAMLReader checks that the canonical text means to a YAML library
// what it means to plumb.
func TestAnyYAMLReader(t *testing.T) {
	type document struct {
		Version int
		Entries []map[string]any
	}
	want := document{Version: 1}
	for _, e := range sample().Entries {
		want.Entries = append(want.Entries, asYAML(e))
	}
	var got document
	if err := yaml.Unmarshal(sample().Format(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = document{}
	if err := yaml.Unmarshal((&Lock{}).Format(), &got); err != nil || got.Entries == nil || len(got.Entries) != 0 {
		t.Errorf("the empty lock reads as %v (%v)", got, err)
	}
}

// asYAML is what a YAML reader makes of an entry.
func asYAML(e Entry) map[string]any {
	m := map[string]any{string(e.Kind): e.Name}
	for key, value := range map[string]string{"ref": e.Ref, "commit": e.Commit, "digest": e.Digest, "mediaType": e.MediaType,
		"range": e.Range, "version": e.Version, "content": e.Content, "tag": e.Tag} {
		if value != "" {
			m[key] = value
		}
	}
	var platforms, verified []any
	for _, p := range e.Platforms {
		line := p.Platform + " manifest " + p.Manifest
		if p.Config != "" {
			line += " config " + p.Config
		}
		platforms = append(platforms, line)
	}
	for _, v := range e.Verified {
		verified = append(verified, map[string]any{"policy": v.Policy, "authority": v.Authority, "signer": v.Signer, "evidence": v.Evidence})
	}
	if platforms != nil {
		m["platforms"] = platforms
	}
	if verified != nil {
		m["verified"] = verified
	}
	return m
}

func BenchmarkFormat(b *testing.B) {
	l := large(10_000)
	b.Run("entries=10000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.SetBytes(int64(len(l.Format())))
		}
	})
}
