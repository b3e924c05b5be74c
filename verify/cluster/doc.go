// Package cluster talks to a Kubernetes cluster. Its Client gets from the API server what
// admission needs: a ConfigMap, a Secret, the caBundle of a webhook, and Events. Its Kubectl
// gets objects of any kind with the user's own credentials. Neither watches anything.
package cluster
