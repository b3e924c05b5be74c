package webhook

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
)

// Metrics are Prometheus metrics of decisions and of the lock.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  prometheus.Histogram
	failures prometheus.Counter
	glass    prometheus.Counter
}

// NewMetrics returns the metrics of a reloader's lock, and of the calls of Reviewed and
// Refreshed.
func NewMetrics(r *admission.Reloader) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plumb_admission_requests_total",
			Help: "Admission requests by decision (allowed, denied, would-deny) and rule.",
		}, []string{"decision", "rule"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "plumb_admission_duration_seconds",
			Help:    "Time that a decision took, without reading the request.",
			Buckets: prometheus.ExponentialBuckets(50e-6, 2, 14),
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plumb_lock_load_failures_total",
			Help: "Failed attempts to fetch or load a lock.",
		}),
		glass: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plumb_admission_break_glass_total",
			Help: "Objects allowed by the label " + admission.BreakGlassLabel + ".",
		}),
	}
	m.registry.MustRegister(m.requests, m.latency, m.failures, m.glass, &lock{reloader: r},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Reviewed counts a decision.
func (m *Metrics) Reviewed(d admission.Decision, took time.Duration) {
	m.requests.WithLabelValues(Outcome(d), d.Rule).Inc()
	m.latency.Observe(took.Seconds())
	if d.Rule == admission.ReasonBreakGlass {
		m.glass.Inc()
	}
}

// Outcome is a decision in a word: "allowed", "denied", "would-deny" or an admission.Reason.
func Outcome(d admission.Decision) string {
	switch {
	case !d.Allowed:
		return "denied"
	case d.Annotations["decision"] != "":
		return d.Annotations["decision"]
	}
	return "allowed"
}

// Refreshed counts the result of an attempt to fetch the lock.
func (m *Metrics) Refreshed(err error) {
	if err != nil && !errors.Is(err, source.ErrUnchanged) {
		m.failures.Inc()
	}
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// lock collects the metrics of the lock.
type lock struct {
	reloader *admission.Reloader
	once     sync.Once
	info     *prometheus.Desc
	age      *prometheus.Desc
	images   *prometheus.Desc
}

// descs creates the descriptions.
func (l *lock) descs() {
	l.info = prometheus.NewDesc("plumb_lock_info", "The served lock, by commit.",
		[]string{"commit", "source", "signer"}, nil)
	l.age = prometheus.NewDesc("plumb_lock_age_seconds",
		"Time since the source last confirmed the served lock.", nil, nil)
	l.images = prometheus.NewDesc("plumb_lock_images", "Images in the served lock.", nil, nil)
}

// Describe implements prometheus.Collector.
func (l *lock) Describe(out chan<- *prometheus.Desc) {
	l.once.Do(l.descs)
	out <- l.info
	out <- l.age
	out <- l.images
}

// Collect implements prometheus.Collector. Without a lock there are no metrics of it.
func (l *lock) Collect(out chan<- prometheus.Metric) {
	l.once.Do(l.descs)
	s := l.reloader.Status()
	if s.State == nil {
		return
	}
	out <- prometheus.MustNewConstMetric(l.info, prometheus.GaugeValue, 1, s.State.Commit,
		s.State.Source, s.State.Signer)
	out <- prometheus.MustNewConstMetric(l.age, prometheus.GaugeValue,
		time.Since(s.Confirmed).Seconds())
	out <- prometheus.MustNewConstMetric(l.images, prometheus.GaugeValue, float64(s.State.Images()))
}
