package evidence_test

import (
	"crypto/ecdsa"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile"
	"github.com/plumb-dev/plumb/verify/evidence"
	"github.com/plumb-dev/plumb/verify/signature"
	"github.com/plumb-dev/plumb/verify/signature/signaturetest"
)

// run is one run of a program with a memory.
type run struct {
	stage
	external         bool
	build            string
	records, secrets string // files
}

// remembering is a run with a place of its own for what it remembers, and an entry that
// is accepted.
func remembering(t *testing.T) *run {
	t.Helper()
	e := signed(t, signaturetest.Signing{})
	dir := t.TempDir()
	return &run{
		stage:   stage{entry(keyless(evidence.Digest(e))), storing(e), by(t, byIdentity)},
		build:   "plumb 1",
		records: filepath.Join(dir, "cache", "verdicts"), secrets: filepath.Join(dir, "config", "verdicts.key"),
	}
}

// judge judges the entry, keeps what was learned, and reports whether it was
// remembered, for which the verdict tells nothing of policies.
func (r *run) judge(t *testing.T) (v evidence.Verdict, hit bool) {
	t.Helper()
	judge := r.world.judge(t, r.files)
	judge.ExternalPolicies, judge.Cache = r.external, evidence.OpenVerdictCache(r.records, r.secrets, r.build)
	v = judge.JudgeCached(r.entry)
	judge.Cache.Save()
	return v, v.Accepted && v.Policies == nil
}

// read returns the bytes of a file that has to be there.
func (r *run) read(t *testing.T, name string) []byte {
	t.Helper()
	return must[[]byte](t)(os.ReadFile(name))
}

func (r *run) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerdictCache(t *testing.T) {
	r := remembering(t)
	if v, hit := r.judge(t); hit || !v.Accepted {
		t.Fatalf("the first run: remembered %t, accepted %t: %s", hit, v.Accepted, said(v))
	}
	before := r.read(t, r.records)
	if v, hit := r.judge(t); !hit || said(v) != "" {
		t.Errorf("the second run: remembered %t: %s", hit, said(v))
	}
	if string(r.read(t, r.records)) != string(before) {
		t.Error("a run that learned nothing has written")
	}
	for _, name := range []string{r.records, r.secrets} {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others can read it (%v, %v)", name, info.Mode(), err)
		}
	}
	if got, err := filepath.Glob(filepath.Join(filepath.Dir(r.records), "*")); err != nil || len(got) != 1 {
		t.Errorf("beside the records there is %q", got)
	}
}

// TestVerdictCacheMisses changes each thing that a verdict is made of. None is believed
// across the change, and once it is undone the record counts again.
func TestVerdictCacheMisses(t *testing.T) {
	other := must[*signaturetest.Sigstore](t)(another())
	more := func(s *run) {
		// Two pieces of evidence, of which each alone is enough.
		e := signed(t, signaturetest.Signing{})
		s.files[evidence.File(evidence.Digest(e))] = e.Format()
		s.entry.Verified = append(s.entry.Verified, keyless(evidence.Digest(e)))
	}
	for _, tt := range []struct {
		name     string
		change   func(r *run)
		accepted bool // the change is for the better, or of no weight
	}{
		{"another build", func(r *run) { r.build = "plumb 2" }, true},
		{"no build", func(r *run) { r.build = "" }, true},
		{"a comment in the policy", func(r *run) { r.policy += "# more\n" }, true},
		{"another policy", func(r *run) { r.policy = strings.Replace(byIdentity, subject, subject+"0", 1) }, false},
		{"no policy that matches", func(r *run) { r.policy = strings.Replace(byIdentity, "team/**", "other/**", 1) }, false},
		{"another trust root", func(r *run) { r.trust = other }, false},
		{"the time", func(r *run) { r.options.Now = signaturetest.Epoch }, true},
		{"external policies", func(r *run) { r.external = true }, true},
		{"another tag", func(r *run) { r.entry.Name = repository + ":v2" }, true},
		{"another repository", func(r *run) { r.entry.Name = "registry.example/team/other:v1" }, true},
		{"another digest", func(r *run) { r.entry.Digest = digestOf([]byte("else")) }, false},
		{"another media type", func(r *run) { r.entry.MediaType = "application/vnd.oci.image.manifest.v1+json" }, true},
		{"a platform", func(r *run) {
			r.entry.Platforms = []lockfile.Platform{{Platform: "linux/amd64", Manifest: pin, Config: pin}}
		}, true},
		{"another signer", func(r *run) { r.entry.Verified[0].Signer = "the president" }, true},
		{"more evidence", more, true},
		{"no evidence", func(r *run) { r.entry.Verified = nil }, false},
		{"evidence that is altered", func(r *run) {
			for path, data := range r.files {
				r.files[path] = append(data[:len(data):len(data)], ' ')
			}
		}, false},
		{"evidence that is gone", func(r *run) { r.files = folder{} }, false},
		{"other evidence", func(r *run) {
			r.swap(signed(t, signaturetest.Signing{Subject: "https://github.com/evil", Issuer: issuer}).Format())
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := remembering(t)
			r.judge(t)
			if _, hit := r.judge(t); !hit {
				t.Fatal("it is not remembered")
			}
			changed := *r
			changed.files = folder{}
			for path, data := range r.files {
				changed.files[path] = data
			}
			changed.entry.Verified = append([]lockfile.Verified(nil), r.entry.Verified...)
			tt.change(&changed)
			v, hit := changed.judge(t)
			if hit {
				t.Error("it is remembered, although it is another thing")
			}
			if v.Accepted != tt.accepted {
				t.Errorf("accepted: %t, want %t: %s", v.Accepted, tt.accepted, said(v))
			}
			if _, hit := r.judge(t); !hit {
				t.Error("the change undone, it is not remembered any more")
			}
		})
	}
}

