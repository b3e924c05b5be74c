package chart

import (
	"runtime"
	"strings"
	"testing"
)

// BenchmarkIndex reads an index of 60 MB and the versions of three of its charts. It
// reports how much memory is in use in the end.
func BenchmarkIndex(b *testing.B) {
	text := bigIndex(60 << 20)
	b.SetBytes(int64(len(text)))
	r := &repository{}
	r.url, _ = parseRepo("https://charts.example.org")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		x := &index{}
		if err := x.read(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		for _, name := range []string{"chart-0001", "chart-0100", "chart-0400"} {
			list, err := x.versions(Name{"https://charts.example.org", name}, r)
			if err != nil || len(list) != 100 {
				b.Fatal(len(list), err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-in-use")
		if err := x.close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVersions parses the versions of one chart, 100 KB of the index.
func BenchmarkVersions(b *testing.B) {
	text := bigIndex(100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		x := &index{}
		if err := x.read(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		if list, err := x.entries("chart-0000"); err != nil || len(list) != 100 {
			b.Fatal(len(list), err)
		}
	}
}

// BenchmarkWhole parses the same as a whole, for comparison.
func BenchmarkWhole(b *testing.B) {
	text := []byte(bigIndex(100))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := parseIndex(text); err != nil {
			b.Fatal(err)
		}
	}
}
