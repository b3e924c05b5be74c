package resolver

import "golang.org/x/sync/errgroup"

// maxQueries bounds the names that are queried at once; the registry client bounds
// the requests to each host below that.
const maxQueries = 128

// Step is a name for which a registry is queried: that it begins, or that it is done.
type Step struct {
	Host  string // of the registry, in canonical form
	Done  bool   // else it begins
	Total int    // of names; 0 for a query that is not about one of them, as for tags
}

// Progress is told of each step, by many goroutines at once. Nil is told nothing.
type Progress func(Step)

// uncounted tells of queries that are not about one of the names that are counted.
func (p Progress) uncounted() Progress {
	if p == nil {
		return nil
	}
	return func(s Step) {
		s.Total = 0
		p(s)
	}
}

// queryAll calls do for every item, many at once, and tells progress of each. The items
// of one host, which answers only so many requests at a time, are spread between those
// of others, so that no host has to wait for another.
func queryAll[T any](items []T, host func(T) string, progress Progress, do func(T)) {
	var group errgroup.Group
	group.SetLimit(maxQueries)
	if progress == nil {
		progress = func(Step) {}
	}
	for _, item := range spread(items, host) {
		group.Go(func() error {
			h := host(item)
			progress(Step{Host: h, Total: len(items)})
			do(item)
			progress(Step{Host: h, Done: true, Total: len(items)})
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