// The key that a policy names stands in a file of its own.
func TestVerdictCacheMissesAnotherKey(t *testing.T) {
	r := remembering(t)
	mine := must[*signaturetest.Sigstore](t)(instance())
	e := must[signature.Evidence](t)(mine.Sign(signaturetest.Signing{Repository: repository, Digest: pin, Key: r.key, Log: signaturetest.NoLog}))
	r.policy, r.files, r.entry = byKey, storing(e), entry(keyed(t, evidence.Digest(e)))
	r.judge(t)
	if _, hit := r.judge(t); !hit {
		t.Fatal("it is not remembered")
	}
	r.key = must[*ecdsa.PrivateKey](t)(otherKey())
	if v, hit := r.judge(t); hit || v.Accepted {
		t.Error("another key is accepted")
	}
}

// TestVerdictCacheDamaged has files that are not as they were left: nothing is believed
// of them, and they are mended.
func TestVerdictCacheDamaged(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, r *run)
		hit    bool
	}{
		{"nothing", func(*testing.T, *run) {}, true},
		{"bytes at the end", func(t *testing.T, r *run) { r.write(t, r.records, append(r.read(t, r.records), "more"...)) }, true},
		{"one bit", func(t *testing.T, r *run) {
			data := r.read(t, r.records)
			data[7] ^= 1
			r.write(t, r.records, data)
		}, false},
		{"bytes at the beginning", func(t *testing.T, r *run) { r.write(t, r.records, append([]byte("x"), r.read(t, r.records)...)) }, false},
		{"cut short", func(t *testing.T, r *run) { r.write(t, r.records, r.read(t, r.records)[:31]) }, false},
		{"empty", func(t *testing.T, r *run) { r.write(t, r.records, nil) }, false},
		{"gone", func(t *testing.T, r *run) { must[int](t)(0, os.Remove(r.records)) }, false},
		{"no secret", func(t *testing.T, r *run) { must[int](t)(0, os.Remove(r.secrets)) }, false},
		{"another secret", func(t *testing.T, r *run) { r.write(t, r.secrets, make([]byte, 32)) }, false},
		{"a short secret", func(t *testing.T, r *run) { r.write(t, r.secrets, r.read(t, r.secrets)[:31]) }, false},
		{"an empty secret", func(t *testing.T, r *run) { r.write(t, r.secrets, nil) }, false},
		{"records of another user", func(t *testing.T, r *run) {
			theirs := remembering(t)
			theirs.stage = r.stage
			theirs.judge(t)
			r.write(t, r.records, theirs.read(t, theirs.records))
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := remembering(t)
			r.judge(t)
			tt.damage(t, r)
			if v, hit := r.judge(t); hit != tt.hit || !v.Accepted || said(v) != "" {
				t.Errorf("remembered %t, want %t; accepted %t: %s", hit, tt.hit, v.Accepted, said(v))
			}
			if _, hit := r.judge(t); !hit {
				t.Error("it was not mended")
			}
		})
	}
}

// A secret that others can read, or that is somewhere else, is none.
func TestVerdictCacheOfNoSecret(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes say nothing there")
	}
	for name, weaken := range map[string]func(file string) error{
		"for all to read": func(file string) error { return os.Chmod(file, 0o644) },
		"a link": func(file string) error {
			if err := os.Rename(file, file+"2"); err != nil {
				return err
			}
			return os.Symlink(file+"2", file)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := remembering(t)
			r.judge(t)
			must[int](t)(0, weaken(r.secrets))
			if _, hit := r.judge(t); hit {
				t.Error("it is believed")
			}
		})
	}
}

