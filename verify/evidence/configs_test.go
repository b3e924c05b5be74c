package evidence_test

import (
	"strings"
	"testing"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/evidence"
)

// byConfig is a policy on the configs of all platforms.
const byConfig = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: app}
spec:
  images: [{glob: "registry.example/team/**"}]
  authorities: [{name: anyone, static: {action: pass}}]
  policy: {type: cel, fetchConfigFile: true, data: 'config.all(p, config[p].config.User == "65532")'}
`

// TestConfigs judges by the configs that are stored for an entry.
func TestConfigs(t *testing.T) {
	const good, root = `{"config":{"User":"65532"}}`, `{"config":{"User":"0"}}`
	of := func(text string) string { return digestOf([]byte(text)) }
	tests := []struct {
		name      string
		platforms []lockfile.Platform
		files     []string // what is stored, under the digest of it
		altered   bool
		want      string // part of what is said; "" if it is accepted
	}{
		{"all as they should be", []lockfile.Platform{{Platform: "linux/amd64", Config: of(good)}, {Platform: "linux/arm64", Config: of(good)}}, []string{good}, false, ""},
		{"one is not", []lockfile.Platform{{Platform: "linux/amd64", Config: of(good)}, {Platform: "linux/arm64", Config: of(root)}}, []string{good, root}, false, "its policy does not hold"},
		{"the second of a name is not", []lockfile.Platform{{Platform: "windows/amd64", Config: of(good)}, {Platform: "windows/amd64", Config: of(root)}}, []string{good, root}, false, "its policy does not hold"},
		{"one is missing", []lockfile.Platform{{Platform: "linux/amd64", Config: of(good)}, {Platform: "linux/arm64", Config: of(root)}}, []string{good}, false,
			evidence.File(of(root)) + " is missing: "},
		{"one is not in the lock", []lockfile.Platform{{Platform: "linux/amd64", Config: of(good)}, {Platform: "linux/s390x"}}, []string{good}, false,
			"plumb.lock does not have the config of linux/s390x"},
		{"one is altered", []lockfile.Platform{{Platform: "linux/amd64", Config: of(root)}}, []string{root}, true, evidence.File(of(root)) + " is altered"},
		{"one is not JSON", []lockfile.Platform{{Platform: "linux/amd64", Config: of("{")}}, []string{"{"}, false, "is not JSON"},
		{"no platforms", nil, nil, false, "needs the image's configuration (fetchConfigFile), which is not known here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := folder{}
			for _, text := range tt.files {
				files[evidence.File(of(text))] = []byte(text)
				if tt.altered {
					files[evidence.File(of(text))] = []byte(good)
				}
			}
			e := entry()
			e.Platforms = tt.platforms
			judge := by(t, byConfig).judge(t, files)
			if !judge.NeedsConfigs(e) {
				t.Error("no config is needed")
			}
			v := judge.Entry(e)
			if v.Accepted != (tt.want == "") || !strings.Contains(said(v), tt.want) || tt.want == "" && said(v) != "" {
				t.Errorf("accepted %t: %q, want %q", v.Accepted, said(v), tt.want)
			}
			if with := judge.With(e, nil, nil, nil); with.Accepted != v.Accepted {
				t.Errorf("without stored evidence, accepted is %t", with.Accepted)
			}
		})
	}
	if by(t, byAnyone).judge(t, nil).NeedsConfigs(entry()) {
		t.Error("a policy that asks for none needs configs")
	}
}
