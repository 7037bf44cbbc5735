"""The bugs that were found, and whether the suite would find each of them again."""
