// Command api-validation holds Kubernetes objects against what the API server itself does when one is created: it fills in defaults and
// validates, which knows what no schema says: the words a field takes, that a selector picks its own pods, that a probe needs a port.
// It reads objects as JSON lines and prints what is refused, or warned of, as JSON lines. Kinds that are not built in pass.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// What the API server does with an object of each kind before it stores it.
var strategies = map[string]rest.RESTCreateStrategy{
	"ConfigMap":               configmap.Strategy,
	"CronJob":                 cronjob.Strategy,
	"Deployment":              deployment.Strategy,
	"HorizontalPodAutoscaler": horizontalpodautoscaler.Strategy,
	"Job":                     job.Strategy,
	"Namespace":               namespace.Strategy,
	"NetworkPolicy":           networkpolicy.Strategy,
	"PodDisruptionBudget":     poddisruptionbudget.Strategy,
	"PriorityClass":           priorityclass.Strategy,
	"Service":                 service.Strategy,
	"ServiceAccount":          serviceaccount.Strategy,
	"StatefulSet":             statefulset.Strategy,
}

var restricted = api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}

var standard = newStandard()

func newStandard() policy.Evaluator {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	return evaluator
}

// A line of output: which line of the input is refused, and why.
type refusal struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for line := 0; lines.Scan(); line++ {
		for _, message := range append(refusals(lines.Bytes()), forbidden(lines.Bytes())...) {
			if err := out.Encode(refusal{line, message}); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

func refusals(text []byte) []string {
	object, kind, err := legacyscheme.Codecs.UniversalDecoder().Decode(text, nil, nil)
	if kind != nil && !legacyscheme.Scheme.IsGroupRegistered(kind.Group) {
		return nil
	}
	if err != nil {
		return []string{err.Error()}
	}
	strategy, ok := strategies[kind.Kind]
	if !ok {
		return []string{fmt.Sprintf("nobody here knows what the API server asks of a %s", kind.Kind)}
	}
	return created(strategy, object, *kind)
}

func created(strategy rest.RESTCreateStrategy, object runtime.Object, kind schema.GroupVersionKind) []string {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return []string{err.Error()}
	}
	ctx := request.WithRequestInfo(request.WithNamespace(context.Background(), accessor.GetNamespace()), &request.RequestInfo{
		IsResourceRequest: true,
		APIGroup:          kind.Group,
		APIVersion:        kind.Version,
		Verb:              "create",
	})
	rest.FillObjectMetaSystemFields(accessor)
	if service, ok := object.(*core.Service); ok {
		allocate(service)
	}
	messages := []string{}
	if err := rest.BeforeCreate(strategy, ctx, object); err != nil {
		messages = causes(err)
	}
	messages = append(messages, strategy.WarningsOnCreate(ctx, object)...)
	return messages
}

// Addresses and ports that the API server would have given out by then.
func allocate(service *core.Service) {
	if service.Spec.ClusterIP != "" {
		service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
	}
	if service.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal {
		service.Spec.HealthCheckNodePort = 30000
	}
}

// Where objects keep the pods they make: most as one template, a CronJob in that of its Jobs, a ClickHouseInstallation as a list.
type pods struct {
	Spec struct {
		Template    *corev1.PodTemplateSpec
		JobTemplate struct {
			Spec struct{ Template *corev1.PodTemplateSpec }
		}
		Templates struct{ PodTemplates []corev1.PodTemplateSpec }
	}
}

// What the restricted pod security standard, which the namespace enforces, says of the object's pods.
func forbidden(text []byte) []string {
	found := pods{}
	if err := json.Unmarshal(text, &found); err != nil {
		return []string{err.Error()}
	}
	templates := found.Spec.Templates.PodTemplates
	for _, template := range []*corev1.PodTemplateSpec{found.Spec.Template, found.Spec.JobTemplate.Spec.Template} {
		if template != nil {
			templates = append(templates, *template)
		}
	}
	messages := []string{}
	for _, pod := range templates {
		result := policy.AggregateCheckResults(standard.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
		if !result.Allowed {
			messages = append(messages, "restricted pod security forbids "+result.ForbiddenDetail())
		}
	}
	return messages
}

func causes(err error) []string {
	status, ok := err.(apierrors.APIStatus)
	if !ok || status.Status().Details == nil {
		return []string{err.Error()}
	}
	messages := []string{}
	for _, cause := range status.Status().Details.Causes {
		messages = append(messages, cause.Field+": "+cause.Message)
	}
	return messages
}
