// The CRDs that the stand-in charts carry: no code is built from here, the YAML is read from the modules' folders.
module intendly.xyz/localcloud/tools/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/external-secrets/external-secrets v1.3.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
