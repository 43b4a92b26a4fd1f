"""Repository of policies: metadata, parameters, retrieval, rendering of source."""
