"""Pipelines and runs on a Kubeflow Pipelines server, through the official kfp.Client."""
