package generate

import "strconv"

// componentLabel tells the server from the webhook that asks it.
const componentLabel = "app.kubernetes.io/component"

// labels are those of each object.
func labels(component string) mapping {
	return append(selector(), field{key: componentLabel, value: component}, field{key: "app.kubernetes.io/part-of", value: "plumb"})
}

// selector are the labels by which the server's Pods are known.
func selector() mapping { return mapping{{key: "app.kubernetes.io/name", value: server}} }

// object is an object of the server's in its namespace.
func (o Options) object(apiVersion, kind, name string, body mapping) object {
	return object{apiVersion: apiVersion, kind: kind, name: name, namespace: o.Namespace, labels: labels("server"), body: body}
}

func (o Options) namespace() object {
	own := append(labels("server"), field{key: "pod-security.kubernetes.io/enforce", value: "restricted"})
	return object{apiVersion: "v1", kind: "Namespace", name: o.Namespace, labels: own}
}

func (o Options) serviceAccount() object {
	return o.object("v1", "ServiceAccount", server, mapping{{key: "automountServiceAccountToken", value: false}})
}

// usesAPI reports whether the server asks the API server for anything.
func (o Options) usesAPI() bool { return o.Certificates == SelfSigned }

// rbac is what the server may do: nothing, unless it sees to its certificate itself.
func (o Options) rbac() []object {
	if !o.usesAPI() {
		return nil
	}
	rule := func(comment, group, resource string, names []string, verbs ...string) item {
		r := mapping{{key: "apiGroups", value: []string{group}}, {key: "resources", value: []string{resource}}}
		if names != nil {
			r = append(r, field{key: "resourceNames", value: names})
		}
		return item{comment, append(r, field{key: "verbs", value: verbs})}
	}
	role := o.object("rbac.authorization.k8s.io/v1", "Role", server, mapping{{key: "rules", value: list{
		rule("To keep its certificate, which all replicas share.", "", "secrets", []string{tlsSecret}, "get", "update"),
		rule("A Secret that is yet to be made cannot be named.", "", "secrets", nil, "create"),
		rule("To tell that it refused a lock.", "events.k8s.io", "events", nil, "create"),
	}}})
	cluster := object{apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: server, labels: labels("server"),
		body: mapping{{key: "rules", value: list{
			rule("To tell API servers which certificate to trust (caBundle).", "admissionregistration.k8s.io",
				"validatingwebhookconfigurations", []string{server}, "get", "patch"),
		}}}}
	subjects := list{mapping{{key: "kind", value: "ServiceAccount"}, {key: "name", value: server}, {key: "namespace", value: o.Namespace}}}
	binding := func(kind string) mapping {
		return mapping{
			{key: "roleRef", value: mapping{{key: "apiGroup", value: "rbac.authorization.k8s.io"}, {key: "kind", value: kind}, {key: "name", value: server}}},
			{key: "subjects", value: subjects},
		}
	}
	return []object{
		role,
		o.object("rbac.authorization.k8s.io/v1", "RoleBinding", server, binding("Role")),
		cluster,
		{apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: server, labels: labels("server"), body: binding("ClusterRole")},
	}
}

// The ports of the server.
const (
	webhookPort = 8443
	metricsPort = 9090 // with /healthz, /readyz and /signal
)

func (o Options) service() object {
	port := func(name string, port, target int) mapping {
		return mapping{{key: "name", value: name}, {key: "port", value: port}, {key: "targetPort", value: target}}
	}
	return o.object("v1", "Service", server, mapping{{key: "spec", value: mapping{
		{key: "selector", value: selector()},
		{key: "ports", value: list{port("webhook", 443, webhookPort), port("metrics", metricsPort, metricsPort)}},
	}}})
}

func (o Options) disruptionBudget() object {
	return o.object("policy/v1", "PodDisruptionBudget", server, mapping{{key: "spec", value: mapping{
		{key: "maxUnavailable", value: 1},
		{key: "selector", value: mapping{{key: "matchLabels", value: selector()}}},
	}}})
}

// networkPolicy lets the server talk to whom it has to.
func (o Options) networkPolicy() object {
	tcp := func(ports ...int) list {
		var out list
		for _, p := range ports {
			out = append(out, mapping{{key: "protocol", value: "TCP"}, {key: "port", value: p}})
		}
		return out
	}
	port, err := gitPort(o.Git)
	number, convErr := strconv.Atoi(port)
	if err != nil || convErr != nil {
		number = 443 // check has refused such an address
	}
	egress := list{
		item{"Names are looked up.", mapping{{key: "ports", value: append(tcp(53), mapping{{key: "protocol", value: "UDP"}, {key: "port", value: 53}})}}},
		item{"The repository.", mapping{{key: "ports", value: tcp(number)}}},
	}
	if o.usesAPI() {
		egress = append(egress, item{"The API server, behind its Service or not.", mapping{{key: "ports", value: tcp(443, 6443)}}})
	}
	return o.object("networking.k8s.io/v1", "NetworkPolicy", server, mapping{{key: "spec", value: mapping{
		{key: "podSelector", value: mapping{{key: "matchLabels", value: selector()}}},
		{key: "policyTypes", value: []string{"Ingress", "Egress"}},
		{key: "ingress", value: list{
			item{"API servers are no Pods, and have no label to be known by.", mapping{{key: "ports", value: tcp(webhookPort)}}},
			item{"Metrics, and signals of new commits.", mapping{
				{key: "from", value: list{mapping{{key: "namespaceSelector", value: mapping{}}}}},
				{key: "ports", value: tcp(metricsPort)},
			}},
		}},
		{key: "egress", value: egress},
	}}})
}
