"""The HTTP service: enrolment and inspection over the network. `serve.app` puts it together."""
