package resolver

import "golang.org/x/sync/errgroup"

// maxQueries bounds the names that are queried at once; the registry client bounds
// the requests to each host below that.
const maxQueries = 128

// queryAll calls do for every item, many at once. The items of one host, which
// answers only so many requests at a time, are spread between those of others,
// so that no host has to wait for another.
func queryAll[T any](items []T, host func(T) string, do func(T)) {
	var group errgroup.Group
	group.SetLimit(maxQueries)
	for _, item := range spread(items, host) {
		group.Go(func() error {
			do(item)
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
}

// spread takes one item of each host in turn, hosts and items in their order.
func spread[T any](items []T, host func(T) string) []T {
	var hosts []string
	queues := map[string][]T{}
	for _, item := range items {
		h := host(item)
		if queues[h] == nil {
			hosts = append(hosts, h)
		}
		queues[h] = append(queues[h], item)
	}
	out := make([]T, 0, len(items))
	for len(out) < len(items) {
		for _, h := range hosts {
			if q := queues[h]; len(q) > 0 {
				out = append(out, q[0])
				queues[h] = q[1:]
			}
		}
	}
	return out
}
