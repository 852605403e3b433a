"""The recipe that answers the findings: anchors, rates, steps and repeats, and the training that a user gives."""
