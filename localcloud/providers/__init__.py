"""Stand-ins for the Pulumi providers that no registry serves: AWS and random, as gRPC plugins."""
