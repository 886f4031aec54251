"""Posts of social networks: collected without names, emptied where they are taken down or grow old."""
