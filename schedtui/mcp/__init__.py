"""The MCP server: what an agent may look at, try and propose. It approves nothing itself."""
