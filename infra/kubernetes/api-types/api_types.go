//go:build tools

// Package apitypes names the Go types that KEDA and the Prometheus operator read their resources into, and the generator that makes
// schemas of them: the manifests are checked against those schemas. It is never compiled; go.mod and go.sum pin the versions.
package apitypes

import (
	_ "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
