"""The TF Object Detection API on a current TensorFlow: compatibility, PPN feature extractors, pipeline.config, weights."""
