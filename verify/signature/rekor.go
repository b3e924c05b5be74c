package signature

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/tlog"
)

// bundledEntries reads a bundle's log entries. Each has what the bundle's version
// demands: a proof of inclusion, or before 0.2 the log's promise.
func bundledEntries(logged []*protorekor.TransparencyLogEntry, proven bool) ([]*tlog.Entry, error) {
	entries := make([]*tlog.Entry, len(logged))
	for i, l := range logged {
		entry, err := tlog.ParseTransparencyLogEntry(l)
		switch {
		case err != nil:
			return nil, err
		case proven && !entry.HasInclusionProof():
			return nil, errors.New("inclusion proof missing in a log entry")
		case !proven && !entry.HasInclusionPromise():
			return nil, errors.New("inclusion promise missing in a log entry")
		}
		entries[i] = entry
	}
	return entries, nil
}

// promisedEntries reads the older format's log entry: a Rekor v1 entry with the
// log's promise to include it (a signed entry timestamp), without a proof.
func promisedEntries(annotation string) ([]*tlog.Entry, error) {
	var promise struct {
		SignedEntryTimestamp []byte
		Payload              struct {
			Body           string `json:"body"`
			IntegratedTime int64  `json:"integratedTime"`
			LogIndex       int64  `json:"logIndex"`
			LogID          string `json:"logID"`
		}
	}
	if err := json.Unmarshal([]byte(annotation), &promise); err != nil {
		return nil, err
	}
	body, err := base64.StdEncoding.DecodeString(promise.Payload.Body)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if len(body) > maxBody {
		return nil, tooLong("log entry", len(body), maxBody)
	}
	var kind struct {
		Kind       string `json:"kind"`
		APIVersion string `json:"apiVersion"`
	}
	if err := json.Unmarshal(body, &kind); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	id, err := hex.DecodeString(promise.Payload.LogID)
	if err != nil {
		return nil, fmt.Errorf("logID: %w", err)
	}
	entry, err := tlog.ParseTransparencyLogEntry(&protorekor.TransparencyLogEntry{
		LogIndex:       promise.Payload.LogIndex,
		LogId:          &protocommon.LogId{KeyId: id},
		KindVersion:    &protorekor.KindVersion{Kind: kind.Kind, Version: kind.APIVersion},
		IntegratedTime: promise.Payload.IntegratedTime,
		InclusionPromise: &protorekor.InclusionPromise{
			SignedEntryTimestamp: promise.SignedEntryTimestamp},
		CanonicalizedBody: body,
	})
	if err != nil {
		return nil, err
	}
	return []*tlog.Entry{entry}, nil
}
