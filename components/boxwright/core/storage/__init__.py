"""Files by URI: reading from the web and from buckets through a cache, and publishing in buckets."""
