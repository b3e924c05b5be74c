package cli

import (
	"runtime/debug"
	"testing"
)

func TestReadSettings(t *testing.T) {
	tests := []struct {
		name     string
		settings []debug.BuildSetting
		want     Build
	}{
		{"built without git", []debug.BuildSetting{{Key: "-trimpath", Value: "true"}}, Build{}},
		{"a clean checkout", []debug.BuildSetting{
			{Key: "vcs", Value: "git"},
			{Key: "vcs.revision", Value: "5b1f"},
			{Key: "vcs.time", Value: "2026-01-02T03:04:05Z"},
			{Key: "vcs.modified", Value: "false"},
		}, Build{Commit: "5b1f", CommitTime: "2026-01-02T03:04:05Z"}},
		{"a changed checkout", []debug.BuildSetting{
			{Key: "vcs.revision", Value: "5b1f"},
			{Key: "vcs.modified", Value: "true"},
		}, Build{Commit: "5b1f", Modified: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got Build
			got.readSettings(tt.settings)
			if got.Commit != tt.want.Commit || got.CommitTime != tt.want.CommitTime ||
				got.Modified != tt.want.Modified {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
