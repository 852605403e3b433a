"""One module for each kind of bucket. Each has the class of its `Store` and turns the errors of its library into sentences."""
