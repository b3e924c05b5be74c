package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/plumb-dev/plumb/verify/admission/apiservertest"
	"github.com/plumb-dev/plumb/verify/admission/webhook"
)

// pods is how many Pods are created in each namespace to measure admission through an
// API server, one after the other and by dry-run.
const pods = 300

// throughAPIServer measures what admission adds to the creation of a Pod: in a namespace
// that no webhook governs, in one whose webhook only answers "allowed", and in plumb's.
func throughAPIServer(ctx context.Context, b *bench) error {
	checkout, err := checkoutDir(ctx)
	if err != nil {
		return err
	}
	server, err := apiservertest.Start(checkout, filepath.Join(b.dir, "apiserver"))
	if err != nil {
		return err
	}
	defer server.Stop()
	tree, err := signedTreeIn(filepath.Join(b.dir, "tree"), 1000)
	if err != nil {
		return err
	}
	plumb, err := b.serve(ctx, tree)
	if err != nil {
		return err
	}
	defer plumb.stop()
	allow, err := b.allow(ctx)
	if err != nil {
		return err
	}
	defer allow.stop()
	config, err := clientcmd.BuildConfigFromFlags("", server.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	c := &apiClient{client, tree.image}
	cert, err := os.ReadFile(filepath.Join(b.dir, "tls.crt"))
	if err != nil {
		return err
	}
	bundle := base64.StdEncoding.EncodeToString(cert)
	for namespace, url := range map[string]string{"bare": "", "allow": allow.url, "plumb": plumb.url} {
		if err := c.govern(ctx, namespace, url, bundle); err != nil {
			return err
		}
	}
	return b.createPods(ctx, c)
}

// checkoutDir is the top of the checkout that make bench runs in.
func checkoutDir(ctx context.Context) (string, error) {
	const module = "github.com/plumb-dev/plumb"
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	return strings.TrimSpace(string(out)), err
}

// createPods creates Pods in each namespace in turns.
func (b *bench) createPods(ctx context.Context, c *apiClient) error {
	namespaces := []string{"bare", "allow", "plumb"}
	took := map[string][]time.Duration{}
	for range b.runs {
		sum := map[string]time.Duration{}
		for i := range pods {
			for j := range namespaces {
				namespace := namespaces[(i+j)%len(namespaces)]
				start := time.Now()
				if err := c.create(ctx, namespace, c.image); err != nil {
					return err
				}
				sum[namespace] += time.Since(start)
			}
		}
		for namespace, d := range sum {
			took[namespace] = append(took[namespace], d)
		}
	}
	each := map[string]float64{}
	for namespace, all := range took {
		slices.Sort(all)
		each[namespace] = inMilliseconds(all[len(all)/2]) / pods
	}
	b.note("a Pod by dry-run: %.2f ms without a webhook, %.2f ms with one that allows, "+
		"%.2f ms with plumb's", each["bare"], each["allow"], each["plumb"])
	b.budget("apiserver-pods", each["plumb"]/each["bare"], 2.2, ratio)
	b.budget("apiserver-pods-to-allow", each["plumb"]/each["allow"], 1.15, ratio)
	return nil
}

// apiClient creates Pods of an image.
type apiClient struct {
	client dynamic.Interface
	image  string
}

var (
	namespacesResource = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	accountsResource   = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	podsResource       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	webhooksResource   = schema.GroupVersionResource{Group: "admissionregistration.k8s.io",
		Version: "v1", Resource: "validatingwebhookconfigurations"}
)

const webhookConfiguration = `
{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration",
"metadata":{"name":%[1]q},"webhooks":[{
"name":"%[1]s.bench.example","admissionReviewVersions":["v1"],"sideEffects":"None",
"failurePolicy":"Fail","timeoutSeconds":5,
"clientConfig":{"url":%[2]q,"caBundle":%[3]q},
"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":%[1]q}},
"rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}]}]}`

// govern creates a namespace and, unless url is "", a webhook for it. It returns once the
// API server calls the webhook.
func (c *apiClient) govern(ctx context.Context, name, url, bundle string) error {
	object := fmt.Sprintf(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, name)
	if err := c.make(ctx, namespacesResource, "", object); err != nil {
		return err
	}
	object = `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}`
	if err := c.make(ctx, accountsResource, name, object); err != nil {
		return err
	}
	if url != "" {
		object = fmt.Sprintf(webhookConfiguration, name, url, bundle)
		if err := c.make(ctx, webhooksResource, "", object); err != nil {
			return err
		}
	}
	for range pods { // the first calls are slow, and a new webhook is not called at once
		if err := c.create(ctx, name, c.image); err != nil {
			return err
		}
	}
	if err := c.create(ctx, name, "nginx"); name == "plumb" && err == nil {
		return errors.New("the API server does not call plumb")
	}
	return nil
}

func (c *apiClient) make(
	ctx context.Context, resource schema.GroupVersionResource, namespace, object string,
	dryRun ...string,
) error {
	var o unstructured.Unstructured
	if err := json.Unmarshal([]byte(object), &o.Object); err != nil {
		return err
	}
	options := metav1.CreateOptions{DryRun: dryRun}
	_, err := c.client.Resource(resource).Namespace(namespace).Create(ctx, &o, options)
	return err
}

// create creates a Pod by dry-run.
func (c *apiClient) create(ctx context.Context, namespace, image string) error {
	object := fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
"spec":{"containers":[{"name":"c","image":%q}]}}`, image)
	return c.make(ctx, podsResource, namespace, object, metav1.DryRunAll)
}

// allowMode makes this program the webhook that plumb's is held against.
const allowMode = "allow"

// allow starts it.
func (b *bench) allow(ctx context.Context) (*served, error) {
	cert, key := filepath.Join(b.dir, "tls.crt"), filepath.Join(b.dir, "tls.key")
	s := &served{cmd: exec.CommandContext(ctx, b.self, allowMode, cert, key)}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, err
	}
	s.url = "https://" + strings.TrimSpace(line) + webhook.Path
	return s, nil
}

// allowAll answers every AdmissionReview with "allowed", until it is killed.
func allowAll(cert, key string, stdout, stderr io.Writer) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	fmt.Fprintln(stdout, l.Addr())
	err = http.ServeTLS(l, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var review struct{ Request struct{ UID string } }
		if err := json.NewDecoder(q.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",
"response":{"uid":%q,"allowed":true}}`, review.Request.UID)
	}), cert, key)
	fmt.Fprintln(stderr, err)
	return 1
}
