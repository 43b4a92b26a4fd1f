"""The headless verbs: one module per verb, each the twin of something the screen offers."""