// What cannot be kept is verified each time.
func TestVerdictCacheWithoutPlace(t *testing.T) {
	r := remembering(t)
	for _, place := range []*string{&r.records, &r.secrets} {
		was := *place
		file := filepath.Join(t.TempDir(), "file")
		r.write(t, file, nil)
		*place = filepath.Join(file, "below")
		for range 2 {
			if v, hit := r.judge(t); hit || !v.Accepted {
				t.Errorf("remembered %t, accepted %t", hit, v.Accepted)
			}
		}
		*place = was
	}
	var none *evidence.VerdictCache
	none.Save() // as a run without a memory does
}

// TestVerdictCacheOfTheAccepted has verdicts that are not remembered.
func TestVerdictCacheOfTheAccepted(t *testing.T) {
	warn := strings.Replace(strings.Replace(byIdentity, "{name: app}", "{name: warned}", 1), subject, "https://github.com/other", 1) + "  mode: warn\n"
	for name, change := range map[string]func(r *run){
		"denied":                func(r *run) { r.entry.Verified = nil },
		"no evidence is needed": func(r *run) { r.policy, r.entry.Verified = byAnyone, nil },
		"unmatched":             func(r *run) { r.policy = strings.Replace(byIdentity, "team/**", "other/**", 1) },
		"remarked":              func(r *run) { r.policy = byIdentity + "---\n" + warn },
		"unproven":              func(r *run) { r.entry.Verified[0].Signer = "the president" },
		"missing": func(r *run) {
			r.entry.Verified = append(r.entry.Verified, keyless(digestOf([]byte("gone"))))
		},
		"no evidence": func(r *run) {
			r.policy = byAnyone
			r.swap([]byte("{}"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := remembering(t)
			change(r)
			for range 2 {
				if v, hit := r.judge(t); hit {
					t.Errorf("it is remembered: %s", said(v))
				}
			}
			if _, err := os.Stat(r.records); err == nil {
				t.Error("something was kept")
			}
			if _, err := os.Stat(r.secrets); err == nil {
				t.Error("a secret was made for nothing")
			}
		})
	}
}

// TestVerdictCacheIsBounded has more entries than are kept: those that are still asked for
// stay. Many goroutines ask at once.
func TestVerdictCacheIsBounded(t *testing.T) {
	const most, part = 1 << 15, 1 << 14
	r := remembering(t)
	r.policy = byAnyone
	set := r.set(t)
	e := signed(t, signaturetest.Signing{Key: r.key, Log: signaturetest.NoLog, Legacy: true})
	line := keyed(t, evidence.Digest(e))
	all := func(from, to int) (hits int) {
		judge := &evidence.Judge{Policies: set, Read: storing(e).read, ExternalPolicies: true, Cache: evidence.OpenVerdictCache(r.records, r.secrets, r.build)}
		var group sync.WaitGroup
		var mu sync.Mutex
		for worker := range 4 {
			group.Go(func() {
				for i := from + worker; i < to; i += 4 {
					e := entry(line)
					e.Name = fmt.Sprintf("%s:%d", repository, i)
					if v := judge.JudgeCached(e); v.Policies == nil {
						mu.Lock()
						hits++
						mu.Unlock()
					}
				}
			})
		}
		group.Wait()
		judge.Cache.Save()
		return hits
	}
	if hits := all(0, most); hits != 0 {
		t.Errorf("the first run remembers %d", hits)
	}
	// Half of them again, and as many new ones as push out the other half.
	if hits := all(part, most+part); hits != part {
		t.Errorf("the second run remembers %d, want %d", hits, part)
	}
	if hits := all(part, most+part); hits != most {
		t.Errorf("the third run remembers %d, want %d", hits, most)
	}
	if size := len(r.read(t, r.records)); size != most*32 {
		t.Errorf("%d bytes are kept, want %d", size, most*32)
	}
}

// A verdict by a Set that knows the time is one for that time only.
func TestVerdictCacheOfTimes(t *testing.T) {
	r := remembering(t)
	r.options.Now = signaturetest.Epoch
	r.judge(t)
	if _, hit := r.judge(t); !hit {
		t.Error("for the same time it is not remembered")
	}
	r.options.Now = signaturetest.Epoch.Add(time.Second)
	if _, hit := r.judge(t); hit {
		t.Error("for another time it is remembered")
	}
}
