package registry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/plumb-dev/plumb/lockfile/oci"
	"github.com/plumb-dev/plumb/resolver/registry"
	"github.com/plumb-dev/plumb/resolver/registry/registrytest"
)

// BenchmarkResolve resolves new names in 318 repositories on five hosts that
// take 20 ms for each response. requests/op is what that costs the registries.
func BenchmarkResolve(b *testing.B) {
	const hosts, repositories = 5, 318
	for _, n := range []int{500} {
		b.Run(fmt.Sprintf("names=%d", n), func(b *testing.B) {
			var servers []*registrytest.Server
			for range hosts {
				servers = append(servers, registrytest.New(b, registrytest.Options{Token: true, Delay: 20 * time.Millisecond}))
			}
			var names []oci.Name
			for i := range n {
				s := servers[i%repositories%hosts]
				repo, tag := fmt.Sprintf("acme/app%d", i%repositories), fmt.Sprintf("v%d", i)
				s.PushIndex(repo, tag, i)
				names = append(names, named(s, repo, tag))
			}
			b.ReportAllocs()
			for b.Loop() {
				c := newClient(b, registry.Options{})
				for i, err := range resolveAll(b, c, names) {
					if err != nil {
						b.Fatalf("%s: %v", names[i], err)
					}
				}
			}
			requests := 0
			for _, s := range servers {
				requests += s.Count("")
			}
			b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
		})
	}
}
