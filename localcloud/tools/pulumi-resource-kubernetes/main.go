// Command pulumi-resource-kubernetes serves the real Pulumi Kubernetes provider.
//
// The provider's own command cannot be built from its module (it embeds files that its release
// build generates), so this one starts the same server. The schema is only needed to generate SDKs.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() {
	provider.Serve("kubernetes", "4.34.2", []byte("{}"), []byte("{}"))
}
