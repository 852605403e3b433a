"""What is done before the model files of strangers are used: they are recognised, bounded, and tried in a child process."""
