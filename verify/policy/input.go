package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// The members of what policies are evaluated on, by which an expression in CEL names
// them: of an attestation's statement, and of wholeInput.
var (
	statementMembers = []string{"_type", "predicateType", "subject", "predicate"}
	wholeMembers     = []string{"authorityMatches", "config", "spec", "metadata", "typemeta"}
)

// wholeInput is what spec.policy is evaluated on.
type wholeInput struct {
	AuthorityMatches map[string]match           `json:"authorityMatches,omitempty"`
	Config           map[string]json.RawMessage `json:"config,omitempty"`
	Spec             json.RawMessage            `json:"spec,omitempty"`
	ObjectMeta       json.RawMessage            `json:"metadata,omitempty"`
	TypeMeta         *typeMeta                  `json:"typemeta,omitempty"`
}

type typeMeta struct {
	Kind       string `json:"kind,omitempty"`
	APIVersion string `json:"apiVersion,omitempty"`
}

// match is what an authority that passed found.
type match struct {
	Signatures   []signatureInput              `json:"signatures,omitempty"`
	Attestations map[string][]attestationInput `json:"attestations,omitempty"`
	Static       bool                          `json:"static,omitempty"`
}

type signatureInput struct {
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	Issuer  string `json:"issuer,omitempty"`

	WorkflowTrigger string `json:"githubWorkflowTrigger,omitempty"`
	WorkflowSHA     string `json:"githubWorkflowSha,omitempty"`
	WorkflowName    string `json:"githubWorkflowName,omitempty"`
	WorkflowRepo    string `json:"githubWorkflowRepo,omitempty"`
	WorkflowRef     string `json:"githubWorkflowRef,omitempty"`
}

type attestationInput struct {
	signatureInput
	PredicateType string `json:"predicateType,omitempty"` // as the policy writes it
	Digest        string `json:"digest,omitempty"`
}

func newSignatureInput(v verified) signatureInput {
	e := v.Extensions
	return signatureInput{ID: v.ID, Subject: v.Signer.Subject, Issuer: v.Signer.Issuer,
		// Fulcio writes these for GitHub's workflows, and policies use them by these names.
		WorkflowTrigger: e.GithubWorkflowTrigger, //nolint:staticcheck
		WorkflowSHA:     e.GithubWorkflowSHA,
		WorkflowName:    e.GithubWorkflowName,
		WorkflowRepo:    e.GithubWorkflowRepository,
		WorkflowRef:     e.GithubWorkflowRef,
	}
}

func newAttestationInput(v verified, want attestation) attestationInput {
	stored := v.evidence.Bundle
	if v.evidence.Legacy != nil {
		stored = v.evidence.Legacy.Payload
	}
	return attestationInput{signatureInput: newSignatureInput(v), PredicateType: want.predicateType,
		Digest: digestOf(stored)}
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// digest is that of evidence i in its stored form.
func (j *judgement) digest(i int) string {
	if j.digests[i] == "" {
		j.digests[i] = digestOf(j.evidence[i].Format())
	}
	return j.digests[i]
}

// include adds to the input what the rule needs besides, which must be known.
func (w *wholeInput) include(r *rule, image Image) error {
	if r.config {
		if len(image.Configs) == 0 {
			return errors.New(
				"it needs the image's configuration (fetchConfigFile), which is not known here")
		}
		w.Config = image.Configs
	}
	o := image.Object
	for _, want := range []struct {
		asked bool
		name  string
		known bool
	}{
		{r.spec, "includeSpec", o != nil && o.Spec != nil},
		{r.objectMeta, "includeObjectMeta", o != nil && o.Metadata != nil},
		{r.typeMeta, "includeTypeMeta", o != nil},
	} {
		if want.asked && !want.known {
			return fmt.Errorf(
				"it needs the object that the image is in (%s), which is not known here", want.name)
		}
	}
	if r.spec {
		w.Spec = o.Spec
	}
	if r.objectMeta {
		w.ObjectMeta = o.Metadata
	}
	if r.typeMeta {
		w.TypeMeta = &typeMeta{Kind: o.Kind, APIVersion: o.APIVersion}
	}
	return nil
}

// statementInput is what an attestation's policy is evaluated on: the in-toto
// statement, with the members that every statement has and no others.
func statementInput(payload []byte) ([]byte, error) {
	var statement struct {
		Type          string          `json:"_type"`
		PredicateType string          `json:"predicateType"`
		Subject       json.RawMessage `json:"subject"`
		Predicate     json.RawMessage `json:"predicate"`
	}
	if err := json.Unmarshal(payload, &statement); err != nil {
		return nil, err
	}
	return json.Marshal(statement)
}
