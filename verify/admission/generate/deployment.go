package generate

import "strings"

// mount is a volume, and where the server finds it.
type mount struct {
	name, path string
	readOnly   bool
	source     field
}

// fileMode is 0440: the server is in the group that the files belong to.
const fileMode = 0o440

// mounts are the server's files.
func (o Options) mounts() []mount {
	secret := func(name, path, secret string) mount {
		return mount{name, path, true, field{key: "secret", value: mapping{{key: "secretName", value: secret}, {key: "defaultMode", value: fileMode}}}}
	}
	scratch := func(name, path, size string) mount {
		return mount{name, path, false, field{key: "emptyDir", value: mapping{{key: "sizeLimit", value: size}}}}
	}
	out := []mount{scratch("state", "/var/lib/plumb", "512Mi"), scratch("tmp", "/tmp", "1Gi")}
	if o.Certificates != SelfSigned {
		out = append(out, secret("tls", "/etc/plumb/tls", tlsSecret))
	}
	if o.Credentials != "" {
		out = append(out, secret("git", "/etc/plumb/git", o.Credentials))
	}
	if o.TrustCommits != "" {
		out = append(out, secret("signers", "/etc/plumb/signers", o.TrustCommits))
	}
	if o.Policy != "" {
		out = append(out, mount{"policy", "/etc/plumb/policy", true, field{key: "configMap",
			value: mapping{{key: "name", value: o.Policy}, {key: "defaultMode", value: fileMode}}}})
	}
	return out
}

// arguments are the server's command line.
func (o Options) arguments() list {
	args := []string{"admission", "serve", "--git=" + o.Git, "--branch=" + o.Branch}
	for _, path := range o.Paths {
		args = append(args, "--path="+path)
	}
	if o.Credentials != "" {
		args = append(args, "--credentials=/etc/plumb/git")
	}
	if o.TrustCommits != "" {
		args = append(args, "--trust-commits=/etc/plumb/signers/signers")
	}
	if o.Policy != "" {
		args = append(args, "--policy=/etc/plumb/policy")
	}
	args = append(args, "--state=/var/lib/plumb", "--drain=5s", "--mode="+o.Mode.String())
	if o.Existing {
		args = append(args, "--existing=warn")
	}
	for _, name := range o.exempt() {
		args = append(args, "--exempt="+name)
	}
	for _, name := range o.BreakGlass {
		args = append(args, "--break-glass="+name)
	}
	if o.Certificates == SelfSigned {
		args = append(args, "--self-signed="+strings.Join([]string{o.Namespace, server, tlsSecret}, "/"))
	} else {
		args = append(args, "--cert=/etc/plumb/tls/tls.crt", "--key=/etc/plumb/tls/tls.key")
	}
	out := list{}
	for _, a := range args {
		out = append(out, a)
	}
	return out
}

func (o Options) deployment() object {
	return o.object("apps/v1", "Deployment", server, mapping{{key: "spec", value: mapping{
		{key: "replicas", value: o.Replicas},
		{key: "selector", value: mapping{{key: "matchLabels", value: selector()}}},
		{key: "strategy", value: mapping{
			{key: "type", value: "RollingUpdate"},
			{key: "rollingUpdate", value: mapping{{key: "maxUnavailable", value: 0}, {key: "maxSurge", value: 1}}},
		}},
		{key: "template", value: mapping{
			{key: "metadata", value: mapping{{key: "labels", value: labels("server")}}},
			{key: "spec", value: o.pod()},
		}},
	}}})
}

// pod is as Kubernetes' restricted profile wants it.
func (o Options) pod() mapping {
	var volumes list
	for _, m := range o.mounts() {
		volumes = append(volumes, mapping{{key: "name", value: m.name}, m.source})
	}
	apart := mapping{{key: "preferredDuringSchedulingIgnoredDuringExecution", value: list{mapping{
		{key: "weight", value: 100},
		{key: "podAffinityTerm", value: mapping{
			{key: "topologyKey", value: "kubernetes.io/hostname"},
			{key: "labelSelector", value: mapping{{key: "matchLabels", value: selector()}}},
		}},
	}}}}
	return mapping{
		{key: "serviceAccountName", value: server},
		{key: "automountServiceAccountToken", value: o.usesAPI()},
		{key: "affinity", value: mapping{{key: "podAntiAffinity", value: apart}}},
		{key: "nodeSelector", value: mapping{{key: "kubernetes.io/os", value: "linux"}}},
		{key: "securityContext", value: mapping{
			{key: "runAsNonRoot", value: true},
			{key: "runAsUser", value: user},
			{key: "runAsGroup", value: user},
			{key: "fsGroup", value: user},
			{key: "seccompProfile", value: mapping{{key: "type", value: "RuntimeDefault"}}},
		}},
		{key: "containers", value: list{o.container()}},
		{key: "volumes", value: volumes},
	}
}

// user is the user and the group that the server runs as.
const user = 65532

func (o Options) container() mapping {
	var mounts list
	for _, m := range o.mounts() {
		one := mapping{{key: "name", value: m.name}, {key: "mountPath", value: m.path}}
		if m.readOnly {
			one = append(one, field{key: "readOnly", value: true})
		}
		mounts = append(mounts, one)
	}
	port := func(name string, number int) mapping {
		return mapping{{key: "name", value: name}, {key: "containerPort", value: number}}
	}
	probe := func(path string, more ...field) mapping {
		get := mapping{{key: "path", value: path}, {key: "port", value: "metrics"}}
		return append(mapping{{key: "httpGet", value: get}}, more...)
	}
	return mapping{
		{key: "name", value: server},
		{key: "image", value: o.Image},
		{key: "args", value: o.arguments()},
		{key: "ports", value: list{port("webhook", webhookPort), port("metrics", metricsPort)}},
		{key: "livenessProbe", value: probe("/healthz")},
		{key: "readinessProbe", value: probe("/readyz", field{key: "periodSeconds", value: 5}, field{key: "failureThreshold", value: 2})},
		{key: "resources", value: mapping{
			{key: "requests", value: mapping{{key: "cpu", value: "100m"}, {key: "memory", value: "128Mi"}}},
			{key: "limits", value: mapping{{key: "memory", value: "512Mi"}}},
		}},
		{key: "securityContext", value: mapping{
			{key: "allowPrivilegeEscalation", value: false},
			{key: "readOnlyRootFilesystem", value: true},
			{key: "capabilities", value: mapping{{key: "drop", value: []string{"ALL"}}}},
		}},
		{key: "volumeMounts", value: mounts},
	}
}
