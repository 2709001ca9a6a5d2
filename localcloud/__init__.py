"""The local cloud: what stands in for AWS on a laptop, and the builder of the parts that are real."""
