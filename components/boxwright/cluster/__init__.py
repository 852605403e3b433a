"""Uploads pipelines to a Kubeflow Pipelines server and starts and follows runs there, through the official kfp.Client."""
