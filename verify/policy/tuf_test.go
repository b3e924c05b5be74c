package policy_test

import (
	"encoding/base64"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumb-dev/plumb/verify/policy"
	evidence "github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

func TestRepository(t *testing.T) {
	w := newWorld(t)
	good := map[string]string{"trusted_root.json": w.root}
	tests := []struct {
		name   string
		change func(*tuf)
		more   string
		now    time.Time
		want   string // part of the error, "" for none
	}{
		{name: "as it is"},
		{name: "before it expires", now: expires.Add(-time.Hour)},
		{name: "after it expires", now: expires.Add(time.Hour), want: "expired"},
		{name: "a newer root", change: func(r *tuf) {
			r.rotate(false)
			r.publish(false, good, nil)
		}},
		{name: "a newer root that signs nothing yet", change: func(r *tuf) { r.rotate(false) }, want: "timestamp.json"},
		{name: "a newer root by itself", change: func(r *tuf) {
			r.signer = nil
			r.rotate(false)
		}, want: "2.root.json"},
		{name: "another target", change: func(r *tuf) {
			r.files["targets/trusted_root.json"] = []byte(strings.Replace(w.root, "https", "http_", 1))
		},
			want: "target trusted_root.json"},
		{name: "no target", change: func(r *tuf) { delete(r.files, "targets/trusted_root.json") }, want: "the repository does not hold it"},
		{name: "no timestamp", change: func(r *tuf) { delete(r.files, "timestamp.json") }, want: "timestamp.json: the repository does not hold it"},
		{name: "timestamp altered", change: func(r *tuf) { alter(r, "timestamp.json") }, want: "timestamp.json"},
		{name: "snapshot altered", change: func(r *tuf) { alter(r, "snapshot.json") }, want: "snapshot.json"},
		{name: "targets altered", change: func(r *tuf) { alter(r, "targets.json") }, want: "targets.json"},
		{name: "timestamp of nothing", change: func(r *tuf) { r.files["timestamp.json"] = []byte(`{"signed":{},"signatures":[]}`) }, want: "timestamp.json"},
		{name: "folder by name", more: "targets: targets"},
		{name: "folder of another name", more: "targets: other", want: "the repository does not hold it"},
		{name: "target by name", more: "trustedRootTarget: trusted_root.json"},
		{name: "target of another name", more: "trustedRootTarget: other.json", want: "neither a trusted_root.json nor a certificate authority"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newTUF(t, false, good, nil)
			if tt.change != nil {
				tt.change(r)
			}
			set, err := parseWith(policy.Options{Now: tt.now}, r.document(r.archive("repository/"), tt.more), cip(keyless("trustRootRef: acme")))
			switch {
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Fatalf("error is %v, want %q", err, tt.want)
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want == "":
				wantVerdict(t, set.Judge(app(t), []evidence.Evidence{w.sign(t, signaturetest.Signing{})}), "")
			}
		})
	}
}

// alter changes what is signed in a file and leaves the signature.
func alter(r *tuf, name string) {
	text := string(r.files[name])
	changed := strings.Replace(text, expires.Format("2006-01-02"), "2099-01-01", 1)
	if changed == text {
		r.t.Fatalf("%s has nothing to alter: %s", name, text)
	}
	r.files[name] = []byte(changed)
}

func TestRepositoryArchive(t *testing.T) {
	r := newTUF(t, true, map[string]string{"trusted_root.json": newWorld(t).root}, nil)
	for _, tt := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"none", []byte("x"), "unpacking"},
		{"cut short", r.archive("")[:200], "unpacking"},
		{"too large", bomb(t), "unpacking: more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(r.document(tt.archive))
			wantErrors(t, err, tt.want)
		})
	}
}

func TestRepositoryForms(t *testing.T) {
	w := newWorld(t)
	ctKey, err := w.CTLogPEM()
	if err != nil {
		t.Fatal(err)
	}
	logKey, err := w.LogPEM()
	if err != nil {
		t.Fatal(err)
	}
	usage := func(of string) string {
		return `{"sigstore":{"usage":"` + of + `","status":"Active","uri":"https://acme.example"}}`
	}
	parts := map[string]string{"fulcio.pem": string(w.AuthorityPEM()), "ctfe.pub": string(ctKey), "rekor.pub": string(logKey), "tsa.pem": string(w.TimestampPEM()), "notes": "x"}
	custom := map[string]string{"fulcio.pem": usage("Fulcio"), "ctfe.pub": usage("CTFE"), "rekor.pub": usage("Rekor"), "tsa.pem": usage("TSA")}
	tests := []struct {
		name   string
		tuf    *tuf
		folder string
	}{
		{"consistent snapshots", newTUF(t, true, map[string]string{"trusted_root.json": w.root}, nil), "repository/"},
		{"without a folder", newTUF(t, false, map[string]string{"trusted_root.json": w.root}, nil), ""},
		{"with a dot", newTUF(t, false, map[string]string{"trusted_root.json": w.root}, nil), "./repository/"},
		{"by usage", newTUF(t, false, parts, custom), "repository/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := mustParse(t, tt.tuf.document(tt.tuf.archive(tt.folder)), cip(keyless("trustRootRef: acme")))
			wantVerdict(t, set.Judge(app(t), []evidence.Evidence{w.sign(t, signaturetest.Signing{})}), "")
			other := newWorld(t).sign(t, signaturetest.Signing{})
			wantVerdict(t, set.Judge(app(t), []evidence.Evidence{other}), "log")
		})
	}
}

