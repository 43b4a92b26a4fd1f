"""External schedulers: which are installed, what is known of them, what they say themselves."""
