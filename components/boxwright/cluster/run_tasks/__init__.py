"""The tasks of a run. KFP with ML Metadata lists Argo's nodes, KFP without it lists the tasks themselves."""