func TestRemote(t *testing.T) {
	w := newWorld(t)
	r := newTUF(t, true, map[string]string{"trusted_root.json": w.root}, nil)
	another := newTUF(t, true, map[string]string{"trusted_root.json": w.root}, nil)
	document := "apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: acme}\nspec:\n  remote:\n    mirror: https://tuf.acme.example\n    root: " +
		base64.StdEncoding.EncodeToString(r.files["1.root.json"]) + "\n"
	tests := []struct {
		name   string
		folder string
		files  map[string][]byte
		change func(files map[string][]byte)
		want   string
	}{
		{"copied", "policies/acme.tuf/", r.files, nil, ""},
		{"no copy", "policies/", r.files, nil, "policies/a.yaml:6:5: spec.remote: nothing is fetched while judging, and there is no copy of this repository in policies/acme.tuf: plumb policy trust makes it"},
		{"another's copy", "policies/other.tuf/", r.files, nil, "there is no copy of this repository in policies/acme.tuf"},
		{"another repository", "policies/acme.tuf/", another.files, nil, "the copy in policies/acme.tuf: timestamp.json"},
		{"no target", "policies/acme.tuf/", r.files, func(files map[string][]byte) {
			for name := range files {
				if strings.Contains(name, "trusted_root") {
					delete(files, name)
				}
			}
		}, "target trusted_root.json: targets/trusted_root.json: the repository does not hold it"},
		{"too large", "policies/acme.tuf/", r.files, func(files map[string][]byte) { files["policies/acme.tuf/timestamp.json"] = make([]byte, 9<<20) }, "more than the 8388608 that are read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string][]byte{}
			for name, data := range tt.files {
				files[tt.folder+name] = data
			}
			if tt.change != nil {
				tt.change(files)
			}
			set, err := parseWith(reading(files), document, cip(keyless("trustRootRef: acme")))
			if tt.want != "" {
				wantErrors(t, err, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantVerdict(t, set.Judge(app(t), []evidence.Evidence{w.sign(t, signaturetest.Signing{})}), "")
			files["policies/acme.tuf/timestamp.json"] = append(files["policies/acme.tuf/timestamp.json"], ' ')
			if again, err := parseWith(reading(files), document, cip(keyless("trustRootRef: acme"))); err != nil || again.Digest() == set.Digest() {
				t.Errorf("another copy makes the same set: %v", err)
			}
		})
	}
}

// reading are the options of a tree with these files.
func reading(files map[string][]byte) policy.Options {
	return policy.Options{ReadFile: func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data, nil
	}}
}

func TestWants(t *testing.T) {
	document := func(name, more string) policy.Document {
		return policy.Document{File: "policies/" + name + ".yaml", Data: []byte("apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: " + name +
			"}\nspec:\n  remote:\n    mirror: https://tuf.acme.example\n    root: e30=\n" + more)}
	}
	of := func(name string) policy.Remote {
		return policy.Remote{Name: name, Dir: "policies/" + name + ".tuf", URL: "https://tuf.acme.example", Root: []byte("{}"), Targets: "targets"}
	}
	w := newWorld(t)
	a, b := of("a"), of("b")
	a.Targets, a.Target = "other", "root.json"
	root := policy.Document{File: "policies/trusted_root.json", Data: []byte(w.root)}
	own := policy.Document{File: "policies/own.yaml", Data: []byte(w.trust)}
	tests := []struct {
		name string
		docs []policy.Document
		want policy.Wants
	}{
		{"nothing", nil, policy.Wants{}},
		{"two repositories", []policy.Document{document("b", ""), document("a", "    targets: other\n    trustedRootTarget: root.json\n"), own},
			policy.Wants{Remotes: []policy.Remote{a, b}}},
		{"a TrustRoot", []policy.Document{own, {File: "p", Data: []byte(cip(keyless("trustRootRef: acme")))}}, policy.Wants{}},
		{"a TrustRoot to be copied", []policy.Document{document("b", ""), {File: "p", Data: []byte(cip(keyless("trustRootRef: b")))}},
			policy.Wants{Remotes: []policy.Remote{b}}},
		{"the public root", []policy.Document{{File: "p", Data: []byte(cip(keyless("")))}}, policy.Wants{Public: true}},
		{"the public root, which is there", []policy.Document{{File: "p", Data: []byte(cip(keyless("")))}, root},
			policy.Wants{Public: true, PublicFile: "policies/trusted_root.json"}},
		{"a root that nobody wants", []policy.Document{root}, policy.Wants{PublicFile: "policies/trusted_root.json"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := policy.WantsOf(tt.docs, policy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("wants (-want +got):\n%s", diff)
			}
		})
	}
	_, err := policy.WantsOf([]policy.Document{document("a", "    target: x\n")}, policy.Options{})
	wantErrors(t, err, `unknown field "target" in spec.remote`)
	_, err = policy.WantsOf([]policy.Document{document("..", "")}, policy.Options{})
	wantErrors(t, err, `no folder can be called so`)
}

// bomb is a small archive of a large file.
func bomb(t *testing.T) []byte {
	t.Helper()
	r := &tuf{t: t, files: map[string][]byte{"zeros": make([]byte, 33<<20)}}
	return r.archive("")
}
