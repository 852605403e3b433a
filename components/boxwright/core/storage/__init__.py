"""Files by URI: reads from the web and from buckets through a cache, and publishes to buckets."""
