package generate

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
)

// webhookTimeout is how long an API server waits for an answer, in seconds.
const webhookTimeout = 5

// webhook is what makes API servers ask: one webhook for each mode that a namespace may
// have, and one for all namespaces that have none.
func (o Options) webhook() object {
	var webhooks list
	for _, s := range scopes(o.Mode, nil, o.exempt()) {
		service := mapping{
			{key: "namespace", value: o.Namespace}, {key: "name", value: server},
			{key: "path", value: "/validate" + strings.Replace(s.suffix, "-", "/", 1)}, {key: "port", value: 443},
		}
		client := mapping{{key: "service", value: service}}
		if o.Certificates == CABundle {
			client = append(mapping{{key: "caBundle", value: base64.StdEncoding.EncodeToString(o.CABundle)}}, client...)
		}
		name := "admission.plumb.dev"
		if s.suffix != "" {
			name = s.suffix[1:] + "." + name
		}
		webhooks = append(webhooks, mapping{
			{key: "name", value: name},
			{key: "admissionReviewVersions", value: []string{"v1"}},
			{key: "clientConfig", value: client},
			{key: "failurePolicy", value: "Fail"},
			{key: "matchPolicy", value: "Equivalent"},
			{key: "namespaceSelector", value: s.selector},
			{key: "objectSelector", value: mapping{}},
			{key: "rules", value: append(workloads(), o.customRules(s.suffix == "")...)},
			{key: "sideEffects", value: "None"},
			{key: "timeoutSeconds", value: webhookTimeout},
		})
	}
	out := object{apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration", name: server,
		labels: labels("webhook"), body: mapping{{key: "webhooks", value: webhooks}}}
	if o.Certificates == CertManager {
		out.annotations = mapping{{key: "cert-manager.io/inject-ca-from", value: o.Namespace + "/" + server}}
	}
	return out
}

// customRules are those of Options.Resources. What is in no namespace is the default
// webhook's alone: a selector of namespaces does not keep it from the others.
func (o Options) customRules(all bool) list {
	scope := "Namespaced"
	if all {
		scope = "*"
	}
	var out list
	for _, r := range o.Resources {
		group, plural, _ := strings.Cut(r, "/")
		out = append(out, mapping{
			{key: "apiGroups", value: []string{group}},
			{key: "apiVersions", value: []string{"*"}},
			{key: "operations", value: []string{"CREATE", "UPDATE"}},
			{key: "resources", value: []string{plural}},
			{key: "scope", value: scope},
		})
	}
	return out
}

// checkCertificates refuses what API servers could not verify a certificate by.
func (o Options) checkCertificates() error {
	switch o.Certificates {
	case SelfSigned, CertManager:
		return nil
	case CABundle:
	default:
		return &OptionError{"certificates", "", "say where the webhook's certificate comes from"}
	}
	n := 0
	for rest := o.CABundle; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil || block.Type != "CERTIFICATE" {
			return &OptionError{"ca-bundle", block.Type, "holds something else than certificates"}
		}
	}
	if n == 0 {
		return &OptionError{"ca-bundle", "", "holds no certificate (PEM)"}
	}
	return nil
}

// issuer lets cert-manager sign the certificate with its own key.
func (o Options) issuer() object {
	return o.object("cert-manager.io/v1", "Issuer", server, mapping{{key: "spec", value: mapping{{key: "selfSigned", value: mapping{}}}}})
}

func (o Options) certificate() object {
	return o.object("cert-manager.io/v1", "Certificate", server, mapping{{key: "spec", value: mapping{
		{key: "secretName", value: tlsSecret},
		{key: "dnsNames", value: []string{o.host()}},
		{key: "issuerRef", value: mapping{{key: "kind", value: "Issuer"}, {key: "name", value: server}}},
		{key: "privateKey", value: mapping{{key: "algorithm", value: "ECDSA"}, {key: "rotationPolicy", value: "Always"}}},
	}}})
}
