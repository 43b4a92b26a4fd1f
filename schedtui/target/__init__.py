"""Where a node lives and how it is started: sandbox, local."""
