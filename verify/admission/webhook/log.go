package webhook

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/plumb-dev/plumb/verify/admission"
	"github.com/plumb-dev/plumb/verify/admission/source"
	"github.com/plumb-dev/plumb/verify/cluster"
)

// ObserveReloads returns what counts and logs the results of a Reloader's attempts to
// fetch the lock, and records Events of failures. A failure that repeats is logged once.
func ObserveReloads(ctx context.Context, log *slog.Logger, r *admission.Reloader, m *Metrics,
	events *cluster.EventRecorder) func(error) {
	last := ""
	return func(err error) {
		m.Refreshed(err)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if said != "" && said == last {
			log.Debug("unchanged failure", "error", err)
			return
		}
		last = said
		logRefresh(log, r, err)
		if err != nil && !errors.Is(err, source.ErrUnchanged) {
			events.Warn(ctx, "NoNewLock", err.Error())
		}
	}
}

// logRefresh logs the result of an attempt to fetch the lock.
func logRefresh(log *slog.Logger, r *admission.Reloader, err error) {
	var refused *source.RefusedError
	status, instead := r.Status(), "still serving the last good one"
	if status.State == nil {
		instead = "there is no lock to serve"
	}
	switch {
	case errors.Is(err, source.ErrUnchanged):
		log.Debug("lock unchanged")
	case errors.As(err, &refused):
		log.Error("new lock rejected; "+instead, "commit", refused.Commit, "reason", refused.Reason)
	case err != nil:
		log.Error("no new lock; "+instead, "error", err)
	default:
		log.Info("serving a new lock", "commit", status.State.Commit, "source", status.State.Source,
			"images", status.State.Images(), "unaccepted", status.State.Unaccepted(), "signer",
			status.State.Signer)
	}
}

// LogDecision logs a decision.
func LogDecision(ctx context.Context, log *slog.Logger, q *admission.Request, d admission.Decision,
	took time.Duration) {
	level := slog.LevelDebug
	if d.Rule != "" {
		level = slog.LevelInfo
	}
	log.Log(ctx, level, "reviewed", "decision", Outcome(d), "rule", d.Rule, "operation",
		q.Operation, "namespace", q.Namespace,
		"name", q.Name, "user", q.UserInfo.Username, "uid", q.UID, "message", d.Message, "took",
		took)
}

// RunBoth runs a server, and what keeps its certificate for as long.
func RunBoth(ctx context.Context, serve func(context.Context) error,
	keep func(context.Context)) error {
	ctx, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	if keep != nil {
		group.Go(func() { keep(ctx) })
	}
	return serve(ctx)
}
