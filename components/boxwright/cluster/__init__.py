"""Uploads pipelines to a Kubeflow Pipelines server, and starts and monitors runs there, through the official kfp.Client."""
